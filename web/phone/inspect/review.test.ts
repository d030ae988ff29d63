import { describe, expect, it } from 'vitest'
import { canMatch, newReview, reviewGaps, setNote, setVerdict, type PaperItem } from './review'

const item = (code: string, required = true): PaperItem => ({ code, text: code, hint: '', required, compare: [] })
const items = [item('PC01'), item('PC02'), item('PC13', false)]
const kinds = (r: Parameters<typeof reviewGaps>[0]) => reviewGaps(r, items).map((g) => g.kind)

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
})
