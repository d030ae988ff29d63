/* What the server did not take goes back to being a draft, so that a person can put it right. */
import { forget, saveDraft, type OutboxRow } from '@shared/offline'
import { draftId } from '@phone/check/useCheck'
import { fillId, type FillJob } from '@phone/file/fill'
import { statusId, type StatusJob } from '@phone/inspect/life'
import { reviewId } from '@phone/inspect/useReview'
import type { DailyJob } from '@phone/model'
import type { TickJob } from '@phone/survey/tick'
import { tickId } from '@phone/survey/useTick'
import type { ReviewJob } from './reviews'

async function reopenDaily(row: OutboxRow): Promise<string> {
  const job = row.payload as DailyJob
  await saveDraft(draftId(job.firm, job.day), 'daily', job.draft)
  return `/check/${job.day}`
}

/* The draft keeps the version it was made on, so that the page says what has changed since. */
async function reopenTick(row: OutboxRow): Promise<string> {
  const job = row.payload as TickJob
  await saveDraft(tickId(job.candidate), 'tick', job.draft)
  return `/survey/${job.candidate}`
}

async function reopenReview(row: OutboxRow): Promise<string> {
  const job = row.payload as ReviewJob
  await saveDraft(reviewId(job.firm), 'review', { ...job.draft, back: job.reason ?? job.draft.back })
  return `/review/${job.firm}`
}

async function reopenFill(row: OutboxRow): Promise<string> {
  const job = row.payload as FillJob
  await saveDraft(fillId(job.lack), 'fill', { values: job.values, photos: job.photos })
  return '/lack'
}

async function reopenStatus(row: OutboxRow): Promise<string> {
  const job = row.payload as StatusJob
  await saveDraft(statusId(job.firm), 'status', job.form)
  return `/firm/${job.firm}/status`
}

const WAYS: Record<string, (row: OutboxRow) => Promise<string>> = {
  daily: reopenDaily,
  tick: reopenTick,
  review: reopenReview,
  status: reopenStatus,
  fill: reopenFill,
}

/* An edit stays where it is until the two versions are merged. */
const mergePath = (row: OutboxRow) => (row.kind === 'edit' ? `/merge/${row.key}` : null)

export const canReopen = (row: OutboxRow): boolean => row.kind in WAYS || mergePath(row) !== null

/* reopen returns the path of the page to continue on. */
export async function reopen(row: OutboxRow): Promise<string> {
  const merge = mergePath(row)
  if (merge) return merge
  const path = (await WAYS[row.kind]?.(row)) ?? '/sync'
  await forget(row.key)
  return path
}
