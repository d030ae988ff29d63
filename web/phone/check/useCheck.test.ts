import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { wipe } from '@shared/offline/store'
import { useCheck, type CheckSetup } from './useCheck'
import type { RiskList } from '@phone/model'

const list = (id: number, codes: string[]): RiskList => ({
  id,
  edition: id,
  title: '',
  template: '',
  fromDay: '2026-11-01',
  areas: [{ code: 'A1', name: '原料', items: codes.map((code) => ({ code, text: code, key: false })) }],
})
const setup = (more: Partial<CheckSetup> = {}): CheckSetup => ({
  firm: 3,
  day: '2026-11-02',
  list: list(1, ['101', '102']),
  mode: 'first',
  ...more,
})
const finding = { what: '袋破', measures: '换袋', severity: '', fixer: '', due: null, photos: [] }

beforeEach(wipe)

describe('a check under way', () => {
  it('is found again after the page was closed, the open problem sheet included', async () => {
    const first = useCheck()
    await first.open(setup())
    first.setAnswer('101', 'ok')
    first.openFinding('102')
    first.setFinding({ ...finding, measures: '' })
    await vi.waitFor(() => expect(first.kept.value).toBe(true))
    const again = useCheck()
    await again.open(setup())
    expect(again.sum.value).toMatchObject({ ok: 1, left: 1 })
    expect(again.draft.value?.editing).toMatchObject({ code: '102', finding: { what: '袋破' } })
  })

  it('keeps its answers when midnight makes it a late one', async () => {
    const before = useCheck()
    await before.open(setup())
    before.setAnswer('101', 'na')
    await vi.waitFor(() => expect(before.kept.value).toBe(true))
    const after = useCheck()
    await after.open(setup({ mode: 'late' }))
    expect(after.draft.value).toMatchObject({ mode: 'late', answers: { '101': { result: 'na' } } })
  })

  it('tells when the list has changed since', async () => {
    const before = useCheck()
    await before.open(setup())
    before.setAnswer('101', 'ok')
    await vi.waitFor(() => expect(before.kept.value).toBe(true))
    const after = useCheck()
    await after.open(setup({ list: list(2, ['101', '103']) }))
    expect(after.listChanged.value).toBe(true)
    expect(after.sum.value).toMatchObject({ total: 2, ok: 1, left: 1 })
    expect(after.draft.value?.listId).toBe(2)
  })

  it('begins a correction with what was recorded', async () => {
    const c = useCheck()
    await c.open(setup({ mode: 'correct', earlier: { '101': { result: 'ok' } } }))
    expect(c.sum.value).toMatchObject({ ok: 1, left: 1 })
  })
})
