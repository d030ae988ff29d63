/* The survey on the phone: open campaigns, the own place's candidates, ticking through the outbox. */
import { useCodes } from '@shared/codes'
import { dropFiles, getFile, markUploaded, outboxRows, toBlob, type OutboxRow } from '@shared/offline'
import { campaign_list, candidate_list, candidate_photo_add, candidate_tick } from '@generated/api'
import type { Candidate, TickJob } from '@phone/survey/tick'

type Wire = Record<string, unknown>
const PAGE = 200
const PAGES = 10
const COLUMNS = 'name,uscc,state,prio,reasons,kind,sources,town_name,address,firm,why,note,ticked_name,py'
const text = (v: unknown) => (v === null || v === undefined ? '' : String(v))
const labels = (list: string, v: unknown) => (Array.isArray(v) ? (v as string[]) : []).map((x) => useCodes().label(list, x)).join('、')

export interface Survey {
  id: number
  title: string
  due: string
  bornOverdue: boolean
  rows: Candidate[]
  /** the list goes on at the desk */
  cut: boolean
}

function rowOf(w: Wire): Candidate {
  return {
    id: Number(w.id),
    version: text(w.version),
    name: text(w.name),
    uscc: text(w.uscc),
    py: text(w.py),
    town: text(w.town_name),
    address: text(w.address),
    state: text(w.state),
    stateLabel: useCodes().label('candidate_state', text(w.state)),
    prio: w.prio === true,
    reasons: labels('entry_reason', w.reasons),
    sources: labels('candidate_source', w.sources),
    kind: text(w.kind),
    firm: w.firm ? Number(w.firm) : null,
    why: text(w.why),
    note: text(w.note),
    tickedBy: text(w.ticked_name),
  }
}

/* The whole list of the own place is kept, so that it can be worked through without a network. */
async function rowsOf(campaign: number): Promise<{ rows: Candidate[]; cut: boolean }> {
  const rows: Candidate[] = []
  let cursor: string | null = null
  for (let i = 0; i < PAGES; i++) {
    const page: { items?: unknown; next?: string | null } = await candidate_list(
      { limit: PAGE, cursor, columns: COLUMNS },
      { query: { campaign: String(campaign) } }
    )
    rows.push(...((page.items as Wire[] | null) ?? []).map(rowOf))
    cursor = page.next ?? null
    if (!cursor) return { rows, cut: false }
  }
  return { rows, cut: true }
}

export async function loadSurveys(): Promise<Survey[]> {
  const open = ((await campaign_list({})).items ?? []).filter((x) => ((x.record ?? {}) as Wire).state === 'open')
  const out: Survey[] = []
  for (const x of open) {
    const id = x.id ?? 0
    out.push({
      id,
      title: text(((x.record ?? {}) as Wire).title),
      due: x.my_due ?? x.below_due ?? '',
      bornOverdue: x.born_overdue === true,
      ...(await rowsOf(id)),
    })
  }
  return out
}

/* Candidates whose result waits on the phone. */
export async function waitingTicks(): Promise<Set<number>> {
  const rows = (await outboxRows()).filter((r) => r.kind === 'tick' && r.state !== 'sent')
  return new Set(rows.map((r) => (r.payload as TickJob).candidate))
}

async function photosUp(candidate: number, files: string[]): Promise<void> {
  for (const id of files) {
    const row = await getFile(id)
    if (!row || row.remote !== null) continue
    const got = await candidate_photo_add({ candidate }, toBlob(row), row.name, { key: id })
    await markUploaded(id, got.id ?? 0)
  }
}

/* Photos first, then the tick under the row's own key: sent twice it is one. */
export async function sendTick(row: OutboxRow): Promise<null> {
  const { candidate, draft: d } = row.payload as TickJob
  await photosUp(candidate, d.photos)
  await candidate_tick(
    { candidate, state: d.state, why: d.why || null, note: d.note.trim() || null, kind: d.kind || null },
    { key: row.key, ifMatch: d.version }
  )
  await dropFiles(d.photos)
  return null
}
