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
}

export interface Paper {
  items: PaperLine[]
  match: boolean | null
  note: string
}

/** The checklist with what the last check found; nothing is preset when there was none. */
export function paperOf(firm: Firm): Paper {
  const last = firm.paperChecks[0]
  const found = new Map((last?.items ?? []).map((i) => [i.code, i]))
  const items = firm.paper.map((p) => ({
    code: p.code,
    text: p.text,
    hint: p.hint ?? '',
    required: p.required !== false,
    result: (found.get(p.code)?.result ?? null) as PaperResult | null,
    note: found.get(p.code)?.note ?? '',
  }))
  const match = last?.match
  return { items, match: match === undefined || match === null ? null : !!match, note: last?.note ?? '' }
}

/** All that must be answered is answered; a mismatch says what it is. */
export function paperComplete(p: Paper): boolean {
  const answered = p.items.every((i) => i.result || !i.required)
  return answered && p.match !== null && (p.match || p.note.trim() !== '')
}
