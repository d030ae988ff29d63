// The paper-archive checklist as it is being filled: what the template asks, what was found.
import type { Firm } from '../firm/api'

export const RESULTS = ['same', 'differs', 'absent'] as const
export type PaperResult = (typeof RESULTS)[number]

export interface PaperLine {
  code: string
  text: string
  hint: string
  required: boolean
  result: PaperResult | null
  note: string
  /** fields this paper is compared in */
  compare: string[]
  /** field -> what the paper says, where it differs */
  diffs: Record<string, string>
}

export interface Paper {
  items: PaperLine[]
  match: boolean | null
  note: string
}

interface Rule {
  roles?: string[]
  when?: { key: string; is: string } | null
}

const ROLES: Record<string, string[]> = { producer: ['生产'], seller: ['销售'], both: ['生产', '销售'] }

/** Does this paper concern the firm: its role, and the condition of the template (any of `is`). */
export function applies(rule: Rule, record: Record<string, unknown>): boolean {
  const roles = ROLES[String(record.kind)]
  if (rule.roles && roles && !rule.roles.some((r) => roles.includes(r))) return false
  if (!rule.when) return true
  const has = record[rule.when.key]
  const values = Array.isArray(has) ? has.map(String) : String(has ?? '').split(',')
  return rule.when.is.split(',').some((v) => values.includes(v))
}

/** The checklist with what the last check found; nothing is preset when there was none. */
export function paperOf(firm: Firm): Paper {
  const last = firm.paperChecks[0]
  const found = new Map((last?.items ?? []).map((i) => [i.code, i]))
  const items = firm.paper.filter((p) => applies(p, firm.record)).map((p) => ({
    code: p.code,
    text: p.text,
    hint: p.hint ?? '',
    required: p.required !== false,
    result: (found.get(p.code)?.result ?? null) as PaperResult | null,
    note: found.get(p.code)?.note ?? '',
    compare: p.compare ?? [],
    diffs: Object.fromEntries((found.get(p.code)?.diffs ?? []).map((d) => [d.field, d.paper])),
  }))
  const match = last?.match
  return { items, match: match === undefined || match === null ? null : !!match, note: last?.note ?? '' }
}

/** All that must be answered is answered; a mismatch says what it is. */
export function paperComplete(p: Paper): boolean {
  const answered = p.items.every((i) => i.result || !i.required)
  return answered && p.match !== null && (p.match || p.note.trim() !== '')
}

/** The check as the operations take it. */
export function paperBody(p: Paper): { paper_match: boolean | null; paper_note: string | null; paper_items: object[] } {
  const items = p.items.filter((i) => i.result).map((i) => ({
    code: i.code,
    result: i.result!,
    note: i.note || null,
    diffs: i.result === 'differs'
      ? Object.entries(i.diffs).filter(([, v]) => v.trim()).map(([field, v]) => ({ field, paper: v.trim() }))
      : [],
  }))
  return { paper_match: p.match, paper_note: p.note.trim() || null, paper_items: items }
}
