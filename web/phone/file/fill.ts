/* What a firm lacks, and the short form by which it can supply each thing itself. */
import { etagOf } from '@shared/api'
import type { Fields } from '@shared/fields'
import {
  firm_doc_create, firm_file, firm_own, firm_own_edit, person_create, supplier_create, type FirmDocCreateInput,
  type FirmFile, type LackView, type PersonCreateInput, type SupplierCreateInput,
} from '@generated/api'
import { fields_firm_doc_new, fields_firm_own_edit, fields_person_new, fields_supplier_new } from '@generated/fields'
import { dropFiles, type OutboxRow } from '@shared/offline'
import { session } from '@phone/state/session'
import { uploadAll } from '@phone/state/upload'
import { loadTold, type Told } from '@phone/state/told'

export type Lack = LackView
export type Values = Record<string, string>

export interface FillForm {
  metas: Fields
  names: readonly string[]
  /* a scan is supplied, not words */
  scan?: boolean
  send: (values: Record<string, unknown>, key: string, photos: string[]) => Promise<unknown>
}

const own: Fields = fields_firm_own_edit

/* What the outbox keeps of a supplied thing: which one, and what was typed. */
export interface FillJob {
  lack: Pick<Lack, 'code' | 'of' | 'field' | 'label'>
  values: Values
  photos: string[]
}

/* A supplied thing under way on the phone. */
export type FillDraft = Pick<FillJob, 'values' | 'photos'>

export const fillId = (l: Pick<Lack, 'code' | 'of' | 'field'>) => `fill/${l.code}/${l.of}/${l.field ?? ''}`

export async function loadLacking(): Promise<FirmFile & { told: Told[] }> {
  const [file, told] = await Promise.all([firm_file({ firm: session.firm }), loadTold(session.firm)])
  return { ...file, told }
}

async function fillOwn(values: Record<string, unknown>): Promise<unknown> {
  const now = await firm_own({})
  return firm_own_edit(values, { ifMatch: etagOf(now) || String(now.version ?? '') })
}

/** The form for one missing thing, or null when it is not to be typed on a phone. */
export function formFor(lack: Pick<Lack, 'of' | 'field'>): FillForm | null {
  const { of, field } = lack
  const firm = session.firm
  if (of === 'firm' && field && own[field]) return { metas: own, names: [field], send: fillOwn }
  if (of === 'docs')
    return {
      metas: fields_firm_doc_new, names: ['approver', 'effective', 'doc_no'],
      send: (v, key) => firm_doc_create({ firm, kind: field, state: '已建立', ...v } as FirmDocCreateInput, { key }),
    }
  if (of === 'person' && (field === 'director' || field === 'officer'))
    return {
      metas: fields_person_new, names: ['name', 'phone', 'from_day', 'doc_no', 'other_duties'],
      send: (v, key) => person_create({ firm, post: field, ...v } as PersonCreateInput, { key }),
    }
  if (of === 'attachment' && field)
    return { metas: {}, names: [], scan: true, send: (_v, _key, photos) => uploadAll(photos, { firm, purpose: field }) }
  if (of === 'supplier')
    return {
      metas: fields_supplier_new, names: ['name', 'goods', 'lic_no'],
      send: (v, key) => supplier_create({ firm, ...v } as SupplierCreateInput, { key }),
    }
  return null
}

/** What was typed, as the operation takes it; a wrong number stays text for the server to name. */
export function typed(form: FillForm, values: Values): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const n of form.names) {
    const v = (values[n] ?? '').trim()
    const number = form.metas[n]?.type === 'int' || form.metas[n]?.type === 'money'
    if (v) out[n] = number && /^-?\d+(\.\d+)?$/.test(v) ? Number(v) : v
  }
  return out
}

export async function sendFill(row: OutboxRow): Promise<null> {
  const { lack, values, photos } = row.payload as FillJob
  const form = formFor(lack)
  if (form) await form.send(typed(form, values), row.key, photos)
  await dropFiles(photos)
  return null
}
