import { opUrl } from '@shared/api'
import {
  audit_list, op_seal_export, seal_state, seal_verify, type HistoryItem, type SealState, type SealView,
} from '@generated/api'

export type { HistoryItem, SealState, SealView }

export const readSeals = (signal?: AbortSignal): Promise<SealState> => seal_state({}, { signal })
export const exportUrl = (): string => opUrl(op_seal_export, {})
export const startVerify = async (): Promise<number> => (await seal_verify({})).job ?? 0

const PAGE = 100
export async function readAudit(op: string, before: string, signal?: AbortSignal): Promise<{ items: HistoryItem[]; next: string }> {
  const input = { op: op || null, before: before ? Number(before) : null, limit: PAGE }
  const items = (await audit_list(input, { signal })).items ?? []
  return { items, next: items.length === PAGE ? String(items[items.length - 1]!.id) : '' }
}
