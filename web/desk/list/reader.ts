// From a generated list operation to a Reader: the query as the list engine wants it, its page as
// the list pages want it. Column descriptions and the total ride on the first page only.
import { answeredAt, call, type Op } from '@shared/api'
import type { Column, ListAnswer, ListQuery, ListSource, Row } from './types'
import type { Reader } from './useList'

interface ServerColumn {
  name: string
  label: string
  type: string
  codes?: string | null
  shown?: boolean
  filter?: boolean
  sort?: boolean
  part?: boolean
}

/** What every list operation answers. */
export interface ServerPage {
  items?: unknown
  next?: string | null
  total?: number | null
  total_is_least?: boolean | null
  columns?: unknown
}

interface ServerQuery {
  limit?: number | null
  cursor?: string | null
  sort?: string | null
  q?: string | null
  columns?: string | null
  total?: boolean | null
}

function columnOf(c: ServerColumn): Column {
  const { name, label, type, codes, shown, filter, sort, part } = c
  return { key: name, label, type, codes: codes ?? undefined, shown: !!shown, filterable: !!filter, sortable: !!sort, part: !!part }
}

/** The query of an export or a saved view: as the list's own, without page. */
export function plainQuery(q: ListQuery): Record<string, string> {
  const out: Record<string, string> = { ...q.filters }
  if (q.q) out.q = q.q
  if (q.sort) out.sort = q.sort
  if (q.columns.length) out.columns = q.columns.join(',')
  return out
}

/** A list operation as a Reader; its source says what an export of it is made from. */
export function serverList(op: Op, fixed: { org?: number } = {}, filters: Record<string, string> = {}): Reader & { source: ListSource } {
  let columns: Column[] = []
  let total: number | null = null
  let least = false
  const read: Reader = async (q, cursor, signal) => {
    const input: ServerQuery = {
      ...fixed,
      limit: q.limit,
      cursor: cursor || null,
      sort: q.sort || null,
      q: q.q || null,
      columns: q.columns.length ? q.columns.join(',') : null,
      total: cursor ? null : true,
    }
    const page = await call<ServerPage>(op, input, { signal, query: { ...filters, ...q.filters } })
    if (Array.isArray(page.columns)) columns = (page.columns as ServerColumn[]).map(columnOf)
    if (!cursor) {
      total = page.total ?? null
      least = page.total_is_least === true
    }
    const answer: ListAnswer = {
      items: (page.items as Row[] | null) ?? [],
      next: page.next || null,
      total,
      least,
      columns,
      asOf: answeredAt(page as object),
    }
    return answer
  }
  return Object.assign(read, { source: { list: op.name, org: fixed.org ?? null, filters } })
}
