import { describe, expect, it } from 'vitest'
import { applies, canMatch, movedItems, newReview, reviewGaps, seen, setNote, setVerdict, type PaperItem } from './review'

const item = (code: string, required = true): PaperItem => ({ code, text: code, hint: '', required, compare: [] })
const items = [item('PC01'), item('PC02'), item('PC13', false)]
const kinds = (r: Parameters<typeof reviewGaps>[0]) => reviewGaps(r, items).map((g) => g.kind)

describe('items of the checklist', () => {
  const licence = { ...item('PC04'), roles: ['生产'], when: { key: 'applicability', is: '许可证,CCC' } }

  it('are for the kinds of firm they name', () => {
    expect(applies({ ...item('x'), roles: ['销售'] }, { kind: 'producer' }, [])).toBe(false)
    expect(applies({ ...item('x'), roles: ['销售'] }, { kind: 'both' }, [])).toBe(true)
    expect(applies(item('x'), { kind: 'seller' }, [])).toBe(true)
  })

  it('hold where the firm or one of its products meets the condition', () => {
    expect(applies(licence, { kind: 'producer' }, [{ applicability: ['均不适用'] }])).toBe(false)
    expect(applies(licence, { kind: 'producer' }, [{}, { applicability: ['CCC'] }])).toBe(true)
    expect(applies(licence, { kind: 'producer', applicability: '许可证' }, [])).toBe(true)
    expect(applies(licence, { kind: 'seller', applicability: '许可证' }, [])).toBe(false)
  })
})

describe('the on-site review', () => {
  it('asks for every required item, the match and an opinion', () => {
    expect(kinds(newReview('1'))).toEqual(['item', 'item', 'match', 'opinion'])
  })

  it('wants a note where paper and ledger differ, and no match then', () => {
    let r = setVerdict(setVerdict(newReview('1'), 'PC01', 'same'), 'PC02', 'differs')
    r = { ...r, match: true, opinion: '同意' }
    expect(canMatch(r)).toBe(false)
    expect(kinds(r)).toEqual(['note', 'match'])
    r = { ...setNote(r, 'PC02', '门牌不同'), match: false }
    expect(kinds(r)).toEqual(['discrepancy'])
    expect(kinds({ ...r, discrepancy: '住所门牌不同' })).toEqual([])
  })

  it('keeps the note when the verdict changes back and forth', () => {
    let r = setNote(setVerdict(newReview('1'), 'PC01', 'differs'), 'PC01', '旧名')
    r = setVerdict(r, 'PC01', 'same')
    expect(r.answers['PC01']).toEqual({ verdict: 'same', note: '旧名' })
  })

  it('accepts absent papers of optional items', () => {
    let r = setVerdict(setVerdict(newReview('1'), 'PC01', 'same'), 'PC02', 'same')
    r = setVerdict(r, 'PC13', 'absent')
    expect(kinds({ ...r, match: true, opinion: '同意' })).toEqual([])
  })

  it('wants another look at an item of which the ledger says something else by now', () => {
    const was = { PC01: [{ label: '名称', value: '甲厂' }] }
    const now = { PC01: [{ label: '名称', value: '乙厂' }] }
    const r = setVerdict(newReview('1'), 'PC01', 'same', was.PC01)
    expect(movedItems(r, was)).toEqual([])
    expect(movedItems(r, now)).toEqual(['PC01'])
    expect(reviewGaps(r, [item('PC01')], now)[0]).toEqual({ kind: 'item', code: 'PC01' })
    expect(movedItems(setVerdict(r, 'PC01', 'differs', now.PC01), now)).toEqual([])
    expect(movedItems(seen(r, now), now)).toEqual([])
  })
})
