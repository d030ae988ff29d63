// One import as its pages know it, whatever the operations call it.
export const VERDICTS = [
  'created', 'created_with_warning', 'product_added', 'updated', 'unchanged', 'conflict', 'refused', 'duplicate', 'rejected', 'ignored',
] as const
export type Verdict = (typeof VERDICTS)[number]

export interface SheetVerdict {
  name: string
  verdict: string
  missing: string[]
  unknown: string[]
  why: string
}

export interface Finding {
  field: string
  label: string
  code: string
  cell: string
  value: string
  message: string
}

export interface Diff {
  field: string
  label: string
  stored: string | null
  file: string | null
  take: boolean
  open: boolean
}

export interface ImportRow {
  id: string
  sheet: string
  row: number
  verdict: Verdict
  /** of an ignored row: what it is instead of data */
  why: string
  /** the row it repeats or adds to */
  of: number | null
  name: string
  errors: Finding[]
  warnings: Finding[]
  suggest: { field: string; label: string; value: string }[]
  /** what the file and the store say differently of a stored firm */
  diffs: Diff[]
  /** why the stored firm is not changed */
  refusal: string
  /** fields whose suggestion was taken */
  taken: string[]
}

/** checking → ready → writing → written; cancelled and failed end it. */
export type ImportState = 'checking' | 'ready' | 'writing' | 'written' | 'cancelled' | 'failed'

export interface ImportView {
  id: number
  file: string
  kind: string
  mode: string
  orgName: string
  state: ImportState
  message: string
  sheets: SheetVerdict[]
  totals: Partial<Record<Verdict, number>>
  canApply: boolean
  overrides: number
  /** what becomes of stored firms: a code of import_rule */
  rule: string
  applied: Record<string, number> | null
}

export interface RowPage {
  items: ImportRow[]
  next: string
}
