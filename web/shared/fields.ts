// What a page needs to know of a field: generated from the descriptors (generated/fields.ts), never
// typed by hand.

export type FieldType =
  | 'text' | 'int' | 'money' | 'bool' | 'day' | 'time' | 'code' | 'codes' | 'json' | 'list'

export interface FieldMeta {
  name: string
  label: string
  type: FieldType | (string & {})
  /** code points for text, items for lists, largest value for numbers */
  max?: number
  /** name of the code list */
  codes?: string
  required?: boolean
  /** text that may hold line breaks */
  lines?: boolean
  /** personal data: arrives masked */
  private?: boolean
  secret?: boolean
  readonly?: boolean
}

export type Fields = Record<string, FieldMeta>
