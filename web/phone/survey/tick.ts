/* One candidate ticked off on the phone: the draft and what is still missing in it. Pure. */
export interface TickDraft {
  version: string
  state: string
  why: string
  note: string
  kind: string
  photos: string[]
}

export interface Candidate {
  id: number
  version: string
  name: string
  uscc: string
  py: string
  town: string
  address: string
  state: string
  stateLabel: string
  prio: boolean
  reasons: string
  sources: string
  kind: string
  firm: number | null
  why: string
  note: string
  tickedBy: string
}

export interface TickJob {
  candidate: number
  name: string
  draft: TickDraft
}

export type Gap = 'state' | 'why' | 'note' | 'kind'

export const newTick = (version: string): TickDraft => ({ version, state: '', why: '', note: '', kind: '', photos: [] })

const changes = (d: TickDraft, c: Candidate) => c.state !== 'pending' && d.state !== '' && c.state !== d.state
const wantsNote = (d: TickDraft, c: Candidate) => d.state === 'none' || (d.state === 'out' && d.why === 'other') || changes(d, c)

/* As the server asks (candidate_tick.c): a reason to be out, a kind for a new firm, evidence for none,
 * a word for a change. */
const RULES: [Gap, (d: TickDraft, c: Candidate) => boolean][] = [
  ['state', (d) => !d.state],
  ['why', (d) => d.state === 'out' && !d.why],
  ['kind', (d, c) => d.state === 'in' && !c.firm && !c.kind && !d.kind],
  ['note', (d, c) => !d.note.trim() && wantsNote(d, c)],
]

export const tickGaps = (d: TickDraft, c: Candidate): Gap[] => RULES.filter(([, lacks]) => lacks(d, c)).map(([gap]) => gap)

export type Part = 'state' | 'note'

/* A tick somebody else was faster with: the parts of it that differ, mine beside theirs. */
export function differing(mine: TickDraft, c: Candidate): Part[] {
  const out: Part[] = []
  if (mine.state !== c.state || (mine.state === 'out' && mine.why !== c.why)) out.push('state')
  if (mine.note.trim() !== c.note) out.push('note')
  return out
}

/* take puts one part of either version into the draft. */
export function take(part: Part, from: Pick<TickDraft, 'state' | 'why' | 'note'>): Partial<TickDraft> {
  return part === 'state' ? { state: from.state, why: from.why } : { note: from.note }
}

/* sameAs: nothing of one's own is left in the draft that is not stored already. */
export const sameAs = (d: TickDraft, c: Candidate): boolean => differing(d, c).length === 0 && !d.photos.length

/* Found by what is typed, on the phone: the list may be a kept one. */
export function found(rows: Candidate[], q: string, filter: string): Candidate[] {
  const want = q.trim().toLowerCase()
  const fits = (c: Candidate) => [c.name, c.uscc, c.py].some((x) => x.toLowerCase().includes(want))
  const shown = (c: Candidate) => filter === 'all' || (filter === 'pending') === (c.state === 'pending')
  return rows.filter((c) => shown(c) && (want === '' || fits(c)))
}
