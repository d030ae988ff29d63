/* A label with its value, as FactList shows them. */
export interface Fact {
  label: string
  value: string
}
