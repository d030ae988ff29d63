/* The phone's local store: one IndexedDB database, five object stores.
 *
 *   meta    whose data this is (one account at a time, see owner.ts)
 *   drafts  half-finished work, one record per thing being filled in
 *   outbox  finished records on their way to the server, by idempotency key
 *   files   photos and scans that belong to drafts and outbox records
 *   cache   the last answers of reads, so the app opens without a network
 *
 * Nothing else in the program touches IndexedDB. Values are plain data: no proxies, no functions. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import { ApiProblem } from '@shared/problem'
import { texts } from '@shared/texts'

export interface DraftRow {
  id: string
  kind: string
  updatedAt: number
  data: unknown
}

export type OutboxState = 'waiting' | 'sending' | 'refused' | 'sent'

export interface OutboxRow {
  key: string
  seq: number
  kind: string
  title: string
  payload: unknown
  deviceTime: string
  state: OutboxState
  tries: number
  nextAt: number
  problem: string | null
  receipt: unknown
}

export interface FileRow {
  id: string
  name: string
  type: string
  bytes: ArrayBuffer
  /* when it was taken, ms */
  at: number
  /* the server's attachment id once uploaded: a retry never uploads twice */
  remote: number | null
}

export interface CacheRow {
  id: string
  at: number
  data: unknown
}

interface Schema extends DBSchema {
  meta: { key: string; value: string }
  drafts: { key: string; value: DraftRow; indexes: { kind: string } }
  outbox: { key: string; value: OutboxRow; indexes: { seq: number } }
  files: { key: string; value: FileRow }
  cache: { key: string; value: CacheRow }
}

export type Store = IDBPDatabase<Schema>

const NAME = 'zhian-phone'
const VERSION = 1
const STORES = ['meta', 'drafts', 'outbox', 'files', 'cache'] as const

let opened: Promise<Store> | null = null

function create(db: Store): void {
  db.createObjectStore('meta')
  db.createObjectStore('drafts', { keyPath: 'id' }).createIndex('kind', 'kind')
  db.createObjectStore('outbox', { keyPath: 'key' }).createIndex('seq', 'seq')
  db.createObjectStore('files', { keyPath: 'id' })
  db.createObjectStore('cache', { keyPath: 'id' })
}

async function open(): Promise<Store> {
  try {
    return await openDB<Schema>(NAME, VERSION, {
      upgrade: create,
      blocking: () => void closeStore(),
      terminated: () => {
        opened = null
      },
    })
  } catch {
    opened = null
    throw new ApiProblem('server', 0, texts.offline.noStore)
  }
}

/* store opens the database once; a lost connection is opened again on the next call. A browser that
 * refuses it gets a sentence that says what to do: without it a check could be lost. */
export function store(): Promise<Store> {
  opened ??= open()
  return opened
}

export async function closeStore(): Promise<void> {
  const held = opened
  opened = null
  if (held) (await held).close()
}

/* wipe empties every store in one transaction: nothing of the former account is left. */
export async function wipe(): Promise<void> {
  const tx = (await store()).transaction(STORES, 'readwrite')
  await Promise.all(STORES.map((s) => tx.objectStore(s).clear()))
  await tx.done
}

/* plain strips reactive proxies: IndexedDB clones values and refuses proxies. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
