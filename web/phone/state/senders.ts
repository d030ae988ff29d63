/* How each kind of record in the outbox goes up. */
import { dropFiles, type OutboxRow, type Sender } from '@shared/offline'
import { daily_submit, type DailyProblem, type DailyReceipt } from '@generated/api'
import { photosOf, type Answer } from '@phone/check/machine'
import type { DailyJob, Receipt } from '@phone/model'
import { sendFill } from '@phone/file/fill'
import { sendStatus } from '@phone/inspect/life'
import { sendEdit } from './edits'
import { sendRead, sendTelling } from './notices'
import { sendReview } from './reviews'
import { sendTick } from './survey'
import { sendLook } from './told'
import { uploadAll } from './upload'

const RESULTS = { ok: 'normal', bad: 'problem', na: 'na' } as const

async function problemsOf(firm: number, answers: Record<string, Answer>): Promise<DailyProblem[]> {
  const out: DailyProblem[] = []
  for (const [code, { finding: f }] of Object.entries(answers)) {
    if (!f) continue
    const photos = await uploadAll(f.photos, { firm, purpose: 'hazard' })
    out.push({
      code,
      what: f.what,
      measure: f.measures,
      severity: f.severity || null,
      fixer: f.fixer || null,
      due_day: f.due,
      photos: photos.map(String),
    })
  }
  return out
}

function receiptOf(r: DailyReceipt, row: OutboxRow): Receipt {
  return {
    no: r.number ?? '',
    at: r.at ?? '',
    deviceAt: row.deviceTime,
    toName: r.receiver ?? '',
    zero: r.zero_risk === true,
    late: r.late === true,
    version: r.version ?? 1,
    hazards: (r.hazards as number[] | null) ?? [],
  }
}

async function sendDaily(row: OutboxRow): Promise<Receipt> {
  const { firm, day, draft } = row.payload as DailyJob
  const got = await daily_submit({
    firm,
    day,
    risklist: draft.listId,
    answers: Object.entries(draft.answers).map(([code, a]) => ({ code, result: RESULTS[a.result] })),
    problems: await problemsOf(firm, draft.answers),
    reason: draft.mode === 'first' ? null : draft.reason.trim(),
    correct: draft.mode === 'correct',
    key: row.key,
    device_at: row.deviceTime,
  })
  await dropFiles(photosOf(draft))
  return receiptOf(got, row)
}

export const senders: Record<string, Sender> = {
  daily: sendDaily,
  tick: sendTick,
  telling: sendTelling,
  notice_read: sendRead,
  edit: sendEdit,
  review: sendReview,
  status: sendStatus,
  fill: sendFill,
  look: sendLook,
}
