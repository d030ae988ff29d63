// The operations of a firm's life as the pages use them.
import {
  claim_decide, delegation_create, delegation_step, delegation_in_list, delegation_out_list, firm_past, grade_at,
  link_create, link_list, link_void, regrade_decide, regrade_start, status_change_list, status_decide, status_propose,
  transfer_ask, transfer_decide, transfer_in_list, transfer_out_list, transfer_pull, transfer_withdraw, twin_check,
  twin_decide, twin_get, twin_of_firm, twin_search, twin_suggest, twin_undo,
  type DelegationCreateInput, type StatusProposeInput, type TransferAskInput, type TransferPullInput,
} from '@generated/api'
import type { Row } from '../list/types'

export type Values = Record<string, unknown>
const rows = (v: unknown): Row[] => (Array.isArray(v) ? (v as Row[]) : [])

/** The rows of one firm in a list, newest first. */
async function ofFirm(op: typeof status_change_list, firm: number, columns: string, signal?: AbortSignal): Promise<Row[]> {
  return rows((await op({ limit: 50, columns }, { signal, query: { firm: String(firm) } })).items)
}
const STATUS = 'state,from_code,to_code,since,reason,proposed_name,proposed_at,decided_name,decided_at,opinion'
const MOVE = 'state,side,from_name,to_name,reason,due_day,late,asked_name,decided_name,opinion'
const TASK = 'state,from_name,to_name,what,due_day,late,result'

export interface LifeOfFirm {
  status: Row[]
  moves: Row[]
  delegations: Row[]
  twins: Awaited<ReturnType<typeof twin_of_firm>>['items']
  links: Awaited<ReturnType<typeof link_list>>['items']
}

function byId(...lists: Row[][]): Row[] {
  const all = new Map(lists.flat().map((r) => [r.id, r]))
  return [...all.values()].sort((a, b) => Number(b.id) - Number(a.id))
}

export async function readLife(firm: number, signal?: AbortSignal): Promise<LifeOfFirm> {
  const [status, out, into, sent, mine, twins, links] = await Promise.all([
    ofFirm(status_change_list, firm, STATUS, signal), ofFirm(transfer_out_list, firm, MOVE, signal),
    ofFirm(transfer_in_list, firm, MOVE, signal), ofFirm(delegation_out_list, firm, TASK, signal),
    ofFirm(delegation_in_list, firm, TASK, signal), twin_of_firm({ firm }, { signal }), link_list({ firm }, { signal }),
  ])
  return { status, moves: byId(out, into), delegations: byId(sent, mine), twins: twins.items, links: links.items }
}

export const proposeStatus = (firm: number, v: Values, evidence: string[]) =>
  status_propose({ firm, ...v, evidence } as unknown as StatusProposeInput)
export const decideStatus = (change: number, approve: boolean, opinion: string) =>
  status_decide({ change, approve, opinion: opinion || null })
export const askTransfer = (firm: number, v: Values) => transfer_ask({ firm, ...v } as unknown as TransferAskInput)
export const pullTransfer = (v: Values) => transfer_pull(v as unknown as TransferPullInput)
export const decideTransfer = (transfer: number, accept: boolean, opinion: string) =>
  transfer_decide({ transfer, accept, opinion: opinion || null })
export const withdrawTransfer = (transfer: number, reason: string) => transfer_withdraw({ transfer, reason })
export const addLink = (firm: number, kind: string, other: number, reason: string) =>
  link_create({ firm, kind, other, reason: reason || null })
export const voidLink = (link: number, reason: string) => link_void({ link, reason })
export const delegate = (firm: number, v: Values) => delegation_create({ firm, ...v } as unknown as DelegationCreateInput)
export const stepDelegation = (delegation: number, action: string, text: string) =>
  delegation_step({ delegation, action, text: text || null })
export const checkTwins = (firm: number) => twin_check({ firm })
export const readTwin = (twin: number, signal?: AbortSignal) => twin_get({ twin }, { signal })
export const decideTwin = (twin: number, outcome: string, keep: number | null, opinion: string) =>
  twin_decide({ twin, outcome, keep, opinion })
export const undoTwin = (twin: number, reason: string) => twin_undo({ twin, reason })
export const startTwins = async (): Promise<number> => (await twin_search({})).job ?? 0
export const startRegrade = async (): Promise<number> => (await regrade_start({})).job ?? 0
export const decideRegrades = (ids: string[], outcome: string, opinion: string) => regrade_decide({ ids, outcome, opinion })
export const decideClaim = (claim: number, approve: boolean, opinion: string) =>
  claim_decide({ claim, approve, opinion: opinion || null })
export const readPast = (firm: number, day: string, signal?: AbortSignal) => firm_past({ firm, day }, { signal })
export const readGradeAt = (firm: number, day: string, signal?: AbortSignal) => grade_at({ firm, day }, { signal })
export type TwinItem = NonNullable<LifeOfFirm['twins']>[number]
export type LinkItem = NonNullable<LifeOfFirm['links']>[number]

/** What looks like the entry being typed; nothing while there is too little to go by. */
export async function nearTo(v: Values): Promise<TwinItem[]> {
  const s = (k: string) => (typeof v[k] === 'string' && v[k] ? (v[k] as string) : null)
  const name = s('name')
  if (!name || name.length < 3) return []
  const found = await twin_suggest({
    name, uscc: s('uscc'), site_address: s('site_address'), legal_person: s('legal_person'), town: s('town'),
  })
  return found.items ?? []
}
