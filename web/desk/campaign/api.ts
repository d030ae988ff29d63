// The survey's operations as its pages use them.
import { opUrl, type UploadOptions } from '@shared/api'
import {
  campaign_board, campaign_date_set, campaign_dates, campaign_due, campaign_edit, campaign_get, campaign_list, campaign_open,
  campaign_reports, campaign_step, campaign_submit, candidate_create, candidate_import, candidate_import_apply,
  candidate_import_get, candidate_import_rows, op_candidate_list, candidate_tick, candidate_ticks, op_submission_file, submission_list,
  submission_step, type CampaignEditInput, type CampaignOpenInput, type CampaignView, type CandidateCreateInput, type CandidateImportView,
  type ReportRow, type SubmissionView,
} from '@generated/api'
import { serverList } from '../list/reader'
import type { Reader } from '../list/useList'

export type Values = Record<string, unknown>
type Wire = Record<string, unknown>

export interface Campaign extends CampaignView {
  id: number
  version: number
  facts: Wire
}

const campaignOf = (v: CampaignView): Campaign => ({ ...v, id: v.id ?? 0, version: v.version ?? 0, facts: (v.record ?? {}) as Wire })

export const readCampaigns = async (signal?: AbortSignal): Promise<Campaign[]> =>
  ((await campaign_list({}, { signal })).items ?? []).map(campaignOf)
export const readCampaign = async (id: number, signal?: AbortSignal): Promise<Campaign> =>
  campaignOf(await campaign_get({ campaign: id }, { signal }))
export const openCampaign = async (v: Values): Promise<Campaign> => campaignOf(await campaign_open(v as unknown as CampaignOpenInput))
export const editCampaign = (x: Campaign, v: Values) =>
  campaign_edit({ campaign: x.id, ...v } as CampaignEditInput, { ifMatch: String(x.version) })
export const stepCampaign = (x: Campaign, action: string, reason: string, anyway: boolean) =>
  campaign_step({ campaign: x.id, action, reason, anyway: anyway || null }, { ifMatch: String(x.version) })

export const readBoard = (campaign: number, org: number | null, signal?: AbortSignal) => campaign_board({ campaign, org }, { signal })
export const readDates = (campaign: number, signal?: AbortSignal) => campaign_dates({ campaign }, { signal })
export const setDate = (x: Campaign, v: Values) =>
  campaign_date_set(
    { campaign: x.id, due_day: String(v.due_day ?? ''), prio_day: (v.prio_day as string) ?? null, reason: (v.reason as string) ?? null },
    { ifMatch: String(x.date_version ?? 0) }
  )
export const tryDue = (campaign: number | null, due: string, prio: string | null) =>
  campaign_due({ campaign, due_day: due, prio_day: prio })

export const readReports = (campaign: number, signal?: AbortSignal) => campaign_reports({ campaign }, { signal })
export const readSubmissions = async (campaign: number, org: number | null, signal?: AbortSignal) =>
  (await submission_list({ campaign, org }, { signal })).items ?? []
export const submitLedgers = async (campaign: number, note: string): Promise<number> =>
  (await campaign_submit({ campaign, note: note || null })).job ?? 0
export const decide = (r: ReportRow, action: string, reason: string) =>
  submission_step({ submission: r.submission ?? 0, action, reason: reason || null }, { ifMatch: String(r.version ?? 0) })
export const fileUrl = (submission: number, form: string): string => opUrl(op_submission_file, { submission, form })
export const formsOf = (v: SubmissionView): string[] => (v.files as string[] | null) ?? []
export const recordOf = (v: SubmissionView): Wire => (v.record ?? {}) as Wire

export const candidateReader = (campaign: number): Reader => serverList(op_candidate_list, {}, { campaign: String(campaign) })
export const addCandidate = (campaign: number, v: Values) => candidate_create({ campaign, ...v } as CandidateCreateInput)

export interface Said {
  state: string
  why: string | null
  note: string | null
  kind: string | null
}

export const tickOne = (id: number, version: number, s: Said) => candidate_tick({ candidate: id, ...s }, { ifMatch: String(version) })
export const tickMany = (campaign: number, ids: number[], s: Said, preview: boolean) =>
  candidate_ticks({ campaign, ids: ids.join(','), preview, ...s })

export const startImport = (campaign: number, source: string, kind: string | null, file: File, o: UploadOptions): Promise<CandidateImportView> =>
  candidate_import({ campaign, source, kind }, file, file.name, o)
export const readImport = (id: number) => candidate_import_get({ import: id })
export const applyImport = (id: number) => candidate_import_apply({ import: id })
export async function readImportRows(id: number, after: number | null): Promise<{ items: Wire[]; next: number | null }> {
  const page = await candidate_import_rows({ import: id, after, limit: 100 })
  return { items: (page.items as Wire[] | null) ?? [], next: page.next ?? null }
}
