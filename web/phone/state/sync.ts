/* Uploading in the background of the page: when to try, and the counts the banner shows. What each
 * kind of record needs to go up stands in senders.ts. */
import { reactive } from 'vue'
import { asProblem } from '@shared/problem'
import {
  drain, dropDraft, dropOrphans, enqueue, getRow, nextDue, onOutbox, outboxRows, retryNow, setupOutbox, type OutboxRow,
  type Verdict,
} from '@shared/offline'
import { senders } from './senders'
import { refreshSession, session } from './session'

export const sync = reactive({ waiting: 0, refused: 0, sending: false, signin: false, justDone: false })

const RETRY_KINDS = new Set(['offline', 'timeout', 'busy', 'server'])
const MIN_PAUSE_MS = 1_000
const SAY_DONE_MS = 4_000
const HAND_MS = 8_000

let timer: ReturnType<typeof setTimeout> | undefined

/* judge: what the server or the network could not take now is tried again; the rest is refused
 * with the server's own sentence. */
export function judge(error: unknown): Verdict {
  const p = asProblem(error)
  if (p.kind === 'signin') return { then: 'signin' }
  if (p.type === 'csrf') {
    session.unsure = true
    return { then: 'retry' }
  }
  if (RETRY_KINDS.has(p.kind)) return { then: 'retry' }
  const details = p.errors.map((e) => e.message).filter((m) => m !== p.message)
  return { then: 'refuse', problem: [p.message, ...details].join('；') }
}

/* said for a moment after the last record went up */
function sayDone(before: number): void {
  if (before === 0 || sync.waiting + sync.refused > 0) return
  sync.justDone = true
  setTimeout(() => (sync.justDone = false), SAY_DONE_MS)
}

async function count(): Promise<void> {
  const rows = await outboxRows()
  const before = sync.waiting
  sync.waiting = rows.filter((r) => r.state === 'waiting' || r.state === 'sending').length
  sync.refused = rows.filter((r) => r.state === 'refused').length
  sayDone(before)
}

async function arm(): Promise<void> {
  clearTimeout(timer)
  const at = await nextDue()
  if (at === null || sync.signin) return
  timer = setTimeout(() => void push(), Math.max(at - Date.now(), MIN_PAUSE_MS))
}

async function run(go: () => Promise<string>): Promise<void> {
  sync.sending = true
  try {
    if (session.unsure) await refreshSession()
    sync.signin = (await go()) === 'signin'
  } finally {
    sync.sending = false
    await count()
    await arm()
  }
}

/* push sends what is due; pushNow also what was postponed. Both return when the try is over. */
export const push = () => run(drain)
export const pushNow = () => run(retryNow)

export interface Handed {
  then: 'sent' | 'waiting' | 'refused'
  row: OutboxRow | null
}

/* hand puts a finished record into the outbox, drops the draft it was made from, and waits a moment
 * for its fate: a page can then say at once what the server refused. Without a network it waits. */
export async function hand(kind: string, title: string, payload: unknown, draft: string | null): Promise<Handed> {
  const key = await enqueue(kind, title, payload)
  if (draft) await dropDraft(draft)
  await Promise.race([push().catch(() => undefined), new Promise((done) => setTimeout(done, HAND_MS))])
  const row = await getRow(key)
  const state = row?.state ?? 'sent'
  return { then: state === 'sent' || state === 'refused' ? state : 'waiting', row }
}

/* startSync is called once, when the page starts. */
export function startSync(): void {
  setupOutbox({ senders, judge })
  onOutbox(() => void count())
  window.addEventListener('online', () => void pushNow())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void pushNow()
  })
  // a browser that keeps nothing is told so when signing in
  count()
    .then(pushNow)
    .then(() => dropOrphans())
    .catch(() => undefined)
}
