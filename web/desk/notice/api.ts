// Notices, telling, questions and the handbook as the pages use them.
import { etagOf, opUrl } from '@shared/api'
import {
  filling_rules, handbook_get, inbox_get, notice_board, notice_contact, notice_create, notice_dispatch, notice_edit,
  notice_file_create, notice_file_drop, op_notice_firms, notice_get, notice_issue, op_notice_list, op_notice_receivers,
  notice_sign, notice_starts, notice_withdraw, op_attachment_get, op_notice_file_get, question_create, question_get,
  op_question_list, question_seen, question_step, telling_create, telling_list, telling_many, telling_void,
  attachment_create, type NoticeCreateInput, type NoticeEditInput, type NoticeView, type QuestionView, type TellRow,
  type TellManyDone,
} from '@generated/api'
import { serverList } from '../list/reader'

export type Values = Record<string, unknown>
export interface Para {
  heading: boolean
  text: string
}

export interface Notice extends NoticeView {
  etag: string
  can: Set<string>
  paras: Para[]
}

export function noticeOf(v: NoticeView): Notice {
  return { ...v, etag: etagOf(v) || String(v.version ?? ''), can: new Set((v.actions as string[] | null) ?? []), paras: (v.body as Para[] | null) ?? [] }
}
const made = async (p: Promise<NoticeView>) => noticeOf(await p)

export const readNotice = (id: number, signal?: AbortSignal) => made(notice_get({ notice: id }, { signal }))
export const noticeReader = (box: string) => serverList(op_notice_list, {}, { box })
export const receiverReader = (id: number) => serverList(op_notice_receivers, {}, { notice: String(id) })
export const addNotice = (v: Values) => made(notice_create(v as unknown as NoticeCreateInput))
export const saveNotice = (n: Notice, v: Values) =>
  made(notice_edit({ ...v, notice: n.id } as unknown as NoticeEditInput, { ifMatch: n.etag }))
export const issueNotice = (n: Notice, orgs: number[], everyone: boolean, reason: string) =>
  made(notice_issue({ notice: n.id!, orgs: orgs.map((org) => ({ org })), everyone, reason: reason || null }, { ifMatch: n.etag }))
export const dispatchNotice = (n: Notice, orgs: number[]) =>
  made(notice_dispatch({ notice: n.id!, orgs: orgs.map((org) => ({ org })) }))
export const withdrawNotice = (n: Notice, reason: string) => made(notice_withdraw({ notice: n.id!, reason }, { ifMatch: n.etag }))
export const setContact = (n: Notice, v: Values) => made(notice_contact({ ...v, notice: n.id! }, { ifMatch: n.etag }))
export const signNotice = (n: Notice, note: string) => made(notice_sign({ notice: n.id!, note: note || null }))
export const addNoticeFile = (n: Notice, file: File) => notice_file_create({ notice: n.id! }, file, file.name)
export const dropNoticeFile = (id: number) => notice_file_drop({ file: id })
export const noticeFileUrl = (id: number | null | undefined) => opUrl(op_notice_file_get, { file: id })
export const scanUrl = (id: number) => opUrl(op_attachment_get, { attachment: id })

export interface Start {
  code: string
  title: string
  [k: string]: unknown
}
export const readStarts = async (): Promise<Start[]> => ((await notice_starts({})).items as Start[] | null) ?? []

/** One line, one paragraph; "# " marks a heading. */
export const parasOf = (text: string): Para[] =>
  text.split(/\r?\n/).map((l) => l.trim()).filter(Boolean)
    .map((l) => (l.startsWith('# ') ? { heading: true, text: l.slice(2).trim() } : { heading: false, text: l }))
export const textOf = (paras: Para[]): string => paras.map((p) => (p.heading ? `# ${p.text}` : p.text)).join('\n')

export const TELL_KINDS = ['due', 'reached', 'unreached'] as const
export type TellKind = (typeof TELL_KINDS)[number]
export const readTellBoard = (id: number, org: number | null, signal?: AbortSignal) => notice_board({ notice: id, org }, { signal })
export const tellFirms = (id: number, org: number, status: TellKind) =>
  serverList(op_notice_firms, { org }, { notice: String(id), status })
export type { TellRow }

export const readTellings = async (notice: number, firm: number, signal?: AbortSignal) =>
  (await telling_list({ notice, firm }, { signal })).items ?? []
export async function tellOne(notice: number, firm: number, v: Values, scan: File | null): Promise<void> {
  const sent = scan ? await attachment_create({ firm, purpose: 'notice' }, scan, scan.name) : null
  await telling_create({ ...(v as { way: string; day: string }), notice, firm, attachment: sent?.id ?? null })
}
export const voidTelling = (telling: number, reason: string) => telling_void({ telling, reason })
export const tellMany = (notice: number, firms: number[], org: number | null, v: Values, preview: boolean): Promise<TellManyDone> =>
  telling_many({ ...(v as { way: string; day: string; note: string }), notice, firms: firms.map((firm) => ({ firm })), org, preview })

export interface Question extends QuestionView {
  can: Set<string>
}
export const questionOf = (v: QuestionView): Question => ({ ...v, can: new Set((v.actions as string[] | null) ?? []) })
export const questionReader = (box: string) => serverList(op_question_list, {}, { box })
export const readQuestion = async (id: number, signal?: AbortSignal) => questionOf(await question_get({ question: id }, { signal }))
export const seeQuestion = async (id: number) => questionOf(await question_seen({ question: id }))
export const askQuestion = async (v: Values) =>
  questionOf(await question_create(v as { kind: string; title: string; text: string }))
export const stepQuestion = async (q: Question, action: string, text: string) =>
  questionOf(await question_step({ question: q.id!, action, text: text || null }, { ifMatch: String(q.version) }))

export const readInbox = (signal?: AbortSignal) => inbox_get({}, { signal })
export const INBOX_TO: Record<string, (ref: number) => string> = {
  sign: (r) => `/notice/${r}`,
  read: (r) => `/notice/${r}`,
  answer: (r) => `/question/${r}`,
  reply: (r) => `/question/${r}`,
}

export interface Block {
  h?: string
  p?: string
  list?: string[]
  table?: { head: string[]; rows: string[][] }
  sample?: string
}
export interface Chapter {
  no: string
  title: string
  blocks: Block[]
}
export interface Sample {
  code: string
  title: string
  form: 'text' | 'table'
  lines?: string[]
  head?: string[]
  rows?: number
  note?: string
}
export async function readHandbook(signal?: AbortSignal) {
  const h = await handbook_get({}, { signal })
  return { ...h, chapters: (h.chapters as Chapter[] | null) ?? [], samples: (h.samples as Sample[] | null) ?? [] }
}
export interface Rule {
  no: string
  title: string
  text: string
}
export async function readRules(signal?: AbortSignal) {
  const r = await filling_rules({}, { signal })
  return { rules: (r.rules as Rule[] | null) ?? [], fields: (r.fields as Record<string, { rule: string; text: string }> | null) ?? {} }
}
