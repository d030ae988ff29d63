import { describe, expect, it } from 'vitest'
import { found, newTick, tickGaps, type Candidate } from './tick'

const one: Candidate = {
  id: 1, version: '1', name: '凤城甲店', uscc: '', py: 'fcjd', town: '凤城镇', address: '', state: 'pending', stateLabel: '未核', prio: false,
  reasons: '', sources: '', kind: '', firm: null, note: '', tickedBy: '',
}

describe('what a tick still needs', () => {
  it('asks for the result first', () => {
    expect(tickGaps(newTick('1'), one)).toEqual(['state'])
  })
  it('wants a kind for a new firm, not for one on file', () => {
    const d = { ...newTick('1'), state: 'in' }
    expect(tickGaps(d, one)).toEqual(['kind'])
    expect(tickGaps(d, { ...one, firm: 7 })).toEqual([])
    expect(tickGaps({ ...d, kind: 'seller' }, one)).toEqual([])
  })
  it('wants a reason to be out, words for another reason and for not found', () => {
    expect(tickGaps({ ...newTick('1'), state: 'out' }, one)).toEqual(['why'])
    expect(tickGaps({ ...newTick('1'), state: 'out', why: 'other' }, one)).toEqual(['note'])
    expect(tickGaps({ ...newTick('1'), state: 'none' }, one)).toEqual(['note'])
    expect(tickGaps({ ...newTick('1'), state: 'none', note: '问过村委会' }, one)).toEqual([])
  })
  it('wants a word for changing an earlier result', () => {
    const ticked = { ...one, state: 'in', kind: 'seller' }
    expect(tickGaps({ ...newTick('1'), state: 'out', why: 'moved' }, ticked)).toEqual(['note'])
  })
})

describe('finding in the kept list', () => {
  const other = { ...one, id: 2, name: '凤城乙厂', py: 'fcyc', state: 'in' }
  it('by part of the name or initials, within what is shown', () => {
    expect(found([one, other], '甲', 'all').map((c) => c.id)).toEqual([1])
    expect(found([one, other], 'FCY', 'all').map((c) => c.id)).toEqual([2])
    expect(found([one, other], '', 'pending').map((c) => c.id)).toEqual([1])
    expect(found([one, other], '', 'ticked').map((c) => c.id)).toEqual([2])
  })
})
