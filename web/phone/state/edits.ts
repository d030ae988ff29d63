/* Corrections of a firm's fields made on the phone: they wait in the outbox, are shown meanwhile,
 * and meet the stored version field by field. What somebody else changed in other fields is no
 * clash; a field changed by both is never overwritten without a person's choice. */
import { outboxRows, type OutboxRow } from '@shared/offline'
import { ApiProblem, asProblem } from '@shared/problem'
import { firm_edit, firm_get, product_edit } from '@generated/api'
import { fields_firm_edit, fields_product_edit } from '@generated/fields'
import type { EditField, EditTarget, FirmFile } from '@phone/model'
import { t } from '@phone/texts'
import { editFields, fileOf } from './firms'

type Wire = Record<string, unknown>

export interface Change {
  /* the value it was changed from */
  base: string
  mine: string
}

/* What the outbox keeps of an edit: the changed fields only. */
export interface EditJob {
  firm: number
  firmName: string
  product: number | null
  etag: string
  values: Record<string, Change>
}

export const editId = (x: EditTarget) => `edit/${x.firm}/${x.product ?? 0}/${x.fields.map((f) => f.name).join('.')}`
export const metasOf = (product: number | null) => (product === null ? fields_firm_edit : fields_product_edit)
const text = (v: unknown) => (v === null || v === undefined ? '' : String(v))

/* changesOf: what differs from what was read, or null when nothing does. */
export function changesOf(target: EditTarget, values: Record<string, string>): Record<string, Change> | null {
  const changed = target.fields.filter((f) => (values[f.name] ?? '').trim() !== f.value)
  if (!changed.length) return null
  return Object.fromEntries(changed.map((f) => [f.name, { base: f.value, mine: values[f.name]!.trim() }]))
}

function typed(type: string | undefined, value: string): unknown {
  const isNumber = (type === 'int' || type === 'money') && /^-?\d+(\.\d+)?$/.test(value)
  return isNumber ? Number(value) : value
}

/* put sends changes; emptied fields of a firm are named in `clear`. */
async function put(job: EditJob, values: Record<string, string>, ifMatch: string, key: string): Promise<void> {
  const metas: Record<string, { type: string }> = metasOf(job.product)
  const filled = Object.entries(values).filter(([, v]) => v !== '')
  const body = Object.fromEntries(filled.map(([n, v]) => [n, typed(metas[n]?.type, v)]))
  const clear = Object.keys(values).filter((n) => values[n] === '')
  if (job.product !== null) await product_edit({ firm: job.firm, product_id: job.product, ...body }, { ifMatch, key })
  else await firm_edit({ firm: job.firm, ...body, ...(clear.length ? { clear } : {}) }, { ifMatch, key })
}

export interface Stored {
  file: FirmFile
  record: Wire
  etag: string
}

/* stored reads the record an edit is of, as it is now. */
export async function stored(job: EditJob): Promise<Stored> {
  const file = fileOf(await firm_get({ firm: job.firm }))
  if (job.product === null) return { file, record: file.record, etag: file.etag }
  const p = file.products.find((x) => Number(x.id) === job.product)
  if (!p) throw new ApiProblem('missing', 404, t.merge.gone)
  return { file, record: p, etag: text(p.version) }
}

/* clashes: fields that somebody else changed to something else since. */
export function clashes(values: Record<string, Change>, record: Wire): string[] {
  return Object.keys(values).filter((n) => {
    const now = text(record[n])
    return now !== values[n]!.base && now !== values[n]!.mine
  })
}

async function over(job: EditJob, key: string): Promise<void> {
  const now = await stored(job)
  const clash = clashes(job.values, now.record)
  if (clash.length) {
    const metas: Record<string, { label: string }> = metasOf(job.product)
    const names = clash.map((n) => metas[n]?.label ?? n)
    throw new ApiProblem('conflict', 409, t.merge.clash(names.join('、')), { type: '/problems/stale' })
  }
  const left = Object.entries(job.values).filter(([n, c]) => text(now.record[n]) !== c.mine)
  if (left.length) await put(job, Object.fromEntries(left.map(([n, c]) => [n, c.mine])), now.etag, `${key}-2`)
}

export async function sendEdit(row: OutboxRow): Promise<null> {
  const job = row.payload as EditJob
  try {
    await put(job, Object.fromEntries(Object.entries(job.values).map(([n, c]) => [n, c.mine])), job.etag, row.key)
  } catch (e) {
    if (asProblem(e).type !== 'stale') throw e
    await over(job, row.key)
  }
  return null
}

/* Edits of a firm that are on the phone only, oldest first. */
export async function openEdits(firm: number): Promise<OutboxRow[]> {
  const rows = await outboxRows()
  return rows.filter((r) => r.kind === 'edit' && r.state !== 'sent' && (r.payload as EditJob).firm === firm)
}

function apply(record: Wire, job: EditJob): Wire {
  const metas: Record<string, { type: string }> = metasOf(job.product)
  const mine = Object.entries(job.values).map(([n, c]) => [n, c.mine === '' ? null : typed(metas[n]?.type, c.mine)])
  return { ...record, ...Object.fromEntries(mine) }
}

/* withEdits: the file as it will be once the waiting edits are in. */
export function withEdits(file: FirmFile, rows: OutboxRow[]): FirmFile {
  let out = file
  for (const job of rows.map((r) => r.payload as EditJob)) {
    const labels = Object.fromEntries(Object.entries(out.labels).filter(([n]) => job.product !== null || !(n in job.values)))
    const products = out.products.map((p) => (Number(p.id) === job.product ? apply(p, job) : p))
    out = { ...out, labels, products, record: job.product === null ? apply(out.record, job) : out.record }
  }
  return out
}

export interface MergeRow extends Change {
  field: EditField
  theirs: string
  clash: boolean
}

/* The two versions of a refused edit, field by field. */
export async function loadMerge(job: EditJob): Promise<{ etag: string; rows: MergeRow[] }> {
  const now = await stored(job)
  const clash = new Set(clashes(job.values, now.record))
  const rows = editFields(metasOf(job.product), now.record, Object.keys(job.values)).map((field) => ({
    field,
    ...job.values[field.name]!,
    theirs: field.value,
    clash: clash.has(field.name),
  }))
  return { etag: now.etag, rows }
}
