// Changes of authorities and areas, and hand-overs, as the pages use them.
import {
  area_change_create, op_area_change_list, area_change_preview, handover_answer, handover_cancel, handover_create,
  handover_get, handover_holdings, op_handover_list, handover_people, org_change_cancel, org_change_create,
  org_change_get, op_org_change_list, org_change_preview, org_history, supervisor_list,
  type AreaChangeCreateInput, type AreaChangePreviewInput, type HandoverCreateInput, type HandoverPartRow,
  type HeldFirm, type HeldView, type Holdings, type Official, type OrgChangeCreateInput,
  type OrgChangePreviewInput,
} from '@generated/api'
import { serverList } from '../list/reader'

export type { AreaPreview, HandoverView, Holdings, OrgChangeView, OrgHistory, OrgPreview, Official } from '@generated/api'

export const changeReader = () => serverList(op_org_change_list, {})
export const areaReader = () => serverList(op_area_change_list, {})
export const handoverReader = () => serverList(op_handover_list, {})

export const previewChange = (v: OrgChangePreviewInput) => org_change_preview(v)
export const fileChange = (v: OrgChangeCreateInput) => org_change_create(v)
export const readChange = (change: number, signal?: AbortSignal) => org_change_get({ change }, { signal })
export const cancelChange = (change: number) => org_change_cancel({ change })
export const readHistory = (org: number, signal?: AbortSignal) => org_history({ org }, { signal })

export const previewArea = (v: AreaChangePreviewInput) => area_change_preview(v)
export const fileArea = (v: AreaChangeCreateInput) => area_change_create(v)

export const findPeople = async (q: string): Promise<Official[]> => (await handover_people({ q: q || null })).items ?? []
export const readHoldings = (account: number): Promise<Holdings> => handover_holdings({ account })
export const fileHandover = (v: HandoverCreateInput) => handover_create(v)
export const readHandover = (handover: number, signal?: AbortSignal) => handover_get({ handover }, { signal })
export const answerHandover = (handover: number, accept: boolean, note: string) =>
  handover_answer({ handover, accept, note: note || null })
export const cancelHandover = (handover: number) => handover_cancel({ handover })
export const readSupervisors = async (firm: number, signal?: AbortSignal) =>
  (await supervisor_list({ firm }, { signal })).items ?? []

export interface Handed {
  firms: HeldFirm[]
  views: HeldView[]
}
/** The frozen list of a part. */
export const handed = (p: HandoverPartRow): Handed => ({
  firms: (p.firms as HeldFirm[] | null) ?? [],
  views: (p.views as HeldView[] | null) ?? [],
})
