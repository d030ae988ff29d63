/* Firms as an inspector sees them on the phone: the queue, search, the file, review, corrections. */
import { etagOf } from '@shared/api'
import { useCodes } from '@shared/codes'
import { showValue } from '@shared/value'
import type { FieldMeta } from '@shared/fields'
import { firm_get, firm_list, firm_own, person_list, type FirmView } from '@generated/api'
import { fields_firm_edit, fields_firm_row, fields_product_edit, fields_product_row } from '@generated/fields'
import { applies, type PaperItem } from '@phone/inspect/review'
import type { EditField, EditTarget, FactGroup, FirmFile, FirmRow, PageOf } from '@phone/model'
import { t } from '@phone/texts'

type Wire = Record<string, unknown>
type Metas = Record<string, FieldMeta>

const firmMetas: Metas = fields_firm_row
const productMetas: Metas = fields_product_row
const text = (v: unknown) => (v === null || v === undefined ? '' : String(v))
const codeLabel = (list: string, code: string) => useCodes().label(list, code)

const BASIC = ['name', 'uscc', 'entity_type', 'legal_person', 'reg_address', 'site_address', 'staff', 'revenue']
const GRADE = ['supervisor', 'supervisor_phone', 'risk_level', 'mode', 'director_required']
const PRODUCT = ['product', 'lic_no', 'lic_to', 'ccc_no', 'ccc_to', 'standard']
// chosen from a tree or by several at once: corrected at the desk
const NOT_HERE = new Set(['town', 'kind', 'sale_modes', 'entry_reason', 'applicability'])

function rowOf(w: Wire): FirmRow {
  return {
    id: Number(w.id),
    name: text(w.name),
    sub: [w.uscc ?? w.temp_code, w.town_name ?? w.org_name].filter(Boolean).join(' · '),
    stateLabel: codeLabel('firm_state', text(w.state)),
  }
}

async function page(input: { q?: string; cursor: string | null }, query: Record<string, string>): Promise<PageOf<FirmRow>> {
  const got = await firm_list({ limit: 20, total: true, q: input.q || null, cursor: input.cursor }, { query })
  return { rows: ((got.items as Wire[] | null) ?? []).map(rowOf), next: got.next ?? null, total: got.total ?? null }
}

export const loadQueue = (cursor: string | null) => page({ cursor }, { state: 'submitted' })
/* the quality rule "企业自己填写的内容还没有核对" (data/templates/quality_rules.json); numbers are never reused */
const TOLD_RULE = '19'
export const searchFirms = (q: string, told: boolean, cursor: string | null) => page({ q, cursor }, told ? { quality: TOLD_RULE } : {})

function fact(metas: Metas, record: Wire, labels: Wire, key: string): { label: string; value: string } | null {
  const meta = metas[key]
  if (!meta) return null
  return { label: meta.label, value: text(labels[key]) || showValue(meta, record[key], codeLabel) }
}

function facts(metas: Metas, record: Wire, labels: Wire, keys: string[]) {
  return keys.map((k) => fact(metas, record, labels, k)).filter((f) => f !== null)
}

function warningsOf(v: unknown): string[] {
  const rows = typeof v === 'string' && v ? (JSON.parse(v) as unknown) : v
  const said = (w: Wire) => text(w.message ?? w.text ?? w.reason)
  return Array.isArray(rows) ? (rows as Wire[]).map(said).filter(Boolean) : []
}

// the checklist names columns of the printed ledger; three of them are stored under other names
const STORED: Record<string, string> = {
  officer: 'supervisor',
  officer_phone: 'supervisor_phone',
  officer_since: 'supervisor_since',
}

function paperOf(v: FirmView, record: Wire, products: Wire[]): PaperItem[] {
  const items = (v.paper as Partial<PaperItem>[] | null) ?? []
  const whole = items.map((i) => ({
    code: '',
    text: '',
    hint: '',
    required: false,
    ...i,
    compare: (i.compare ?? []).map((k) => STORED[k] ?? k),
  }))
  return whole.filter((i) => applies(i, record, products))
}

export function fileOf(v: FirmView): FirmFile {
  const record = (v.record ?? {}) as Wire
  const labels: Wire = { ...((v.labels ?? {}) as Wire), town: v.town_name }
  const products = (v.products as Wire[] | null) ?? []
  const shown: Shown = {
    record,
    labels,
    products,
    place: [v.town_name, v.org_name].filter(Boolean).join(' '),
    level: [v.sup_level_name, v.sup_org_name].filter(Boolean).join(' '),
  }
  return {
    ...shown,
    id: v.id ?? 0,
    name: text(record.name),
    uscc: text(record.uscc ?? record.temp_code),
    stateLabel: text(labels.state) || codeLabel('firm_state', text(record.state)),
    etag: etagOf(v) || text(v.version),
    canEdit: v.can_edit === true,
    admitted: record.state === 'admitted',
    canReview: (v.actions ?? []).some((a) => a.action === 'review'),
    canReturn: (v.actions ?? []).some((a) => a.action === 'return'),
    warnings: warningsOf(record.warnings),
    items: paperOf(v, record, products),
    groups: groupsOf(shown),
  }
}

type Shown = Pick<FirmFile, 'record' | 'labels' | 'products' | 'place' | 'level'>

function groupsOf(x: Shown): FactGroup[] {
  const where = { label: t.firm.place, value: x.place }
  const level = { label: t.firm.level, value: x.level }
  const products = x.products.flatMap((p) => facts(productMetas, p, {}, PRODUCT).filter((f) => f.value))
  return [
    { title: t.firm.basic, facts: [...facts(firmMetas, x.record, x.labels, BASIC), where] },
    { title: t.firm.grade, facts: [level, ...facts(firmMetas, x.record, x.labels, GRADE)] },
    { title: t.firm.products, facts: products },
  ]
}

/* groupsShown: the groups with waiting corrections in them; people stand after the file's own. */
export const groupsShown = (file: FirmFile, edited: boolean): FactGroup[] =>
  edited ? [...groupsOf(file), ...file.groups.slice(groupsOf(file).length)] : file.groups

export async function peopleOf(firm: number): Promise<FactGroup> {
  const got = await person_list({ firm })
  const facts_ = (got.items ?? []).map((p) => ({ label: text(p.post_label), value: [p.name, p.phone].filter(Boolean).join(' ') }))
  return { title: t.firm.people, facts: facts_ }
}

export async function loadFirmFile(id: number): Promise<FirmFile> {
  const file = fileOf(await firm_get({ firm: id }))
  return { ...file, groups: [...file.groups, await peopleOf(id)] }
}

/* loadOwnFirm: the firm's own file, for its people. */
export async function loadOwnFirm(id: number): Promise<FactGroup[]> {
  const [own, people] = await Promise.all([firm_own({}), peopleOf(id)])
  const told = fileOf(own).groups.map((g) => ({ ...g, facts: g.facts.filter((f) => f.value) }))
  return [...told, people].filter((g) => g.facts.length)
}

export const loadReview = async (id: number) => fileOf(await firm_get({ firm: id }))

const ofProduct = (key: string) => !firmMetas[key] && !!productMetas[key]

/* factsOf: what the ledger says beside one item of the checklist. */
export function factsOf(file: FirmFile, item: PaperItem) {
  const own = facts(firmMetas, file.record, file.labels, item.compare)
  const keys = item.compare.filter(ofProduct)
  // with several products each group says which one it is of
  const named = file.products.length > 1 && keys.length > 0 && !keys.includes('product') ? ['product', ...keys] : keys
  return [...own, ...file.products.flatMap((p) => facts(productMetas, p, {}, named))]
}

export function editFields(metas: Metas, record: Wire, keys: string[]): EditField[] {
  return keys
    .filter((k) => metas[k] && !NOT_HERE.has(k) && !metas[k]!.private)
    .map((k) => {
      const m = metas[k]!
      const options = m.codes ? useCodes().items(m.codes) : []
      return { name: k, label: m.label, type: m.type, max: m.max ?? 300, lines: m.lines === true, options, value: text(record[k]) }
    })
}

const ofFirm = (file: FirmFile, label: string, keys: string[]): EditTarget => ({
  label,
  firm: file.id,
  product: null,
  etag: file.etag,
  fields: editFields(fields_firm_edit, file.record, keys),
})

/* editTargets: what can be corrected at this item: the firm, or one of its products. */
export const editTargets = (file: FirmFile, item: PaperItem) => targetsOf(file, t.review.correct, item.compare, item.compare.filter(ofProduct))

/* fileTargets: what can be corrected in the file as a whole, by the group it is shown in. */
export const fileTargets = (file: FirmFile) => [
  ...targetsOf(file, t.firm.correctBasic, BASIC, []).map((x) => ({ ...x, group: t.firm.basic })),
  ...targetsOf(file, t.firm.correctGrade, GRADE, []).map((x) => ({ ...x, group: t.firm.grade })),
  ...targetsOf(file, '', [], PRODUCT).map((x) => ({ ...x, group: t.firm.products })),
]

function targetsOf(file: FirmFile, label: string, own: string[], keys: string[]): EditTarget[] {
  if (!file.canEdit) return []
  const firm = [ofFirm(file, label, own)].filter((x) => x.fields.length)
  const products = file.products.map((p) => ({
    label: t.review.correctProduct(text(p.product)),
    firm: file.id,
    product: Number(p.id),
    etag: text(p.version),
    fields: editFields(fields_product_edit, p, keys),
  }))
  return [...firm, ...products.filter((x) => x.fields.length)]
}

export const returnReasons = () => useCodes().items('return_reason')
