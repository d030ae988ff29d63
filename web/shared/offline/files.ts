/* Photos and scans waiting to go up. The bytes are kept as an ArrayBuffer: some phones lose a
 * Blob that lives in IndexedDB. */
import { newKey } from './key'
import { store, type FileRow } from './store'

const ORPHAN_AGE_MS = 24 * 3600 * 1000

export async function addFile(file: File): Promise<FileRow> {
  const row: FileRow = {
    id: newKey(),
    name: file.name,
    type: file.type,
    bytes: await file.arrayBuffer(),
    at: Date.now(),
    remote: null,
  }
  await (await store()).put('files', row)
  return row
}

export async function getFile(id: string): Promise<FileRow | null> {
  return (await (await store()).get('files', id)) ?? null
}

export async function markUploaded(id: string, remote: number): Promise<void> {
  const row = await getFile(id)
  if (row) await (await store()).put('files', { ...row, remote })
}

export async function dropFiles(ids: string[]): Promise<void> {
  const tx = (await store()).transaction('files', 'readwrite')
  await Promise.all(ids.map((id) => tx.store.delete(id)))
  await tx.done
}

/* dropOrphans removes photos that no draft and no record speaks of any more: taken for something
 * that was closed without keeping it. Young ones stay: their form may still be open. */
export async function dropOrphans(now: number = Date.now()): Promise<void> {
  const db = await store()
  const kept = JSON.stringify([await db.getAll('drafts'), await db.getAll('outbox')])
  const old = (await db.getAll('files')).filter((f) => now - f.at > ORPHAN_AGE_MS)
  await dropFiles(old.map((f) => f.id).filter((id) => !kept.includes(id)))
}

export function toBlob(row: FileRow): Blob {
  return new Blob([row.bytes], { type: row.type })
}
