/* Editing a risk control list: pure changes of areas and items. Codes of items never change, so
 * records and drafts of earlier editions keep meaning what they meant. */
import { newKey } from '@shared/uuid'
import type { CheckArea, CheckItem } from './machine'

/* Random, so that a code dropped in an earlier edition is not given to another item later. */
function freshCode(): string {
  return `u${newKey().slice(0, 8)}`
}

export function addItem(areas: CheckArea[], area: string): CheckArea[] {
  const item: CheckItem = { code: freshCode(), text: '', key: false, measure: '' }
  return areas.map((a) => (a.code === area ? { ...a, items: [...a.items, item] } : a))
}

export function addArea(areas: CheckArea[]): CheckArea[] {
  return [...areas, { code: freshCode(), name: '', items: [] }]
}

export function setArea(areas: CheckArea[], code: string, name: string): CheckArea[] {
  return areas.map((a) => (a.code === code ? { ...a, name } : a))
}

export function setItem(areas: CheckArea[], code: string, change: Partial<CheckItem>): CheckArea[] {
  const edit = (i: CheckItem) => (i.code === code ? { ...i, ...change, code } : i)
  return areas.map((a) => ({ ...a, items: a.items.map(edit) }))
}

export function dropItem(areas: CheckArea[], code: string): CheckArea[] {
  return areas.map((a) => ({ ...a, items: a.items.filter((i) => i.code !== code) }))
}

export function dropArea(areas: CheckArea[], code: string): CheckArea[] {
  return areas.filter((a) => a.code !== code)
}

/* gaps: codes of areas and items without a name or text, and of areas without items. */
export function gaps(areas: CheckArea[]): Set<string> {
  const empty = areas.filter((a) => !a.name.trim() || a.items.length === 0).map((a) => a.code)
  const items = areas.flatMap((a) => a.items).filter((i) => !i.text.trim())
  return new Set([...empty, ...items.map((i) => i.code)])
}
