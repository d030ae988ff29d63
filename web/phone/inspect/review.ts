import type { Fact } from '@phone/ui/facts'

/* The on-site review as a value: the firm's paper archive gone through item by item, and what has
 * to be there before it can be submitted (R-112, PL-29). Pure. */

export type Verdict = 'same' | 'differs' | 'absent'

export interface PaperItem {
  code: string
  text: string
  hint: string
  required: boolean
  /* keys of the firm's fields to lay beside the paper */
  compare: string[]
  /* 生产, 销售: which firms it is for; none named = all */
  roles?: string[]
  /* only where a field of the firm or of one of its products holds one of these codes */
  when?: { key: string; is: string }
}

type Values = Record<string, unknown>

const ROLES: Record<string, string[]> = { producer: ['生产'], seller: ['销售'], both: ['生产', '销售'] }

function holds(values: Values, key: string, codes: string[]): boolean {
  const v = values[key]
  const held = Array.isArray(v) ? v.map(String) : String(v ?? '').split(',')
  return held.some((h) => codes.includes(h))
}

/* applies: whether an item of the checklist is for this firm, by its kind and its condition. */
export function applies(item: PaperItem, firm: Values, products: Values[]): boolean {
  const kind = String(firm.kind ?? '')
  const roles = ROLES[kind] ?? [kind]
  if (item.roles?.length && !item.roles.some((r) => roles.includes(r))) return false
  const when = item.when
  return !when || [firm, ...products].some((v) => holds(v, when.key, when.is.split(',')))
}

export interface PaperAnswer {
  verdict: Verdict
  note: string
}

export interface ReviewDraft {
  /* version of the firm the draft was begun on */
  version: string
  answers: Record<string, PaperAnswer>
  /* what the ledger said at each answered item */
  saw: Record<string, Fact[]>
  match: boolean | null
  discrepancy: string
  opinion: string
  photos: string[]
  /* a return under way: why, in own words */
  back?: string
}

export type ReviewGap =
  | { kind: 'item'; code: string }
  | { kind: 'note'; code: string }
  | { kind: 'match' | 'discrepancy' | 'opinion' }

export function newReview(version: string): ReviewDraft {
  return { version, answers: {}, saw: {}, match: null, discrepancy: '', opinion: '', photos: [] }
}

/* setVerdict keeps what the ledger said when the item was compared: a later change re-opens it. */
export function setVerdict(r: ReviewDraft, code: string, verdict: Verdict, saw: Fact[] = []): ReviewDraft {
  const note = r.answers[code]?.note ?? ''
  return { ...r, answers: { ...r.answers, [code]: { verdict, note } }, saw: { ...r.saw, [code]: saw } }
}

export type Ledger = Record<string, Fact[]>

const said = (facts: Fact[]) => JSON.stringify(facts.map((f) => [f.label, f.value]))

/* movedItems: answered items of which the ledger says something else than when they were compared. */
export function movedItems(r: ReviewDraft, now: Ledger): string[] {
  return Object.keys(r.answers).filter((c) => r.saw?.[c] && now[c] && said(r.saw[c]) !== said(now[c]))
}

/* seen takes the ledger's new words for known: the person changed them here himself. */
export function seen(r: ReviewDraft, now: Ledger): ReviewDraft {
  return { ...r, saw: Object.fromEntries(Object.keys(r.answers).map((c) => [c, now[c] ?? r.saw?.[c] ?? []])) }
}

export function setNote(r: ReviewDraft, code: string, note: string): ReviewDraft {
  const held = r.answers[code]
  return held ? { ...r, answers: { ...r.answers, [code]: { ...held, note } } } : r
}

/* differs: anything that is not as the ledger says makes "与纸质档案一致" untrue. */
export function differs(r: ReviewDraft): boolean {
  return Object.values(r.answers).some((a) => a.verdict === 'differs')
}

/* canMatch: the archive may be called consistent only when nothing in it differs. */
export function canMatch(r: ReviewDraft): boolean {
  return !differs(r)
}

function itemGaps(r: ReviewDraft, items: PaperItem[], now: Ledger): ReviewGap[] {
  const moved = movedItems(r, now)
  const open: ReviewGap[] = items
    .filter((i) => (i.required && !r.answers[i.code]) || moved.includes(i.code))
    .map((i) => ({ kind: 'item', code: i.code }))
  const silent: ReviewGap[] = Object.entries(r.answers)
    .filter(([, a]) => a.verdict === 'differs' && !a.note.trim())
    .map(([code]) => ({ kind: 'note', code }))
  return [...open, ...silent]
}

/* reviewGaps lists all that is missing, in the order of the page. */
export function reviewGaps(r: ReviewDraft, items: PaperItem[], now: Ledger = {}): ReviewGap[] {
  const gaps = itemGaps(r, items, now)
  if (r.match === null || (r.match && !canMatch(r))) gaps.push({ kind: 'match' })
  if (r.match === false && !r.discrepancy.trim()) gaps.push({ kind: 'discrepancy' })
  if (!r.opinion.trim()) gaps.push({ kind: 'opinion' })
  return gaps
}
