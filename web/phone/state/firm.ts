/* The firm's own day, month, records and suspensions: answers of the server as the pages show them. */
import { useCodes } from '@shared/codes'
import type { Fields } from '@shared/fields'
import { readThrough } from '@shared/offline'
import {
  daily_get,
  daily_month,
  suspension_create,
  suspension_end,
  suspension_list,
  today_get,
  type DailyVersion,
  type DayState as WireDay,
  type RisklistView,
  type SuspensionView,
  type TodayView,
} from '@generated/api'
import { fields_suspension_new } from '@generated/fields'
import { NO_FINDING, type Answer, type CheckArea, type Result } from '@phone/check/machine'
import type { CheckSetup } from '@phone/check/useCheck'
import type { CheckMode, DayMark, DayRecord, DayState, RiskList, Stop, Today } from '@phone/model'
import { isOffline } from '@phone/ui/load'
import { addDays } from '@phone/ui/format'
import { session } from './session'

interface WireArea {
  code?: string
  name: string
  items: { code: string; text: string; key?: boolean; measure?: string }[]
}

export function areasOf(wire: unknown): CheckArea[] {
  return ((wire as WireArea[] | null) ?? []).map((a, n) => ({
    ...a,
    code: a.code ?? `area${n + 1}`,
    items: a.items.map((i) => ({ ...i, key: i.key === true })),
  }))
}

export function listOf(v: RisklistView | null | undefined): RiskList | null {
  if (!v?.id) return null
  return {
    id: v.id,
    edition: v.edition ?? 1,
    title: v.title ?? '',
    template: v.template ?? '',
    fromDay: v.from_day ?? '',
    areas: areasOf(v.areas),
  }
}

const STATES = new Set(['due', 'done', 'late', 'missing', 'excused', 'none', 'future'])

function markOf(d: WireDay): DayMark {
  const state = STATES.has(d.state ?? '') ? (d.state as DayState) : 'none'
  const refined = state !== 'done' ? state : d.zero_risk ? 'zero' : d.problems ? 'problem' : 'done'
  return { day: d.day ?? '', state: refined, version: d.version ?? 0, at: d.at ?? null }
}

function stopOf(v: unknown): Today['stop'] {
  const s = v as { from_day?: string; to_day?: string | null } | null
  return s?.from_day ? { from: s.from_day, to: s.to_day ?? null } : null
}

function todayOf(v: TodayView): Today {
  const mark = markOf(v.today?.[0] ?? {})
  const earlier = (v.earlier ?? []).map(markOf)
  return {
    firm: v.firm ?? session.firm,
    firmName: v.firm_name ?? '',
    day: mark.day,
    mark,
    list: listOf(v.risklist?.[0]),
    yesterday: earlier.find((d) => d.day === addDays(mark.day, -1)) ?? null,
    earlier,
    missing: earlier.filter((d) => d.state === 'missing' || d.state === 'due').map((d) => d.day),
    openHazards: v.open_hazards ?? 0,
    stop: stopOf(v.suspension),
    receiver: v.receiver ?? '',
  }
}

export async function loadToday(): Promise<Today> {
  return todayOf(await today_get({ firm: session.firm }))
}

export interface CheckPlan {
  today: string
  /* null: there is no risk control list yet */
  setup: CheckSetup | null
  /* of a correction: the record that stands now */
  earlier: DayRecord | null
  receiver: string
}

function modeOf(day: string, now: Today): CheckMode {
  const mark = day === now.day ? now.mark : now.earlier.find((d) => d.day === day)
  if (mark && mark.version > 0) return 'correct'
  return day === now.day ? 'first' : 'late'
}

const RESULTS: Record<string, Result> = { normal: 'ok', problem: 'bad', na: 'na' }

/* What was answered before, for a correction. The problems of the day come with what was said of
 * them, so that correcting one line does not mean writing another again; the server keeps them the
 * same problems. */
function earlierAnswers(records: DayRecord[]): Record<string, Answer> {
  const found = new Map(records.flatMap((r) => r.hazards).map((h) => [h.code, h]))
  const out: Record<string, Answer> = {}
  for (const { code, result } of records[0]?.areas.flatMap((a) => a.items) ?? []) {
    const h = found.get(code)
    if (result === 'ok' || result === 'na') out[code] = { result }
    else if (h) out[code] = { result: 'bad', finding: { ...NO_FINDING, what: h.what, measures: h.measure, severity: h.severity } }
  }
  return out
}

/* loadCheck tells what the check of that day is: the list, and whether it is the first record. It
 * works from the kept answer when there is no network. */
export async function loadCheck(day: string): Promise<CheckPlan> {
  const { data: now } = await readThrough(`today/${session.account}`, loadToday, isOffline)
  if (!now.list) return { today: now.day, setup: null, earlier: null, receiver: now.receiver }
  const mode = modeOf(day, now)
  const setup: CheckSetup = { firm: now.firm, day, list: now.list, mode }
  const records = mode === 'correct' ? await loadRecords(day) : []
  if (records.length) setup.earlier = earlierAnswers(records)
  return { today: now.day, setup, earlier: records[0] ?? null, receiver: now.receiver }
}

interface WireItem {
  area: string
  code: string
  text: string
  result: string
}

function areasOfRecord(items: WireItem[]): DayRecord['areas'] {
  const areas: DayRecord['areas'] = []
  for (const i of items) {
    const last = areas[areas.length - 1]
    const area = last?.name === i.area ? last : { code: `area${areas.length + 1}`, name: i.area, items: [] }
    if (area !== last) areas.push(area)
    area.items.push({ code: i.code, text: i.text, result: RESULTS[i.result] ?? null })
  }
  return areas
}

function recordOf(v: DailyVersion): DayRecord {
  return {
    version: v.version ?? 1,
    no: v.number ?? '',
    at: v.at ?? '',
    by: v.by_name ?? '',
    deviceAt: v.device_at ?? null,
    reason: v.reason ?? '',
    zero: v.zero_risk === true,
    late: v.late === true,
    areas: areasOfRecord((v.items as WireItem[] | null) ?? []),
    hazards: (v.hazards as DayRecord['hazards'] | null) ?? [],
  }
}

/* Every version of a day's record, newest first; [] when there is none. */
export async function loadRecords(day: string): Promise<DayRecord[]> {
  return ((await daily_get({ firm: session.firm, day })).versions ?? []).map(recordOf)
}

export async function loadMonth(month: string): Promise<DayMark[]> {
  return ((await daily_month({ firm: session.firm, month })).days ?? []).map(markOf)
}

function suspensionOf(v: SuspensionView): Stop {
  return {
    id: v.id ?? 0,
    from: v.from_day ?? '',
    to: v.resumed_on ?? v.to_day ?? null,
    reason: [v.code_label, v.reason].filter(Boolean).join('：'),
    running: !v.resumed_on && !v.to_day,
  }
}

export async function loadStops(): Promise<Stop[]> {
  return ((await suspension_list({ firm: session.firm })).items ?? []).map(suspensionOf)
}

const stopMetas: Fields = fields_suspension_new
export const stopCodes = () => useCodes().items(stopMetas.code?.codes)

export interface StopInput {
  from: string
  to: string | null
  code: string
  reason: string
}

export async function reportStop(i: StopInput, key: string): Promise<void> {
  const input = { firm: session.firm, from_day: i.from, to_day: i.to, code: i.code || null, reason: i.reason || null }
  await suspension_create(input, { key })
}

export async function endStop(stop: Stop, day: string): Promise<void> {
  await suspension_end({ firm: session.firm, suspension: stop.id, resumed_on: day })
}
