// What the home page needs: the ledger's counters of one's own authority and those below it, and
// the grade changes waiting for a decision.
import { firm_count, op_grade_change_list, type LedgerCountRow } from '@generated/api'
import { useCodes } from '@shared/codes'
import { serverList } from '../list/reader'
import { emptyQuery, type Row } from '../list/types'

export const COUNTS = [
  'total', 'draft', 'submitted', 'reviewed', 'returned', 'admitted', 'abnormal', 'provisional', 'producer', 'seller',
  'grade_a', 'grade_b', 'grade_c', 'grade_d',
] as const
export type CountKey = (typeof COUNTS)[number]

export interface Counts {
  own: LedgerCountRow | null
  children: LedgerCountRow[]
  asOf: string
}

export async function readCounts(signal?: AbortSignal): Promise<Counts> {
  const c = await firm_count({}, { signal })
  return { own: c.total?.[0] ?? null, children: c.items ?? [], asOf: c.as_of ?? '' }
}

export async function readProposals(signal: AbortSignal): Promise<{ rows: Row[]; total: number }> {
  const page = await serverList(op_grade_change_list, {}, { state: 'proposed' })(emptyQuery(), '', signal)
  return { rows: page.items, total: page.total ?? page.items.length }
}

/** The list behind a counter. */
const FILTERS: Record<CountKey, string> = {
  total: '', draft: 'f.state=draft', submitted: 'f.state=submitted', reviewed: 'f.state=reviewed',
  returned: 'f.state=returned', admitted: 'f.state=admitted', abnormal: '',
  provisional: 'f.provisional=true', producer: 'f.kind=producer,both', seller: 'f.kind=seller,both',
  grade_a: 'f.grade=A', grade_b: 'f.grade=B', grade_c: 'f.grade=C', grade_d: 'f.grade=D',
}
/** With org: the rows of an authority below one's own. */
export function rowsBehind(k: CountKey, org = 0): string {
  // Abnormal is every state but 00; the filter names them all.
  const states = useCodes().items('abnormal').map((c) => c.code).filter((c) => c !== '00')
  const filter = k === 'abnormal' && states.length ? `f.abnormal=${states.join(',')}` : FILTERS[k]
  const parts = [filter, org ? `f.org=${org}` : ''].filter(Boolean)
  return parts.length ? `/firms?${parts.join('&')}` : '/firms'
}
