// The filling rules (附件7) by field, read once per page load.
import { computed, shallowRef, type ComputedRef } from 'vue'
import { readRules } from '../notice/api'

export type FieldRules = Record<string, { rule: string; text: string }>
const rules = shallowRef<FieldRules>({})
let asked: Promise<void> | null = null

/** Rules of the firm's and product's fields, or with 'person' those of a person's. */
export function useRules(of: '' | 'person' = ''): ComputedRef<FieldRules> {
  asked ??= readRules().then(
    (r) => void (rules.value = r.fields),
    () => void (asked = null)
  )
  const prefix = of ? `${of}.` : ''
  return computed(() =>
    prefix
      ? Object.fromEntries(Object.entries(rules.value).filter(([k]) => k.startsWith(prefix)).map(([k, v]) => [k.slice(prefix.length), v]))
      : rules.value
  )
}
