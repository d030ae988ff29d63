/* What the server did not take goes back to being a draft, so that a person can put it right. */
import { forget, saveDraft, type OutboxRow } from '@shared/offline'
import { draftId } from '@phone/check/useCheck'
import type { DailyJob } from '@phone/model'
import type { TickJob } from '@phone/survey/tick'
import { tickId } from '@phone/survey/useTick'

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

const WAYS: Record<string, (row: OutboxRow) => Promise<string>> = { daily: reopenDaily, tick: reopenTick }

export const canReopen = (row: OutboxRow): boolean => row.kind in WAYS

/* reopen returns the path of the page to continue on. */
export async function reopen(row: OutboxRow): Promise<string> {
  const path = (await WAYS[row.kind]?.(row)) ?? '/sync'
  await forget(row.key)
  return path
}
