// The operations of one firm's file.
import {
  assessment_create, assessment_void, entry_check, event_create, event_edit, op_event_list, event_void, firm_doc_create,
  firm_doc_void, firm_file, firm_form, firm_origins, paper_check_create, person_edit, post_gap_count, op_post_gap_list,
  site_create, site_edit, supplier_create, supplier_edit, type AssessmentCreateInput, type EventCreateInput,
  type FirmDocCreateInput, type FirmFile, type FirmOrigins, type FormView, type PaperCheckCreateInput,
  type SiteCreateInput, type SupplierCreateInput,
} from '@generated/api'
import { serverList } from '../list/reader'
import { firmOf, type Firm, type Values } from '../firm/api'
import { f } from './texts'

export type { FirmFile, FormView }

export const readFile = (firm: number, signal?: AbortSignal): Promise<FirmFile> => firm_file({ firm }, { signal })
export const readForm = (firm: number, form: string | null, signal?: AbortSignal): Promise<FormView> =>
  firm_form({ firm, form }, { signal })

/** field -> where its value came from, as one line. */
export async function readOrigins(firm: number, names: readonly string[], signal?: AbortSignal): Promise<Record<string, string>> {
  const o: FirmOrigins = await firm_origins({ firm }, { signal })
  const line = (v: NonNullable<FirmOrigins['items']>[number] | undefined) =>
    v ? f.origin.of(v.label ?? '', (v.at ?? '').slice(0, 10), v.by_name ?? '') : ''
  const later = new Map((o.items ?? []).map((i) => [i.field ?? '', line(i)]))
  const first = line(o.first?.[0])
  return Object.fromEntries(names.map((n) => [n, later.get(n) ?? first]))
}

const version = (row: Values) => ({ ifMatch: String(row.version) })

/** Only what differs from the row; what was emptied is named. */
function changes(v: Values, row: Values): Values {
  const differ = Object.entries(v).filter(([k, x]) => JSON.stringify(x ?? null) !== JSON.stringify(row[k] ?? null))
  const clear = differ.filter(([, x]) => x === null || x === '').map(([k]) => k)
  return { ...Object.fromEntries(differ.filter(([k]) => !clear.includes(k))), ...(clear.length ? { clear } : {}) }
}

export const saveSite = (firm: number, row: Values | null, v: Values) =>
  row ? site_edit({ firm, site: Number(row.id), ...changes(v, row) }, version(row))
      : site_create({ firm, ...v } as SiteCreateInput)
export const saveSupplier = (firm: number, row: Values | null, v: Values) =>
  row ? supplier_edit({ firm, supplier: Number(row.id), ...changes(v, row) }, version(row))
      : supplier_create({ firm, ...v } as SupplierCreateInput)
export const addDoc = (firm: number, v: Values) => firm_doc_create({ firm, ...v } as FirmDocCreateInput)
export const voidDoc = (firm: number, entry: number, reason: string) => firm_doc_void({ firm, entry, reason })
export const addAssessment = (firm: number, person: number, v: Values) =>
  assessment_create({ firm, person, ...v } as AssessmentCreateInput)
export const voidAssessment = (firm: number, entry: number, reason: string) => assessment_void({ firm, entry, reason })
export const checkEntry = (firm: number, of: string, entry: number) => entry_check({ firm, of, entry })
export const editPerson = (firm: number, person: number, v: number, values: Values) =>
  person_edit({ firm, person, ...values }, { ifMatch: String(v) })

export const eventReader = (firm: number) => serverList(op_event_list, {}, { firm: String(firm) })
export const saveEvent = (firm: number, row: Values | null, v: Values) =>
  row ? event_edit({ firm, event: Number(row.id), ...v }, version(row)) : event_create({ firm, ...v } as EventCreateInput)
export const voidEvent = (firm: number, event: number, reason: string) => event_void({ firm, event, reason })

export const checkPaper = async (firm: number, v: Values): Promise<Firm> =>
  firmOf(await paper_check_create({ firm, ...v } as PaperCheckCreateInput))

export const gapReader = serverList(op_post_gap_list, {})
export const gapCounts = (signal?: AbortSignal) => post_gap_count({}, { signal })
