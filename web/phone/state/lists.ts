/* The risk control list: the one in use, the ones to choose from, a new edition. */
import { asProblem } from '@shared/problem'
import { risklist_get, risklist_save, risklist_templates } from '@generated/api'
import type { CheckArea } from '@phone/check/machine'
import type { RiskList } from '@phone/model'
import { areasOf, listOf } from './firm'
import { session } from './session'

/* null: none has been chosen yet. */
export async function loadList(): Promise<RiskList | null> {
  try {
    return listOf(await risklist_get({ firm: session.firm }))
  } catch (e) {
    if (asProblem(e).kind === 'missing') return null
    throw e
  }
}

export interface TemplateRow {
  name: string
  title: string
  items: number
  areas: string
  suggested: boolean
}

export async function loadTemplates(): Promise<TemplateRow[]> {
  const got = await risklist_templates({ firm: session.firm })
  return (got.items ?? []).map((x) => ({
    name: x.name ?? '',
    title: x.title ?? '',
    items: x.items ?? 0,
    areas: areasOf(x.areas)
      .map((a) => a.name)
      .join('、'),
    suggested: x.suggested === true,
  }))
}

export async function takeTemplate(template: string): Promise<void> {
  await risklist_save({ firm: session.firm, template })
}

export async function saveList(list: RiskList, areas: CheckArea[]): Promise<void> {
  const { template, title, edition } = list
  await risklist_save({ firm: session.firm, template, title, areas, from_edition: edition })
}
