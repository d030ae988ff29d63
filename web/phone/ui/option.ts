/* One of several choices of a ChoiceRow. */
export interface Option {
  code: string
  label: string
  hint?: string
  tone?: 'ok' | 'bad' | 'plain'
}
