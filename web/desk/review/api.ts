// The review queues over the ledger list, and the steps of the entry workflow.
import { op_firm_list } from '@generated/api'
import { serverList } from '../list/reader'
import { emptyQuery } from '../list/types'

export interface QueueRow {
  id: number
  name: string
  note: string
}

export interface QueuePage {
  items: QueueRow[]
  next: string
  total: number | null
}

/** Firms of one state in one's own subtree, oldest entry first. */
export async function readQueue(state: string, cursor: string, signal?: AbortSignal): Promise<QueuePage> {
  const read = serverList(op_firm_list, {}, { state })
  const page = await read(emptyQuery(), cursor, signal ?? new AbortController().signal)
  const items = page.items.map((r) => ({
    id: Number(r.id),
    name: String(r.name ?? ''),
    note: [r.uscc ?? r.temp_code, r.org_name].filter(Boolean).join(' '),
  }))
  return { items, next: page.next ?? '', total: page.total }
}
