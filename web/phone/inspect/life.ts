/* A station officer's part of a firm's life: its status with evidence, and claims of files. */
import { claim_decide, claim_list, status_propose } from '@generated/api'
import { useCodes } from '@shared/codes'
import { dropFiles, type OutboxRow } from '@shared/offline'
import { uploadAll } from '@phone/state/upload'
import type { PageOf } from '@phone/model'
import type { Option } from '@phone/ui/option'

/** The words of these two screens. */
export const lp = {
  status: '设置异常状态',
  statusLead: '写明从哪天起、为什么，拍照作证据。由另一位同事审核，同意后才生效。',
  code: '异常状态',
  since: '起始日期',
  reason: '理由',
  photos: '证据照片',
  submit: '提出',
  done: '已提出，等待另一位同事审核',
  kept: '已存在手机里，联网后自动上传',
  job: (code: string) => `设置异常状态：${code}`,
  gap: '必须填写',
  claims: '企业认领',
  claimsLead: '核对申请人身份后再确认。确认后把邀请码告诉本人，邀请码只显示这一次。',
  none: '没有待确认的认领申请',
  approve: '确认',
  refuse: '不同意',
  why: '不同意的理由',
  code2: '邀请码',
  close: '知道了',
}

/** What an officer sets; duplicates are merged on the desk. */
export const statusCodes = (): Option[] =>
  useCodes().items('abnormal').filter((c) => c.code !== '51')

export interface StatusForm {
  code: string
  since: string
  reason: string
  photos: string[]
}

/** What the outbox keeps of a proposal. */
export interface StatusJob {
  firm: number
  form: StatusForm
}

export const statusId = (firm: number) => `status/${firm}`

export async function sendStatus(row: OutboxRow): Promise<null> {
  const { firm, form: f } = row.payload as StatusJob
  const ids = await uploadAll(f.photos, { firm, purpose: 'archive' })
  const input = { firm, to_code: f.code, since: f.since, reason: f.reason.trim(), evidence: ids.map(String) }
  await status_propose(input, { key: row.key })
  await dropFiles(f.photos)
  return null
}

export interface Claim {
  id: number
  firm: string
  person: string
  phone: string
  at: string
}

export async function loadClaims(cursor: string | null): Promise<PageOf<Claim>> {
  const page = await claim_list({ limit: 20, cursor, total: cursor ? null : true }, { query: { state: 'asked' } })
  const rows = ((page.items as Record<string, unknown>[] | null) ?? []).map((r) => ({
    id: Number(r.id),
    firm: String(r.firm_name ?? ''),
    person: String(r.person ?? ''),
    phone: String(r.phone ?? ''),
    at: String(r.at ?? ''),
  }))
  return { rows, next: page.next ?? null, total: page.total ?? null }
}

/** The code of the invitation, '' when refused. */
export async function decideClaim(claim: number, approve: boolean, opinion: string): Promise<string> {
  const d = await claim_decide({ claim, approve, opinion: opinion || null })
  return d.slip?.[0]?.code ?? ''
}
