// The filling rules (附件7) by field, read once per page load.
import { shallowRef, type ShallowRef } from 'vue'
import { readRules } from '../notice/api'

export type FieldRules = Record<string, { rule: string; text: string }>
const rules = shallowRef<FieldRules>({})
let asked: Promise<void> | null = null

export function useRules(): ShallowRef<FieldRules> {
  asked ??= readRules().then(
    (r) => void (rules.value = r.fields),
    () => void (asked = null)
  )
  return rules
}
