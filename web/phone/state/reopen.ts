/* A check the server did not take goes back to being a draft, so that a person can put it right. */
import { forget, saveDraft, type OutboxRow } from '@shared/offline'
import { draftId } from '@phone/check/useCheck'
import type { DailyJob } from '@phone/model'

/* reopen returns the path of the page to continue on. */
export async function reopen(row: OutboxRow): Promise<string> {
  const job = row.payload as DailyJob
  await saveDraft(draftId(job.firm, job.day), 'daily', job.draft)
  await forget(row.key)
  return `/check/${job.day}`
}
