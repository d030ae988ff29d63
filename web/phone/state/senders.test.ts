import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { addFile, drain, enqueue, getFile, outboxRows, retryNow, setupOutbox } from '@shared/offline'
import { wipe } from '@shared/offline/store'
import { ApiProblem } from '@shared/problem'
import type { CheckDraft, DailyJob } from '@phone/model'
import { senders } from './senders'
import { judge } from './sync'

const api = vi.hoisted(() => ({ daily_submit: vi.fn(), attachment_create: vi.fn() }))
vi.mock('@generated/api', () => api)

const lost = () => new ApiProblem('offline', 0, '网络不通')

async function job(): Promise<{ job: DailyJob; photo: string }> {
  const photo = (await addFile(new File(['jpg'], 'a.jpg', { type: 'image/jpeg' }))).id
  const finding = { what: '袋破', measures: '换袋', severity: '', fixer: '', due: null, photos: [photo] }
  const draft: CheckDraft = {
    areas: [],
    answers: { '101': { result: 'ok' }, '102': { result: 'bad', finding }, '103': { result: 'na' } },
    listId: 9,
    mode: 'first',
    reason: '',
    editing: null,
  }
  return { job: { firm: 3, day: '2026-11-02', draft }, photo }
}

beforeEach(async () => {
  await wipe()
  vi.clearAllMocks()
  let now = 0
  setupOutbox({ senders, judge, now: () => (now += 1_000_000) })
  api.attachment_create.mockResolvedValue({ id: 41 })
  api.daily_submit.mockResolvedValue({
    number: 'R-1', at: '2026-11-02T01:00:00Z', receiver: '凤城所', zero_risk: false, version: 1, hazards: [7],
  })
})

describe('sending a day’s check', () => {
  it('uploads photos first and names them in the problem', async () => {
    const { job: j, photo } = await job()
    const key = await enqueue('daily', 't', j)
    expect(await drain()).toBe('empty')
    const sent = api.daily_submit.mock.calls[0]![0]
    expect(sent).toMatchObject({ firm: 3, day: '2026-11-02', risklist: 9, key, correct: false, reason: null })
    expect(sent.answers).toEqual([
      { code: '101', result: 'normal' },
      { code: '102', result: 'problem' },
      { code: '103', result: 'na' },
    ])
    expect(sent.problems[0]).toMatchObject({ code: '102', what: '袋破', measure: '换袋', photos: ['41'], severity: null })
    expect((await outboxRows())[0]!.receipt).toMatchObject({ no: 'R-1', toName: '凤城所', hazards: [7] })
    expect(await getFile(photo)).toBeNull()
  })

  it('uploads a photo once although the submission has to be tried again', async () => {
    api.daily_submit.mockRejectedValueOnce(lost())
    const { job: j, photo } = await job()
    const key = await enqueue('daily', 't', j)
    expect(await drain()).toBe('waiting')
    expect((await getFile(photo))!.remote).toBe(41)
    expect(await retryNow()).toBe('empty')
    expect(api.attachment_create).toHaveBeenCalledTimes(1)
    expect(api.daily_submit.mock.calls.map((c) => c[0].key)).toEqual([key, key])
  })

  it('keeps what the server refuses, with every reason it gave', async () => {
    const body = { errors: [{ field: 'reason', code: 'required', message: '补录要写原因' }] }
    api.daily_submit.mockRejectedValueOnce(new ApiProblem('invalid', 422, '提交的内容有误', body))
    await enqueue('daily', 't', (await job()).job)
    expect(await drain()).toBe('empty')
    expect((await outboxRows())[0]).toMatchObject({ state: 'refused', problem: '提交的内容有误；补录要写原因' })
  })

  it('waits for sign-in when the session has ended', async () => {
    api.attachment_create.mockRejectedValueOnce(new ApiProblem('signin', 401, '请先登录'))
    await enqueue('daily', 't', (await job()).job)
    expect(await drain()).toBe('signin')
    expect(api.daily_submit).not.toHaveBeenCalled()
  })
})
