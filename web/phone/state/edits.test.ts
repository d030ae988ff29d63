import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { drain, enqueue, outboxRows, setupOutbox } from '@shared/offline'
import { wipe } from '@shared/offline/store'
import { ApiProblem } from '@shared/problem'
import { newReview, setVerdict } from '@phone/inspect/review'
import { changesOf, clashes, loadMerge, openEdits, withEdits, type EditJob } from './edits'
import { fileOf } from './firms'
import { ledgerOf, type ReviewJob } from './reviews'
import { senders } from './senders'
import { judge } from './sync'

const api = vi.hoisted(() => ({
  firm_edit: vi.fn(), firm_get: vi.fn(), firm_step: vi.fn(), product_edit: vi.fn(), attachment_create: vi.fn(),
}))
vi.mock('@generated/api', () => api)

const stale = () => new ApiProblem('conflict', 409, '已被他人修改', { type: '/problems/stale' })
const view = (version: number, record: Record<string, unknown>) => ({
  id: 7, version, record: { name: '凤城五金厂', legal_person: '赵原名', staff: 60, ...record }, labels: {}, products: [],
  paper: [{ code: 'P1', text: '营业执照', compare: ['legal_person'] }, { code: 'P2', text: '花名册', compare: ['staff'] }],
})
const edit = (values: EditJob['values']): EditJob => ({ firm: 7, firmName: '凤城五金厂', product: null, etag: '5', values })
const mine = edit({ legal_person: { base: '赵原名', mine: '赵改正' } })
const states = async () => (await outboxRows()).map((r) => r.state)

beforeEach(async () => {
  await wipe()
  vi.resetAllMocks()
  let now = 0
  setupOutbox({ senders, judge, now: () => (now += 1_000_000) })
})

describe('an edit on its way up', () => {
  it('goes with the version it was made on and its own key', async () => {
    const key = await enqueue('edit', 't', edit({ staff: { base: '60', mine: '70' }, legal_person: { base: '赵原名', mine: '' } }))
    await drain()
    expect(api.firm_edit).toHaveBeenCalledWith({ firm: 7, staff: 70, clear: ['legal_person'] }, { ifMatch: '5', key })
  })

  it('is laid over a version in which others changed other fields', async () => {
    api.firm_edit.mockRejectedValueOnce(stale())
    api.firm_get.mockResolvedValue(view(6, { staff: 61 }))
    const key = await enqueue('edit', 't', mine)
    await drain()
    expect(await states()).toEqual(['sent'])
    expect(api.firm_edit).toHaveBeenLastCalledWith({ firm: 7, legal_person: '赵改正' }, { ifMatch: '6', key: `${key}-2` })
  })

  it('stays, naming the field, when somebody changed the same one', async () => {
    api.firm_edit.mockRejectedValueOnce(stale())
    api.firm_get.mockResolvedValue(view(6, { legal_person: '别人改的' }))
    await enqueue('edit', 't', mine)
    await drain()
    const [row] = await outboxRows()
    expect(row).toMatchObject({ state: 'refused', payload: mine })
    expect(row!.problem).toContain('法定代表人')
    expect(api.firm_edit).toHaveBeenCalledTimes(1)
    expect(await loadMerge(mine)).toMatchObject({
      etag: '6', rows: [{ base: '赵原名', mine: '赵改正', theirs: '别人改的', clash: true }],
    })
  })

  it('is done when the stored version says the same already', async () => {
    api.firm_edit.mockRejectedValueOnce(stale())
    api.firm_get.mockResolvedValue(view(6, { legal_person: '赵改正' }))
    await enqueue('edit', 't', mine)
    await drain()
    expect(await states()).toEqual(['sent'])
    expect(api.firm_edit).toHaveBeenCalledTimes(1)
  })
})

describe('what was typed', () => {
  const target = {
    label: '', firm: 7, product: null, etag: '5',
    fields: [{ name: 'staff', label: '', type: 'int', max: 9, lines: false, options: [], value: '60' }],
  }

  it('is a change only where it differs', () => {
    expect(changesOf(target, { staff: ' 60 ' })).toBeNull()
    expect(changesOf(target, { staff: '61' })).toEqual({ staff: { base: '60', mine: '61' } })
  })

  it('clashes only with another value than the one it was changed from', () => {
    expect(clashes(mine.values, { legal_person: '赵原名' })).toEqual([])
    expect(clashes(mine.values, { legal_person: '赵改正' })).toEqual([])
    expect(clashes(mine.values, { legal_person: '钱' })).toEqual(['legal_person'])
  })

  it('is shown over the kept file while it waits', async () => {
    await enqueue('edit', 't', mine)
    await enqueue('edit', 't', { ...mine, firm: 8 })
    const file = withEdits(fileOf(view(5, {})), await openEdits(7))
    expect(file.record).toMatchObject({ legal_person: '赵改正', staff: 60 })
  })
})

describe('a review on its way up', () => {
  const file = fileOf(view(5, {}))
  const draft = { ...setVerdict(newReview('5'), 'P1', 'same', ledgerOf(file).P1), match: true, opinion: '同意' }
  const job: ReviewJob = { firm: 7, name: '凤城五金厂', etag: '5', draft, reason: null }

  it('stands where the ledger still says what was compared', async () => {
    api.firm_step.mockRejectedValueOnce(stale())
    api.firm_get.mockResolvedValue(view(6, { staff: 61 }))
    await enqueue('review', 't', job)
    await drain()
    expect(await states()).toEqual(['sent'])
    expect(api.firm_step.mock.calls[1]![1]).toMatchObject({ ifMatch: '6' })
  })

  it('comes back naming the items that were changed after they were compared', async () => {
    api.firm_step.mockRejectedValueOnce(stale())
    api.firm_get.mockResolvedValue(view(6, { legal_person: '别人改的' }))
    await enqueue('review', 't', job)
    await drain()
    expect((await outboxRows())[0]).toMatchObject({ state: 'refused', problem: expect.stringContaining('营业执照') })
    expect(api.firm_step).toHaveBeenCalledTimes(1)
  })

  it('does not pass a correction of the same firm that was refused', async () => {
    api.firm_edit.mockRejectedValueOnce(new ApiProblem('invalid', 422, '姓名不对'))
    await enqueue('edit', 't', mine)
    await enqueue('review', 't', job)
    await drain()
    expect(await states()).toEqual(['refused', 'refused'])
    expect(api.firm_step).not.toHaveBeenCalled()
  })
})
