/* Problems, as far as the actor may see them: a firm its own, an inspector those of his firms. */
import { etagOf, opUrl } from '@shared/api'
import { useCodes } from '@shared/codes'
import type { Fields } from '@shared/fields'
import { hazard_get, hazard_list, hazard_step, op_attachment_get, type ActionView, type HazardView } from '@generated/api'
import { fields_hazard_step } from '@generated/fields'
import type { Hazard, HazardAction, HazardRow, PageOf } from '@phone/model'
import { t } from '@phone/texts'
import { uploadAll } from './upload'

const OPEN = ['found', 'reported', 'fixing', 'fixed']
const TAKES_PHOTOS = 'fix'

type Wire = Record<string, unknown>

const text = (v: unknown) => (v === null || v === undefined ? '' : String(v))

function rowOf(w: Wire, labels: Wire = {}): HazardRow {
  const state = text(w.state)
  return {
    id: Number(w.id),
    firm: Number(w.firm ?? 0),
    firmName: text(w.firm_name),
    what: text(w.what),
    severity: text(labels.severity ?? w.severity),
    stateLabel: text(labels.state ?? useCodes().label('hazard_state', state)),
    open: OPEN.includes(state),
    due: text(w.due_day) || null,
    overdue: w.overdue === true,
    fixer: text(w.fixer),
  }
}

export async function loadHazards(openOnly: boolean, cursor: string | null): Promise<PageOf<HazardRow>> {
  const query: Record<string, string> = openOnly ? { state: OPEN.join(',') } : {}
  const page = await hazard_list({ limit: 20, cursor, total: true }, { query })
  const items = (page.items as Wire[] | null) ?? []
  return { rows: items.map((w) => rowOf(w)), next: page.next ?? null, total: page.total ?? null }
}

// named by the workflow, but a person may leave them open
const MAY_BE_EMPTY = new Set(['severity', 'report.text'])

/* The form of a step: the inputs the workflow names, drawn from the generated metadata. */
function inputOf(action: string, key: string): HazardAction['fields'][number] {
  const metas: Fields = fields_hazard_step
  const m = metas[key]
  const full = `${action}.${key}`
  return {
    key,
    label: t.hazard.ask[full] ?? m?.label ?? key,
    type: m?.type === 'day' ? 'date' : 'text',
    required: !MAY_BE_EMPTY.has(key) && !MAY_BE_EMPTY.has(full),
    max: m?.max ?? 200,
    options: m?.codes ? useCodes().items(m.codes) : undefined,
  }
}

function actionOf(a: ActionView): HazardAction {
  const fields = ((a.needs as string[] | null) ?? []).map((key) => inputOf(a.action ?? '', key))
  const photo = { key: 'photos', label: t.hazard.addPhotos, type: 'attachment', required: false, max: 6 }
  return { code: a.action ?? '', label: a.label ?? '', fields: a.action === TAKES_PHOTOS ? [...fields, photo] : fields }
}

function hazardOf(v: HazardView): Hazard {
  const w = (v.record ?? {}) as Wire
  return {
    ...rowOf({ ...w, firm_name: v.firm_name, overdue: v.overdue }, (v.labels ?? {}) as Wire),
    id: v.id ?? 0,
    firm: v.firm ?? 0,
    measure: text(w.measure),
    where: [w.area, w.item_text].filter(Boolean).join('：'),
    etag: etagOf(v) || text(v.version),
    actions: (v.actions ?? []).map(actionOf),
    steps: (v.steps ?? []).map((s) => {
      const note = (s.note ?? {}) as { label?: string; text?: string }
      return { at: s.at ?? '', who: s.actor_name ?? '', text: note.label ?? '', note: note.text ?? '' }
    }),
    photos: (v.photos ?? []).map((p) => ({
      id: p.id ?? 0,
      name: p.name ?? '',
      at: p.at ?? '',
      url: opUrl(op_attachment_get, { attachment: p.id }),
    })),
  }
}

export async function loadHazard(id: number): Promise<Hazard> {
  return hazardOf(await hazard_get({ hazard: id }))
}

/* actHazard takes one step; photos go up first, as evidence of the step. */
export async function actHazard(h: Hazard, action: string, values: Record<string, string>, photos: string[]): Promise<void> {
  await uploadAll(photos, { firm: h.firm, kind: 'hazard', id: h.id, purpose: 'hazard' })
  await hazard_step({ hazard: h.id, action, ...values }, { ifMatch: h.etag })
}
