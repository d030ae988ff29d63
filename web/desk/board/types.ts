// The board of a day as its page knows it.
import { op_board_firms, board_get, type Board as ServerBoard, type BoardRow as ServerRow } from '@generated/api'
import { serverList } from '../list/reader'

export const BOARD_KINDS = ['due', 'done', 'zero', 'problem', 'late', 'pending', 'missing', 'excused'] as const
export type BoardKind = (typeof BOARD_KINDS)[number]

export type BoardRow = { org: number; name: string; level: number } & Record<BoardKind, number>

export interface Board {
  day: string
  org: number
  name: string
  /** way from the user's own authority down to this one */
  path: { org: number; name: string }[]
  rows: BoardRow[]
  total: BoardRow | null
  asOf: string
  basis: string
}

function rowOf(r: ServerRow): BoardRow {
  const counts = Object.fromEntries(BOARD_KINDS.map((k) => [k, r[k] ?? 0])) as Record<BoardKind, number>
  return { org: r.org ?? 0, name: r.org_name ?? '', level: r.level ?? 0, ...counts }
}

function boardOf(b: ServerBoard): Board {
  const parents = Array.isArray(b.parents) ? (b.parents as { id: number; name: string }[]) : []
  return {
    day: b.day ?? '',
    org: b.org ?? 0,
    name: b.org_name ?? '',
    path: parents.map((p) => ({ org: p.id, name: p.name })),
    rows: (b.items ?? []).map(rowOf),
    total: b.total?.[0] ? rowOf(b.total[0]) : null,
    asOf: b.as_of ?? '',
    basis: b.basis ?? '',
  }
}

export const readBoard = async (org: number | null, day: string | null, signal?: AbortSignal): Promise<Board> =>
  boardOf(await board_get({ org, day }, { signal }))

/** The firms behind one number. */
export const boardFirms = (org: number, day: string, status: BoardKind) => serverList(op_board_firms, { org }, { day, status })
