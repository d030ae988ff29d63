/* Notices, telling firms, questions and the handbook, from the generated operations to the pages. */
import { opUrl } from '@shared/api'
import { useCodes } from '@shared/codes'
import { dropFiles, outboxRows, type OutboxRow } from '@shared/offline'
import {
  handbook_get, inbox_get, notice_firms, notice_work, op_notice_file_get, own_notice_get, own_notice_list,
  own_notice_read, question_create, question_get, question_list, question_seen, question_step, telling_create,
  type QuestionView,
} from '@generated/api'
import type { PageOf } from '@phone/model'
import { uploadAll } from './upload'

type Wire = Record<string, unknown>
const text = (v: unknown) => (v === null || v === undefined ? '' : String(v))
const label = (list: string, code: unknown) => useCodes().label(list, text(code))

export const loadOwnNotices = async () => (await own_notice_list({})).items ?? []

export async function loadOwnNotice(id: number) {
  const n = await own_notice_get({ notice: id })
  return {
    ...n,
    paras: (n.body as { heading: boolean; text: string }[] | null) ?? [],
    links: (n.files ?? []).map((f) => ({ id: f.id ?? 0, name: f.name ?? '', url: opUrl(op_notice_file_get, { file: f.id }) })),
  }
}
export const wayLabel = (way: unknown) => label('notice_way', way)
export const stateLabel = (state: unknown) => label('question_state', state)

export const loadWork = async () => (await notice_work({})).items ?? []

export interface TellFirm {
  id: number
  name: string
  sub: string
}

const PAGE = 200

/* The firms not told yet; a page long enough for a day without a network. */
export async function loadUnreached(notice: number, cursor: string | null): Promise<PageOf<TellFirm>> {
  const query = { notice: String(notice), status: 'unreached' }
  const got = await notice_firms({ limit: PAGE, cursor, total: true, columns: 'name,site_address,org_name' }, { query })
  const rows = ((got.items as Wire[] | null) ?? []).map((w) => ({ id: Number(w.id), name: text(w.name), sub: text(w.site_address ?? w.org_name) }))
  return { rows, next: got.next ?? null, total: got.total ?? null }
}

/* What the outbox keeps of a telling: enough to send it later. */
export interface TellJob {
  notice: number
  firm: number
  way: string
  day: string
  told: string
  note: string
  photos: string[]
}

export async function sendTelling(row: OutboxRow): Promise<unknown> {
  const j = row.payload as TellJob
  const sent = await uploadAll(j.photos, { firm: j.firm, purpose: 'archive' })
  const got = await telling_create({
    notice: j.notice, firm: j.firm, way: j.way, day: j.day, told: j.told, note: j.note || null,
    attachment: sent[0] ?? null, key: row.key, device_at: row.deviceTime,
  })
  await dropFiles(j.photos)
  return { id: got.id }
}

export async function sendRead(row: OutboxRow): Promise<unknown> {
  const { notice } = row.payload as { notice: number }
  const got = await own_notice_read({ notice, device_at: row.deviceTime })
  return { at: got.read_at }
}

/* Records of a kind that are on this phone and not up yet, by what they are about. */
export async function pendingOf(kind: string, of: (payload: never) => string): Promise<Set<string>> {
  const rows = await outboxRows()
  return new Set(rows.filter((r) => r.kind === kind && r.state !== 'sent').map((r) => of(r.payload as never)))
}

export interface Question extends QuestionView {
  can: string[]
}
const questionOf = (v: QuestionView): Question => ({ ...v, can: (v.actions as string[] | null) ?? [] })

export async function loadQuestions(box: string, cursor: string | null, kinds = ''): Promise<PageOf<Wire>> {
  const query: Record<string, string> = { box, ...(kinds ? { kind: kinds } : {}) }
  const got = await question_list({ limit: 20, cursor, total: true }, { query })
  return { rows: (got.items as Wire[] | null) ?? [], next: got.next ?? null, total: got.total ?? null }
}
/* Opening an answer of one's own is seeing it. */
export async function loadQuestion(id: number): Promise<Question> {
  const q = questionOf(await question_get({ question: id }))
  return q.mine && q.seen === false ? questionOf(await question_seen({ question: id })) : q
}
export const askQuestion = (kind: string, title: string, text_: string, page: string, key: string) =>
  question_create({ kind, title, text: text_, page: page || null }, { key })
export const stepQuestion = async (q: Question, action: string, text_: string) =>
  questionOf(await question_step({ question: q.id!, action, text: text_ || null }, { ifMatch: text(q.version) }))

export async function loadInbox(): Promise<Record<string, number>> {
  const items = (await inbox_get({})).items ?? []
  const out: Record<string, number> = {}
  for (const x of items) out[x.kind ?? ''] = (out[x.kind ?? ''] ?? 0) + 1
  return out
}

export interface BookBlock {
  h?: string
  p?: string
  list?: string[]
  table?: { head: string[]; rows: string[][] }
  sample?: string
}
export interface BookSample {
  code: string
  title: string
  form: string
  use?: string
  lines?: string[]
  head?: string[]
  note?: string
}
export async function loadBook() {
  const b = await handbook_get({})
  return {
    title: b.title ?? '',
    note: [b.issuer, b.note].filter(Boolean).join(' · '),
    chapters: (b.chapters as { no: string; title: string; blocks: BookBlock[] }[] | null) ?? [],
    samples: (b.samples as BookSample[] | null) ?? [],
  }
}
