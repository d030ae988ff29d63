// The ledger's operations as the firm pages use them.
import { etagOf, opUrl, type UploadOptions } from '@shared/api'
import {
  attachment_create, attachment_list, export_all, firm_create, firm_edit, firm_export, firm_get, firm_history, op_firm_list,
  firm_step, firm_suggest, grade_decide, grade_propose, op_attachment_get, product_create, product_edit, view_create,
  view_delete, view_edit, view_list, view_open, type AttachmentView, type FirmCreateInput, type FirmEditInput, type FirmStepInput,
  type FirmView, type GradeProposeInput, type ProductCreateInput,
} from '@generated/api'
import { fields_firm_row, fields_person_row, fields_product_row } from '@generated/fields'
import type { FieldMeta, Fields } from '@shared/fields'
import { serverList } from '../list/reader'
import { t } from '../texts'
import { b } from '../texts_bulk'
import { emptyQuery, type Exporter, type ListQuery, type Suggest, type ViewStore } from '../list/types'

export type Values = Record<string, unknown>

export interface PaperTemplateItem {
  code: string
  text: string
  hint?: string
  required?: boolean
  compare?: string[]
  roles?: string[]
  when?: { key: string; is: string } | null
}

export interface PaperDiff {
  field: string
  label?: string
  system?: string
  paper: string
}

export interface PaperCheck {
  items?: { code: string; result: string; note?: string; diffs?: PaperDiff[] }[]
  match?: boolean | number | null
  note?: string | null
  at?: string
  by_name?: string
}

export interface GradeChange extends Values {
  id: number
  state: string
  from_grade: string
  to_grade: string
  expires: string
}

export interface Firm {
  id: number
  version: number
  etag: string
  record: Values
  labels: Record<string, string>
  orgName: string
  townName: string
  supLevelName: string
  supOrgName: string
  products: Values[]
  actions: { action: string; label: string; needs: string[] }[]
  paper: PaperTemplateItem[]
  paperChecks: PaperCheck[]
  gradeChanges: GradeChange[]
  canEdit: boolean
  dutyToday: string
  missing: { field: string; label: string }[]
}

const list = <T>(v: unknown): T[] => (Array.isArray(v) ? (v as T[]) : [])
const text = (v: string | null | undefined): string => v ?? ''

export function firmOf(v: FirmView): Firm {
  return {
    id: v.id ?? 0,
    version: v.version ?? 0,
    etag: etagOf(v) || String(v.version ?? ''),
    record: (v.record ?? {}) as Values,
    labels: (v.labels ?? {}) as Record<string, string>,
    orgName: text(v.org_name),
    townName: text(v.town_name),
    supLevelName: text(v.sup_level_name),
    supOrgName: text(v.sup_org_name),
    products: list<Values>(v.products),
    actions: (v.actions ?? []).map((a) => ({ action: text(a.action), label: text(a.label), needs: list<string>(a.needs) })),
    paper: list<PaperTemplateItem>(v.paper),
    paperChecks: list<PaperCheck>(v.paper_checks),
    gradeChanges: list<GradeChange>(v.grade_changes),
    canEdit: !!v.can_edit,
    dutyToday: text(v.duty_today),
    missing: list<{ field: string; label: string }>(v.missing),
  }
}

export const firmFields: Fields = fields_firm_row
export const productFields: Fields = fields_product_row
export const personFields: Fields = fields_person_row

export const readFirm = async (id: number, signal?: AbortSignal): Promise<Firm> =>
  firmOf(await firm_get({ firm: id }, { signal }))

export const firmReader = (filters: Record<string, string> = {}) => serverList(op_firm_list, {}, filters)

export const suggestFirms: Suggest = async (q) => {
  const found = await firm_suggest({ q })
  return (found.items ?? []).map((i) => ({ value: text(i.name), note: [i.uscc, i.org_name].filter(Boolean).join(' '), id: i.id }))
}

export function firmViews(name: string): ViewStore {
  return {
    async list() {
      const page = await view_list({ list: name })
      return (page.items ?? []).map((v) => ({
        id: v.id ?? 0,
        name: text(v.name),
        shared: !!v.shared,
        own: !!v.mine,
        version: v.version ?? 0,
        opens: !!v.opens,
        query: { ...emptyQuery(), ...((v.spec ?? {}) as Partial<ListQuery>) },
      }))
    },
    async save(viewName, shared, spec) {
      await view_create({ list: name, name: viewName, shared, spec })
    },
    async remove(view) {
      await view_delete({ view: view.id })
    },
    async edit(view, part) {
      await view_edit({ view: view.id, name: part.name, shared: part.shared, spec: part.query }, { ifMatch: String(view.version) })
    },
    async open(view, on) {
      await view_open({ view: view.id, on })
    },
  }
}

/** Exports in the printed order of 附件2 and 附件3, or as the list shows it; key is form.format. */
export const firmExporter: Exporter = {
  choices: [...Object.entries(t.firm.exports).map(([key, label]) => ({ key, label })), { key: 'all', label: b.exportAll }],
  async start(key, q) {
    if (key === 'all') return (await export_all({})).job ?? 0
    const [form = 'view', format = 'xlsx'] = key.split('.')
    const columns = q.columns.join(',') || null
    // The authority below one's own is no column of the list but a member of its query.
    const { org, ...filters } = q.filters
    const made = await firm_export({ form, format, org: org ? Number(org) : null, q: q.q || null, sort: q.sort || null, columns, filters })
    return made.job ?? 0
  },
}

export const createFirm = async (v: Values): Promise<Firm> => firmOf(await firm_create(v as unknown as FirmCreateInput))

export const saveFirm = async (id: number, etag: string, v: Values): Promise<Firm> =>
  firmOf(await firm_edit({ firm: id, ...v } as FirmEditInput, { ifMatch: etag }))

export const stepFirm = async (f: Firm, action: string, v: Omit<FirmStepInput, 'firm' | 'action'>): Promise<Firm> =>
  firmOf(await firm_step({ firm: f.id, action, ...v }, { ifMatch: f.etag }))

export const proposeGrade = (v: Values) => grade_propose(v as unknown as GradeProposeInput)
export const decideGrade = (change: number, approve: boolean, opinion: string) =>
  grade_decide({ change, approve, opinion: opinion || null })

export const addProduct = (firm: number, v: Values) => product_create({ firm, ...v } as ProductCreateInput)
export const saveProduct = (firm: number, id: number, version: number, v: Values) =>
  product_edit({ firm, product_id: id, ...v }, { ifMatch: String(version) })

export interface Change extends Pick<FieldMeta, 'type' | 'codes'> {
  field: string
  label: string
  old: unknown
  now: unknown
}

export interface HistoryEntry {
  id: number
  at: string
  who: string
  via: string
  label: string
  text: string
  changes: Change[]
}

interface Note {
  label?: string
  text?: string
  changes?: { field: string; label: string; old: unknown; new: unknown }[]
}

const PAGE = 50
/** Steps of a procedure (record kinds 40–47) tell by their label and text; what changed in the firm is an entry of its own. */
const isProcedure = (kind: number) => kind >= 40 && kind <= 47

function changeOf(c: NonNullable<Note['changes']>[number]): Change {
  const meta = firmFields[c.field] ?? productFields[c.field]
  return { field: c.field, label: c.label, old: c.old, now: c.new, type: meta?.type ?? 'text', codes: meta?.codes }
}

export async function readHistory(firm: number, before: string, family: boolean, signal?: AbortSignal): Promise<{ items: HistoryEntry[]; next: string }> {
  const page = await firm_history({ firm, before: before ? Number(before) : null, limit: PAGE, family: family || null }, { signal })
  const items = (page.items ?? []).map((h) => {
    const note = (h.note ?? {}) as Note
    return {
      id: h.id ?? 0,
      at: text(h.at),
      who: text(h.actor_name),
      via: text(h.via),
      label: note.label || text(h.kind_label),
      text: note.text ?? '',
      changes: isProcedure(h.kind ?? 0) ? [] : (note.changes ?? []).map(changeOf),
    }
  })
  return { items, next: items.length === PAGE ? String(items[items.length - 1]!.id) : '' }
}

export const readFiles = async (firm: number, signal?: AbortSignal): Promise<AttachmentView[]> =>
  (await attachment_list({ firm }, { signal })).items ?? []
export const fileUrl = (id: number): string => opUrl(op_attachment_get, { attachment: id })
export const addFile = (firm: number, purpose: string, file: File, o: UploadOptions) =>
  attachment_create({ firm, purpose }, file, file.name, o)
