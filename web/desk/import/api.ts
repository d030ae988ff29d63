// The import's operations as its pages use them.
import { opUrl, type UploadOptions } from '@shared/api'
import {
  firm_export, import_apply, import_cancel, import_choose, import_create, import_get, import_list, import_rows, import_suggest, op_import_workbook,
  type ImportView as ServerImport,
} from '@generated/api'
import { t } from '../texts'
import { b } from '../texts_bulk'
import type { Diff, Finding, ImportRow, ImportState, ImportView, RowPage, SheetVerdict, Verdict } from './types'

const PAGE = 100
const list = <T>(v: unknown): T[] => (Array.isArray(v) ? (v as T[]) : [])

/** The job's state and the import's phase together are what the page shows. */
function stateOf(v: ServerImport): ImportState {
  if (v.state === 'failed') return 'failed'
  if (v.state === 'cancelled') return 'cancelled'
  if (v.phase === 'ready') return 'ready'
  if (v.phase === 'done') return 'written'
  return v.phase === 'apply' ? 'writing' : 'checking'
}

function sheetOf(s: Partial<SheetVerdict>): SheetVerdict {
  return {
    name: s.name ?? '',
    verdict: s.verdict ?? '',
    missing: list<string>(s.missing),
    unknown: list<string>(s.unknown),
    why: s.why ?? '',
  }
}

export function viewOf(v: ServerImport): ImportView {
  return {
    id: v.id ?? 0,
    file: v.file ?? '',
    kind: v.kind ?? '',
    mode: v.mode ?? '',
    orgName: v.org_name ?? '',
    state: stateOf(v),
    message: v.message ?? '',
    sheets: list<Partial<SheetVerdict>>(v.sheets).map(sheetOf),
    totals: (v.totals ?? {}) as ImportView['totals'],
    canApply: !!v.can_apply,
    overrides: v.overrides ?? 0,
    rule: v.rule ?? 'skip',
    applied: (v.applied ?? null) as ImportView['applied'],
  }
}

interface ServerFinding {
  field?: string
  label?: string
  code?: string
  cell?: string
  value?: unknown
  message?: string
  hint?: string
}

function findingOf(f: ServerFinding): Finding {
  return {
    field: f.field ?? '',
    label: f.label ?? f.field ?? '',
    code: f.code ?? '',
    cell: f.cell ?? '',
    value: f.value === null || f.value === undefined ? '' : String(f.value),
    message: [f.message, f.hint].filter(Boolean).join('。'),
  }
}

interface ServerRow {
  sheet?: string
  row?: number
  verdict?: string
  why?: string
  of?: number | { row?: number } | null
  name?: string
  errors?: ServerFinding[]
  warnings?: ServerFinding[]
  suggest?: Record<string, string> | null
  override?: Record<string, string> | null
  values?: Record<string, unknown>
  diffs?: Diff[]
  refusal?: string
}

/** The firm's name: the row's own, else among its values. */
const nameOf = (r: ServerRow) => String(r.name ?? r.values?.name ?? '')
const ofRow = (of: ServerRow['of']) => (of && typeof of === 'object' ? of.row : of) ?? null

function rowOf(r: ServerRow): ImportRow {
  const errors = list<ServerFinding>(r.errors).map(findingOf)
  const warnings = list<ServerFinding>(r.warnings).map(findingOf)
  const label = (field: string) => [...errors, ...warnings].find((f) => f.field === field)?.label ?? field
  const suggest = Object.entries(r.suggest ?? {})
  return {
    id: `${r.sheet}/${r.row}`,
    sheet: r.sheet ?? '',
    row: r.row ?? 0,
    verdict: (r.verdict ?? 'ignored') as Verdict,
    of: ofRow(r.of),
    why: r.why ?? '',
    name: nameOf(r),
    errors,
    warnings,
    suggest: suggest.map(([field, value]) => ({ field, label: label(field), value: String(value) })),
    diffs: list<Diff>(r.diffs),
    refusal: r.refusal ?? '',
    taken: Object.keys(r.override ?? {}),
  }
}

export interface ImportStart {
  kind: string
  mode: string
  rule: string
  /** the county, when the user stands above it */
  org: number | null
}

export const startImport = async (start: ImportStart, file: File, o: UploadOptions): Promise<number> =>
  (await import_create(start, file, file.name, o)).id ?? 0

export const readImports = async (signal?: AbortSignal): Promise<ImportView[]> =>
  ((await import_list({}, { signal })).items ?? []).map(viewOf)

export const readImport = async (id: number, signal?: AbortSignal): Promise<ImportView> =>
  viewOf(await import_get({ import: id }, { signal }))

export async function readRows(id: number, verdict: string, next: string, signal?: AbortSignal): Promise<RowPage> {
  const after = next ? Number(next) : null
  const page = await import_rows({ import: id, verdict: verdict || null, after, limit: PAGE }, { signal })
  return { items: list<ServerRow>(page.items).map(rowOf), next: page.next ? String(page.next) : '' }
}

/** Takes one suggestion, or all of them; the server checks the file again. */
export const takeSuggestion = (id: number, row: ImportRow, field: string, value: string) =>
  import_suggest({ import: id, sheet: row.sheet, row: row.row, field, value })
export const takeAll = (id: number) => import_suggest({ import: id })

/** The user's word on what differs: of a field, a row, or every row. */
export const chooseImport = (id: number, take: 'file' | 'system', row?: ImportRow, field?: string) =>
  import_choose({ import: id, take, sheet: row?.sheet, row: row?.row, field })
/** The printed form as a template; answers the job that makes it. */
export const startTemplate = async (form: string, blank: boolean): Promise<number> =>
  (await firm_export({ form, format: 'xlsx', template: true, blank })).job ?? 0

export const confirmImport = (id: number) => import_apply({ import: id })
export const cancelImport = (id: number) => import_cancel({ import: id })
export const annotatedUrl = (id: number): string => opUrl(op_import_workbook, { import: id })

const MORE: Record<string, string> = { conflict: b.conflict, refused: b.refusedRow }
export const verdictLabel = (v: string): string => MORE[v] ?? t.imports.verdicts[v] ?? v
