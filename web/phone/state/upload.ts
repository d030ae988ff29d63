/* Local files to attachments of the server. The local id is the idempotency key, and the server's id
 * is noted beside the file, so that neither a retry nor a reload uploads twice. */
import { getFile, markUploaded, toBlob } from '@shared/offline'
import { attachment_create } from '@generated/api'

export interface Owner {
  firm: number
  kind?: 'firm' | 'hazard'
  id?: number
  purpose: string
}

async function uploadOne(fileId: string, owner: Owner): Promise<number | null> {
  const row = await getFile(fileId)
  if (!row || row.remote !== null) return row?.remote ?? null
  const input = { firm: owner.firm, owner_kind: owner.kind, owner: owner.id, purpose: owner.purpose, key: fileId }
  const got = await attachment_create(input, toBlob(row), row.name, { key: fileId })
  const remote = got.id ?? null
  if (remote !== null) await markUploaded(fileId, remote)
  return remote
}

/* uploadAll returns the attachment ids in order, one by one: phones have little upstream. */
export async function uploadAll(fileIds: string[], owner: Owner): Promise<number[]> {
  const ids: number[] = []
  for (const f of fileIds) {
    const id = await uploadOne(f, owner)
    if (id !== null) ids.push(id)
  }
  return ids
}
