/* The day's check as a value: areas with items, an answer per item, and the questions the page asks
 * of them. Pure functions, no screen, no clock, no network.
 *
 * Method (few taps, honest records): nothing is answered beforehand; key items are answered one by
 * one; only when every key item of an area has an answer does the area offer "the rest of this
 * area is normal", which fills the unanswered items of that area and no other. There is no button
 * for the whole check. A normal day of A areas and K key items therefore takes
 * 1 (start) + K + A + 2 (submit, confirm) taps. */

export type Result = 'ok' | 'bad' | 'na'

export interface CheckItem {
  code: string
  text: string
  key: boolean
  measure?: string
}

export interface CheckArea {
  code: string
  name: string
  items: CheckItem[]
}

/* What a person says about an item that is not in order. `photos` are ids of local files. */
export interface Finding {
  what: string
  measures: string
  severity: string
  fixer: string
  due: string | null
  photos: string[]
}

export const NO_FINDING: Finding = { what: '', measures: '', severity: '', fixer: '', due: null, photos: [] }

export interface Answer {
  result: Result
  finding?: Finding
}

export interface Check {
  areas: CheckArea[]
  answers: Record<string, Answer>
}

export interface Summary {
  total: number
  ok: number
  bad: number
  na: number
  left: number
}

export function newCheck(areas: CheckArea[]): Check {
  return { areas, answers: {} }
}

function itemsOf(check: Check): CheckItem[] {
  return check.areas.flatMap((a) => a.items)
}

export function areaLeft(check: Check, area: CheckArea): number {
  return area.items.filter((i) => !check.answers[i.code]).length
}

/* canFillRest: every key item answered, and something left to fill. */
export function canFillRest(check: Check, area: CheckArea): boolean {
  const keysDone = area.items.every((i) => !i.key || check.answers[i.code])
  return keysDone && areaLeft(check, area) > 0
}

/* answer sets 正常 or 不适用; a finding given before is withdrawn with the change. */
export function answer(check: Check, code: string, result: 'ok' | 'na'): Check {
  return { ...check, answers: { ...check.answers, [code]: { result } } }
}

/* report sets 有问题 with its finding; an incomplete finding is refused by returning the check. */
export function report(check: Check, code: string, finding: Finding): Check {
  if (findingGaps(finding).length) return check
  return { ...check, answers: { ...check.answers, [code]: { result: 'bad', finding } } }
}

/* fillRest answers the rest of one area as normal; where it is not allowed it changes nothing. */
export function fillRest(check: Check, area: CheckArea): Check {
  if (!canFillRest(check, area)) return check
  const answers = { ...check.answers }
  for (const item of area.items) answers[item.code] ??= { result: 'ok' }
  return { ...check, answers }
}

export function summary(check: Check): Summary {
  const sum: Summary = { total: 0, ok: 0, bad: 0, na: 0, left: 0 }
  for (const item of itemsOf(check)) {
    sum.total += 1
    sum[check.answers[item.code]?.result ?? 'left'] += 1
  }
  return sum
}

export function isComplete(check: Check): boolean {
  const sum = summary(check)
  return sum.total > 0 && sum.left === 0
}

/* firstOpen is the first item without an answer: where the page scrolls to when a person tries to
 * submit too early, and after an area is done. */
export function firstOpen(check: Check): CheckItem | null {
  return itemsOf(check).find((i) => !check.answers[i.code]) ?? null
}

/* findingGaps names what is still missing: what is wrong and the measures taken at once.
 * Severity, who fixes and by when may follow later from the director. */
export function findingGaps(f: Finding): ('what' | 'measures')[] {
  const gaps: ('what' | 'measures')[] = []
  if (!f.what.trim()) gaps.push('what')
  if (!f.measures.trim()) gaps.push('measures')
  return gaps
}

export function photosOf(check: Check): string[] {
  return Object.values(check.answers).flatMap((a) => a.finding?.photos ?? [])
}

/* onList carries a draft over to the list as it is now: answers to items that are gone are left
 * behind, new items are unanswered. */
export function onList(draft: Check, areas: CheckArea[]): Check {
  const known = new Set(areas.flatMap((a) => a.items.map((i) => i.code)))
  const kept = Object.entries(draft.answers).filter(([code]) => known.has(code))
  return { areas, answers: Object.fromEntries(kept) }
}

/* normalDayTaps counts the taps of a day without findings: what a list costs its officer. */
export function normalDayTaps(areas: CheckArea[]): number {
  const keys = areas.flatMap((a) => a.items).filter((i) => i.key).length
  const fills = areas.filter((a) => a.items.some((i) => !i.key)).length
  return 1 + keys + fills + 2
}
