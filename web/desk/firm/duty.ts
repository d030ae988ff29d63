// What the desk shows of a firm's own duty: the month, the risk control list, suspensions, hazards.
import {
  daily_month, op_hazard_list, risklist_get, suspension_create, suspension_end, suspension_list, type DayState,
  type RisklistView, type SuspensionCreateInput, type SuspensionView,
} from '@generated/api'
import { ApiProblem } from '@shared/problem'
import { serverList } from '../list/reader'
import type { Values } from './api'

export type { DayState, RisklistView, SuspensionView }

export const readMonth = async (firm: number, month: string | null, signal?: AbortSignal) =>
  await daily_month({ firm, month }, { signal })

/** The list in force, or null when the firm has none yet. */
export async function readRisklist(firm: number, signal?: AbortSignal): Promise<RisklistView | null> {
  try {
    return await risklist_get({ firm }, { signal })
  } catch (e) {
    if (e instanceof ApiProblem && e.kind === 'missing') return null
    throw e
  }
}

export const readSuspensions = async (firm: number, signal?: AbortSignal): Promise<SuspensionView[]> =>
  (await suspension_list({ firm }, { signal })).items ?? []
export const addSuspension = (firm: number, v: Values) => suspension_create({ firm, ...v } as SuspensionCreateInput)
export const endSuspension = (firm: number, suspension: number, resumed_on: string) =>
  suspension_end({ firm, suspension, resumed_on })

export const hazardReader = (firm: number) => serverList(op_hazard_list, {}, { firm: String(firm) })
