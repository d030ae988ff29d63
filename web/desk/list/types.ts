// What a list page knows of its list: columns from the server's metadata, the query in the page's
// address, one page of rows.

export interface Column {
  key: string
  label: string
  type: string
  codes?: string
  sortable?: boolean
  filterable?: boolean
  /** text that may be asked for by a part of it */
  part?: boolean
  /** shown before the user picks columns */
  shown?: boolean
}

export interface ListQuery {
  q: string
  /** key, or -key for descending; '' = the list's own order */
  sort: string
  limit: number
  /** column key → value; ranges as "a..b", several codes joined by ',' */
  filters: Record<string, string>
  /** shown columns, [] = the defaults */
  columns: string[]
}

export type Row = Record<string, unknown>

export interface ListAnswer {
  items: Row[]
  next: string | null
  total: number | null
  /** the total is a lower bound: counting stopped there */
  least?: boolean
  columns: Column[]
  /** as-of instant of the figures */
  asOf: string
}

export const emptyQuery = (): ListQuery => ({ q: '', sort: '', limit: 20, filters: {}, columns: [] })

export interface Suggestion {
  value: string
  note?: string
  id?: unknown
}
export type Suggest = (q: string) => Promise<Suggestion[]>

export interface SavedView {
  id: number
  name: string
  shared: boolean
  own: boolean
  version: number
  /** the list opens with it, for oneself */
  opens: boolean
  query: ListQuery
}

/** Saved views of one list. */
export interface ViewStore {
  list: () => Promise<SavedView[]>
  save: (name: string, shared: boolean, query: ListQuery) => Promise<void>
  remove: (view: SavedView) => Promise<void>
  edit: (view: SavedView, part: { name?: string; shared?: boolean; query?: ListQuery }) => Promise<void>
  open: (view: SavedView, on: boolean) => Promise<void>
}

/** What is chosen in a list: single rows by id with the version seen, or all that its query finds. */
export interface Selection {
  rows: Map<number, number>
  all: boolean
}

/** A list on the server: its operation, the authority and the filters it always has. */
export interface ListSource {
  list: string
  org: number | null
  filters: Record<string, string>
}

/** Exports of what a list shows: the choices offered, and starting one as a job to watch. */
export interface Exporter {
  choices: { key: string; label: string }[]
  start: (key: string, query: ListQuery) => Promise<number>
}
