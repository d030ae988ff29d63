/* The review of a firm on the spot, and its return, on their way up. */
import { dropFiles, outboxRows, type OutboxRow } from '@shared/offline'
import { ApiProblem, asProblem } from '@shared/problem'
import { firm_step } from '@generated/api'
import { movedItems, type Ledger, type ReviewDraft } from '@phone/inspect/review'
import type { FirmFile } from '@phone/model'
import { t } from '@phone/texts'
import { openEdits } from './edits'
import { factsOf, loadReview } from './firms'
import { uploadAll } from './upload'

/* Enough to send it, and to open it again; with `reason` it is a return. */
export interface ReviewJob {
  firm: number
  name: string
  etag: string
  draft: ReviewDraft
  reason: string | null
}

export const ledgerOf = (file: FirmFile): Ledger => Object.fromEntries(file.items.map((i) => [i.code, factsOf(file, i)]))

function stepOf(job: ReviewJob, scans: number[]) {
  const d = job.draft
  if (job.reason !== null) return { firm: job.firm, action: 'return', reason: job.reason }
  return {
    firm: job.firm,
    action: 'review',
    opinion: d.opinion.trim(),
    paper_match: d.match,
    paper_note: d.match ? null : d.discrepancy.trim(),
    paper_items: Object.entries(d.answers).map(([code, a]) => ({ code, result: a.verdict, note: a.note.trim() || null })),
    scans: scans.map(String),
  }
}

/* A changed firm is reviewed all the same where the ledger still says what was compared with the
 * paper; otherwise the items that differ are named and a person looks again. */
async function over(job: ReviewJob, scans: number[], key: string): Promise<void> {
  const file = await loadReview(job.firm)
  const moved = movedItems(job.draft, ledgerOf(file))
  if (moved.length) {
    const names = file.items.filter((i) => moved.includes(i.code)).map((i) => i.text)
    throw new ApiProblem('conflict', 409, t.review.movedItems(names.join('、')))
  }
  await firm_step(stepOf(job, scans), { ifMatch: file.etag, key: `${key}-2` })
}

export async function sendReview(row: OutboxRow): Promise<null> {
  const job = row.payload as ReviewJob
  if ((await openEdits(job.firm)).some((r) => r.state === 'refused' && r.seq < row.seq))
    throw new ApiProblem('conflict', 409, t.review.editFirst)
  const scans = job.reason === null ? await uploadAll(job.draft.photos, { firm: job.firm, purpose: 'archive' }) : []
  try {
    await firm_step(stepOf(job, scans), { ifMatch: job.etag, key: row.key })
  } catch (e) {
    if (asProblem(e).type !== 'stale') throw e
    await over(job, scans, row.key)
  }
  await dropFiles(job.draft.photos)
  return null
}

/* Firms whose review or return waits on the phone. */
export async function waitingReviews(): Promise<Set<number>> {
  const rows = (await outboxRows()).filter((r) => r.kind === 'review' && r.state !== 'sent')
  return new Set(rows.map((r) => (r.payload as ReviewJob).firm))
}
