/* The outbox: finished records on their way to the server.
 *
 * A record gets its idempotency key when it is put in, and keeps it through every retry, so a lost
 * answer never makes a second record. Records go up in the order they were made. What the server
 * or the network could not take now (offline, timeout, 5xx, 429, session ended) stays and is tried
 * again with growing pauses; what the server refuses stays visible with its reason until a person
 * deals with it. Nothing is dropped silently. */
import { deviceTime, newKey } from './key'
import { plain, store, type OutboxRow } from './store'

export type Sender = (row: OutboxRow) => Promise<unknown>

/* What a failed send means: try again later, wait until signed in, or refused for good. */
export type Verdict =
  | { then: 'retry'; afterMs?: number }
  | { then: 'signin' }
  | { then: 'refuse'; problem: string }

export interface OutboxSetup {
  senders: Record<string, Sender>
  judge: (error: unknown) => Verdict
  now?: () => number
}

export type DrainEnd = 'empty' | 'waiting' | 'signin' | 'busy'

const PAUSES_MS = [2_000, 5_000, 15_000, 60_000, 300_000]
const KEEP_SENT = 20

const listeners = new Set<() => void>()
let setup: OutboxSetup | null = null
let draining: Promise<DrainEnd> | null = null

export function setupOutbox(s: OutboxSetup): void {
  setup = s
}

export function onOutbox(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

function changed(): void {
  listeners.forEach((l) => l())
}

function clock(): number {
  return setup?.now ? setup.now() : Date.now()
}

export async function outboxRows(): Promise<OutboxRow[]> {
  return (await store()).getAllFromIndex('outbox', 'seq')
}

/* enqueue writes the record to the phone and returns its key; sending is a separate step. */
export async function enqueue(kind: string, title: string, payload: unknown): Promise<string> {
  const key = newKey()
  const tx = (await store()).transaction('outbox', 'readwrite')
  const last = await tx.store.index('seq').openCursor(null, 'prev')
  await tx.store.put({
    key,
    seq: (last?.value.seq ?? 0) + 1,
    kind,
    title,
    payload: plain(payload),
    deviceTime: deviceTime(),
    state: 'waiting',
    tries: 0,
    nextAt: 0,
    problem: null,
    receipt: null,
  })
  await tx.done
  changed()
  return key
}

/* patch changes members of a stored record; a record removed meanwhile stays removed. */
async function patch(key: string, change: Partial<OutboxRow>): Promise<void> {
  const tx = (await store()).transaction('outbox', 'readwrite')
  const row = await tx.store.get(key)
  if (row) await tx.store.put({ ...row, ...change })
  await tx.done
  changed()
}

/* forget removes one record: after its receipt was read, or when a person gives up a refused one. */
export async function forget(key: string): Promise<void> {
  await (await store()).delete('outbox', key)
  changed()
}

export async function getRow(key: string): Promise<OutboxRow | null> {
  return (await (await store()).get('outbox', key)) ?? null
}

/* retryNow makes every record that waits due at once (network back, signed in, person asked). */
export async function retryNow(): Promise<DrainEnd> {
  for (const row of await outboxRows())
    if (row.state === 'waiting' && row.nextAt > 0) await patch(row.key, { nextAt: 0 })
  return drain()
}

function postponed(row: OutboxRow, afterMs: number | undefined): Partial<OutboxRow> {
  const pause = PAUSES_MS[Math.min(row.tries, PAUSES_MS.length - 1)]!
  const wait = Math.max(pause, afterMs ?? 0)
  return { state: 'waiting', tries: row.tries + 1, nextAt: clock() + wait }
}

async function settle(row: OutboxRow, error: unknown, s: OutboxSetup): Promise<Verdict> {
  const verdict = s.judge(error)
  if (verdict.then === 'refuse') await patch(row.key, { state: 'refused', problem: verdict.problem })
  else if (verdict.then === 'signin') await patch(row.key, { state: 'waiting' })
  else await patch(row.key, postponed(row, verdict.afterMs))
  return verdict
}

async function sendOne(row: OutboxRow, s: OutboxSetup): Promise<Verdict | 'sent'> {
  const sender = s.senders[row.kind]
  if (!sender) return settle(row, new Error(`no sender for ${row.kind}`), s)
  await patch(row.key, { state: 'sending' })
  try {
    const receipt = plain((await sender(row)) ?? null)
    await patch(row.key, { state: 'sent', problem: null, receipt })
    return 'sent'
  } catch (e) {
    return settle(row, e, s)
  }
}

/* A record found 'sending' belongs to a page that was closed meanwhile: its answer is unknown, its
 * key makes sending again safe. */
async function due(): Promise<OutboxRow[]> {
  const rows = await outboxRows()
  return rows.filter((r) => r.state === 'waiting' || r.state === 'sending')
}

async function trim(): Promise<void> {
  const sent = (await outboxRows()).filter((r) => r.state === 'sent')
  for (const row of sent.slice(0, -KEEP_SENT)) await forget(row.key)
}

async function pass(s: OutboxSetup): Promise<DrainEnd> {
  for (const row of await due()) {
    if (row.nextAt > clock()) return 'waiting'
    const end = await sendOne(row, s)
    if (end !== 'sent' && end.then === 'signin') return 'signin'
    if (end !== 'sent' && end.then === 'retry') return 'waiting'
  }
  await trim()
  return (await due()).length ? pass(s) : 'empty'
}

/* Two tabs of one phone must not send the same record at once. */
async function alone(work: () => Promise<DrainEnd>): Promise<DrainEnd> {
  const locks = (navigator as Partial<Navigator>).locks
  if (!locks) return work()
  let end: DrainEnd = 'busy'
  await locks.request('zhian-outbox', { ifAvailable: true }, async (l) => {
    if (l) end = await work()
  })
  return end
}

/* drain sends what is due, in order, and tells why it stopped. Calls while it runs share its run. */
export function drain(): Promise<DrainEnd> {
  const s = setup
  if (!s) return Promise.resolve('waiting')
  draining ??= alone(() => pass(s)).finally(() => {
    draining = null
  })
  return draining
}

/* nextDue is when the next try is worth making, in ms of the clock, or null when nothing waits. */
export async function nextDue(): Promise<number | null> {
  const first = (await due())[0]
  return first ? Math.max(first.nextAt, 0) : null
}
