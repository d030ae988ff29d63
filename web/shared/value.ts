// A field's value as one line of text, for tables, comparisons and histories.
import type { FieldMeta } from './fields'
import { showBool, showCount, showMoney, showTime } from './format'

type Label = (list: string, code: string) => string

function codesText(v: unknown, list: string, label: Label): string {
  const many = Array.isArray(v) ? v : String(v).split(',')
  return many.map((c) => label(list, String(c))).join('、')
}

/** '' when the value is absent. */
export function showValue(meta: Pick<FieldMeta, 'type' | 'codes'>, v: unknown, label: Label): string {
  if (v === null || v === undefined || v === '') return ''
  if (meta.codes) return codesText(v, meta.codes, label)
  switch (meta.type) {
    case 'money':
      return typeof v === 'number' ? showMoney(v) : String(v)
    case 'int':
      return typeof v === 'number' ? showCount(v) : String(v)
    case 'bool':
      return showBool(v)
    case 'time':
      return showTime(v as string)
    default:
      return typeof v === 'object' ? JSON.stringify(v) : String(v)
  }
}
