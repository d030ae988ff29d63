/* What the firm's pages show, independent of how the answers of the server are cut. The mapping
 * stands in state/firm.ts. */
import type { Check, CheckArea, Finding, Result } from './check/machine'
import type { PaperItem } from './inspect/review'
import type { Fact } from './ui/facts'

export interface RiskList {
  id: number
  edition: number
  title: string
  template: string
  fromDay: string
  areas: CheckArea[]
}

export type DayState =
  | 'due' | 'done' | 'zero' | 'problem' | 'late' | 'missing' | 'excused' | 'none' | 'future'

export interface DayMark {
  day: string
  state: DayState
  /* of the record, 0 when there is none */
  version: number
  at: string | null
}

export interface Today {
  firm: number
  firmName: string
  day: string
  mark: DayMark
  list: RiskList | null
  yesterday: DayMark | null
  /* the days one may still catch up on, newest first */
  earlier: DayMark[]
  missing: string[]
  openHazards: number
  stop: { from: string; to: string | null } | null
  /* the office that receives what is submitted */
  receiver: string
}

/* First record of the day, a correction of an earlier one, or an entry for a day gone by. */
export type CheckMode = 'first' | 'late' | 'correct'

export interface CheckDraft extends Check {
  listId: number
  mode: CheckMode
  reason: string
  editing: { code: string; finding: Finding } | null
}

/* What the outbox keeps of a finished check: enough to send it, and to open it again. */
export interface DailyJob {
  firm: number
  day: string
  draft: CheckDraft
}

export interface Receipt {
  no: string
  at: string
  deviceAt: string | null
  toName: string
  zero: boolean
  late: boolean
  version: number
  hazards: number[]
}

export interface Stop {
  id: number
  from: string
  to: string | null
  reason: string
  /* open end, not ended by hand */
  running: boolean
}

export interface HazardRow {
  id: number
  firm: number
  firmName: string
  what: string
  severity: string
  stateLabel: string
  open: boolean
  due: string | null
  overdue: boolean
  fixer: string
}

export interface HazardStep {
  at: string
  who: string
  text: string
  note: string
}

/* A step one may take, with the fields its form asks for (from the workflow definition). */
export interface HazardAction {
  code: string
  label: string
  fields: {
    key: string
    label: string
    type: string
    required: boolean
    max: number
    options?: { code: string; label: string }[]
  }[]
}

export interface Hazard extends HazardRow {
  measure: string
  where: string
  steps: HazardStep[]
  photos: { id: number; url: string; name: string; at: string }[]
  actions: HazardAction[]
  etag: string
}

export interface PageOf<T> {
  rows: T[]
  next: string | null
  total: number | null
}

/* The record of one day, as submitted: one version of it. */
export interface DayRecord {
  version: number
  no: string
  at: string
  by: string
  deviceAt: string | null
  reason: string
  zero: boolean
  late: boolean
  areas: { code: string; name: string; items: { code: string; text: string; result: Result | null }[] }[]
  /* the problems this version opened */
  hazards: { id: number; code: string; what: string; measure: string; severity: string }[]
}

export interface FactGroup {
  title: string
  facts: Fact[]
}

export interface FirmRow {
  id: number
  name: string
  sub: string
  stateLabel: string
}

export interface FirmFile {
  id: number
  name: string
  uscc: string
  stateLabel: string
  etag: string
  record: Record<string, unknown>
  labels: Record<string, unknown>
  products: Record<string, unknown>[]
  place: string
  level: string
  canEdit: boolean
  admitted: boolean
  canReview: boolean
  canReturn: boolean
  warnings: string[]
  items: PaperItem[]
  groups: FactGroup[]
}

/* Fields of one record that can be corrected together, with the version they were read at. */
export interface EditTarget {
  label: string
  firm: number
  product: number | null
  etag: string
  fields: EditField[]
}

export interface EditField {
  name: string
  label: string
  type: string
  max: number
  lines: boolean
  options: { code: string; label: string }[]
  value: string
}
