/* Photos and scans waiting to go up. The bytes are kept as an ArrayBuffer: some phones lose a
 * Blob that lives in IndexedDB. */
import { newKey } from './key'
import { store, type FileRow } from './store'

export async function addFile(file: File): Promise<FileRow> {
  const row: FileRow = {
    id: newKey(),
    name: file.name,
    type: file.type,
    bytes: await file.arrayBuffer(),
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

export function toBlob(row: FileRow): Blob {
  return new Blob([row.bytes], { type: row.type })
}
