// Bulk operations as the pages use them.
import {
  bulk_fields, bulk_get, op_bulk_items, op_bulk_list, bulk_preview, bulk_run, bulk_undo, type BulkField, type BulkPreview, type BulkView,
} from '@generated/api'
import type { Fields } from '@shared/fields'
import { fields_firm_edit } from '@generated/fields'
import { serverList } from '../list/reader'
import type { ListQuery, Selection } from '../list/types'

export type { BulkField, BulkPreview, BulkView }
export type Values = Record<string, unknown>

export interface Change {
  field: string
  label: string
  old: unknown
  new: unknown
}
export interface Sample {
  firm: number
  name: string | null
  changes?: Change[]
  why?: string
}

export const editFields: Fields = fields_firm_edit
export const readBulkFields = async (): Promise<BulkField[]> => (await bulk_fields({})).items ?? []
export const readBulk = (id: number, signal?: AbortSignal): Promise<BulkView> => bulk_get({ bulk: id }, { signal })
export const undoBulk = (id: number): Promise<BulkView> => bulk_undo({ bulk: id })
export const bulkReader = () => serverList(op_bulk_list, {})
export const itemReader = (id: number) => serverList(op_bulk_items, {}, { bulk: String(id) })

function ask(s: Selection, q: ListQuery, set: Values) {
  const { org, ...filters } = q.filters
  if (!s.all) return { picks: [...s.rows].map(([firm, version]) => ({ firm, version })), set }
  return { all: true, org: org ? Number(org) : null, q: q.q || null, filters, set }
}
export const previewBulk = (s: Selection, q: ListQuery, set: Values): Promise<BulkPreview> => bulk_preview(ask(s, q, set))
export const runBulk = (s: Selection, q: ListQuery, set: Values, expect: number, reason: string): Promise<BulkView> =>
  bulk_run({ ...ask(s, q, set), expect, reason })
