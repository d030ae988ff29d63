/* What a firm told and its authority has not looked at yet; looking goes through the outbox. */
import { useCodes } from '@shared/codes'
import { outboxRows, type OutboxRow } from '@shared/offline'
import { entry_check, firm_file, person_list, type FirmFile, type PersonView } from '@generated/api'
import { t } from '@phone/texts'

export interface Told {
  of: string
  id: number
  what: string
  detail: string
  by: string
}

export interface LookJob {
  firm: number
  of: string
  entry: number
}

type Wire = Record<string, unknown>
const text = (v: unknown) => (v === null || v === undefined ? '' : String(v))
const label = (list: string, v: unknown) => useCodes().label(list, text(v))
const line = (...parts: unknown[]) => parts.map(text).filter(Boolean).join('，')

/* How an entry of each kind is named, and what is to be compared with what one sees. */
const KINDS: Record<string, { what: (r: Wire) => string; detail: (r: Wire) => string }> = {
  site: { what: (r) => label('site_kind', r.kind), detail: (r) => line(r.name, r.address) },
  firm_doc: { what: (r) => label('firm_doc_kind', r.kind), detail: (r) => line(r.title, r.doc_no, r.approver, r.effective) },
  supplier: { what: (r) => text(r.name), detail: (r) => line(r.goods, r.lic_no) },
  assessment: { what: (r) => label('assessment_kind', r.kind), detail: (r) => line(r.name, r.day, r.topic) },
  person: { what: (r) => text(r.post_label), detail: (r) => line(r.name, r.from_day, r.doc_no) },
}

/* An entry withdrawn or ended is not waited for. */
const waits = (r: Wire) => (r.checked === false || r.checked === 0) && !r.void_reason && !r.to_day

export function toldOf(file: FirmFile, people: PersonView[]): Told[] {
  const rows: [string, Wire[]][] = [
    ['person', people as Wire[]],
    ['firm_doc', (file.docs ?? []) as Wire[]],
    ['site', (file.sites ?? []) as Wire[]],
    ['supplier', (file.suppliers ?? []) as Wire[]],
    ['assessment', (file.assessments ?? []) as Wire[]],
  ]
  return rows.flatMap(([of, all]) =>
    all.filter(waits).map((r) => ({
      of,
      id: Number(r.id),
      what: `${t.firm.kinds[of]}：${KINDS[of]!.what(r)}`,
      detail: KINDS[of]!.detail(r),
      by: text(r.by_name),
    }))
  )
}

export async function loadTold(firm: number): Promise<Told[]> {
  const [file, people] = await Promise.all([firm_file({ firm }), person_list({ firm })])
  return toldOf(file, people.items ?? [])
}

export async function sendLook(row: OutboxRow): Promise<null> {
  await entry_check(row.payload as LookJob)
  return null
}

/* Entries looked at on this phone that wait to go up. */
export async function waitingLooks(firm: number): Promise<Set<string>> {
  const rows = (await outboxRows()).filter((r) => r.kind === 'look' && r.state !== 'sent')
  return new Set(rows.map((r) => r.payload as LookJob).filter((j) => j.firm === firm).map((j) => `${j.of}/${j.entry}`))
}
