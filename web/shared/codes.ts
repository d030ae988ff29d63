// The code lists in force (data of the server), read once per sign-in: lists of code and label.
import { shallowReactive } from 'vue'

export interface CodeItem {
  code: string
  label: string
}

const lists = shallowReactive(new Map<string, CodeItem[]>())

/** Replaces all lists, as read from the server. */
export function setCodes(all: Record<string, CodeItem[]>): void {
  lists.clear()
  for (const [name, items] of Object.entries(all)) lists.set(name, items)
}

export interface Codes {
  /** items of a list, [] when it is not known */
  items: (list: string | undefined) => CodeItem[]
  /** label of a code, the code itself when it is not known */
  label: (list: string | undefined, code: string) => string
}

const shared: Codes = {
  items: (list) => (list && lists.get(list)) || [],
  label: (list, code) => shared.items(list).find((i) => i.code === code)?.label ?? code,
}

export function useCodes(): Codes {
  return shared
}
