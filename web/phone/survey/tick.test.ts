import { describe, expect, it } from 'vitest'
import { differing, found, newTick, sameAs, take, tickGaps, type Candidate } from './tick'

const one: Candidate = {
  id: 1, version: '1', name: '凤城甲店', uscc: '', py: 'fcjd', town: '凤城镇', address: '', state: 'pending', stateLabel: '未核', prio: false,
  reasons: '', sources: '', kind: '', firm: null, why: '', note: '', tickedBy: '',
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

describe('a tick somebody else was faster with', () => {
  const mine = { ...newTick('1'), state: 'out', why: 'moved', note: '门锁着' }
  const theirs = { ...one, version: '2', state: 'out', why: 'closed', note: '' }

  it('differs in its result where the reason does, and in its words', () => {
    expect(differing(mine, theirs)).toEqual(['state', 'note'])
    expect(differing(mine, { ...theirs, why: 'moved' })).toEqual(['note'])
    expect(differing({ ...mine, note: ' ' }, { ...theirs, why: 'moved' })).toEqual([])
  })

  it('is merged part by part, and is not sent when nothing of it is left', () => {
    const d = { ...mine, ...take('state', theirs) }
    expect(d).toMatchObject({ state: 'out', why: 'closed', note: '门锁着' })
    expect(sameAs(d, theirs)).toBe(false)
    expect(sameAs({ ...d, ...take('note', theirs) }, theirs)).toBe(true)
    expect(sameAs({ ...d, ...take('note', theirs), photos: ['a'] }, theirs)).toBe(false)
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
