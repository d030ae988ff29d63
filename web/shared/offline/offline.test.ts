import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { readThrough } from './cache'
import { draftIds, dropDraft, loadDraft, saveDraft } from './drafts'
import { addFile, dropOrphans, getFile, markUploaded } from './files'
import { newKey } from './key'
import { drain, enqueue, forget, outboxRows, retryNow, setupOutbox, type Verdict } from './outbox'
import { claim, currentOwner, pendingOf, release } from './owner'
import { closeStore, wipe } from './store'

class Lost extends Error {}
class Refused extends Error {}
class SignedOut extends Error {}

function judge(e: unknown): Verdict {
  if (e instanceof Lost) return { then: 'retry' }
  if (e instanceof SignedOut) return { then: 'signin' }
  return { then: 'refuse', problem: (e as Error).message }
}

let now = 0
function sending(sender: (p: unknown, key: string) => unknown): void {
  setupOutbox({
    senders: { daily: async (row) => sender(row.payload, row.key) },
    judge,
    now: () => now,
  })
}

async function states(): Promise<string[]> {
  return (await outboxRows()).map((r) => r.state)
}

beforeEach(async () => {
  now = 1_000_000
  await wipe()
})

describe('outbox', () => {
  it('keeps one key through a lost answer and a second try', async () => {
    const seen: string[] = []
    let down = true
    sending((_p, key) => {
      seen.push(key)
      if (down) throw new Lost()
      return { no: 'R1' }
    })
    const key = await enqueue('daily', '11月2日检查', { day: '2026-11-02' })
    expect(await drain()).toBe('waiting')
    down = false
    expect(await drain()).toBe('waiting')
    expect(seen).toEqual([key])
    expect(await retryNow()).toBe('empty')
    expect(seen).toEqual([key, key])
    expect((await outboxRows())[0]).toMatchObject({ state: 'sent', receipt: { no: 'R1' } })
  })

  it('sends in the order the records were made and stops at the first that must wait', async () => {
    const seen: unknown[] = []
    sending((p) => {
      seen.push(p)
      if (p === 2) throw new Lost()
    })
    for (const p of [1, 2, 3]) await enqueue('daily', 't', p)
    expect(await drain()).toBe('waiting')
    expect(seen).toEqual([1, 2])
    expect(await states()).toEqual(['sent', 'waiting', 'waiting'])
  })

  it('keeps a refused record with its reason and goes on', async () => {
    sending((p) => {
      if (p === 1) throw new Refused('这天已停产')
    })
    await enqueue('daily', 't', 1)
    await enqueue('daily', 't', 2)
    expect(await drain()).toBe('empty')
    const rows = await outboxRows()
    expect(rows.map((r) => r.state)).toEqual(['refused', 'sent'])
    expect(rows[0]!.problem).toBe('这天已停产')
  })

  it('refuses, and does not lose, a kind nobody can send', async () => {
    sending(() => null)
    await enqueue('unheard-of', 't', 1)
    await drain()
    expect(await states()).toEqual(['refused'])
  })

  it('waits for sign-in without counting it as a failure', async () => {
    sending(() => {
      throw new SignedOut()
    })
    await enqueue('daily', 't', 1)
    expect(await drain()).toBe('signin')
    expect((await outboxRows())[0]).toMatchObject({ state: 'waiting', tries: 0, nextAt: 0 })
  })

  it('waits longer after each failure', async () => {
    sending(() => {
      throw new Lost()
    })
    await enqueue('daily', 't', 1)
    const waits: number[] = []
    for (let i = 0; i < 6; i++) {
      await drain()
      const { nextAt } = (await outboxRows())[0]!
      waits.push(nextAt - now)
      now = nextAt
    }
    expect(waits).toEqual([2_000, 5_000, 15_000, 60_000, 300_000, 300_000])
  })

  it('sends a record once although two drains start together', async () => {
    const send = vi.fn(() => new Promise((r) => setTimeout(r, 5)))
    sending(send)
    await enqueue('daily', 't', 1)
    await Promise.all([drain(), drain(), drain()])
    expect(send).toHaveBeenCalledTimes(1)
  })

  it('does not bring back a record that a person dropped while it was being sent', async () => {
    sending((_p, key) => forget(key))
    await enqueue('daily', 't', 1)
    expect(await drain()).toBe('empty')
    expect(await outboxRows()).toEqual([])
  })

  it('takes up a record that a closed page left in sending', async () => {
    let hang = true
    sending(() => (hang ? new Promise(() => undefined) : 'ok'))
    await enqueue('daily', 't', 1)
    void drain()
    await vi.waitFor(async () => expect(await states()).toEqual(['sending']))
    await closeStore()
    vi.resetModules()
    const fresh = await import('./outbox')
    hang = false
    fresh.setupOutbox({ senders: { daily: async () => 'ok' }, judge, now: () => now })
    expect(await fresh.drain()).toBe('empty')
    expect((await fresh.outboxRows()).map((r) => r.state)).toEqual(['sent'])
  })
})

describe('drafts', () => {
  it('keep the last of many quick taps', async () => {
    const writes = [1, 2, 3, 4, 5].map((n) => saveDraft('daily/1', 'daily', { n }))
    await Promise.all(writes)
    expect(await loadDraft('daily/1')).toEqual({ n: 5 })
  })

  it('stay away once dropped, even with a write under way', async () => {
    void saveDraft('daily/1', 'daily', { n: 1 })
    void saveDraft('daily/1', 'daily', { n: 2 })
    await dropDraft('daily/1')
    expect(await loadDraft('daily/1')).toBeNull()
  })

  it('are listed by kind', async () => {
    await saveDraft('review/7', 'review', {})
    await saveDraft('daily/1', 'daily', {})
    expect(await draftIds('review')).toEqual(['review/7'])
  })
})

describe('files', () => {
  it('keep bytes and the id the server gave', async () => {
    const row = await addFile(new File([new Uint8Array([255, 216, 255])], 'a.jpg', { type: 'image/jpeg' }))
    await markUploaded(row.id, 41)
    const back = await getFile(row.id)
    expect(new Uint8Array(back!.bytes)).toEqual(new Uint8Array([255, 216, 255]))
    expect(back!.remote).toBe(41)
  })
})

describe('photos nothing speaks of', () => {
  const day = 24 * 3600 * 1000

  it('are removed after a day, those of drafts and records stay', async () => {
    sending(() => null)
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((n) => addFile(new File([n], `${n}.jpg`))))
    await saveDraft('daily/1', 'daily', { photos: [a!.id] })
    await enqueue('daily', 't', { photos: [b!.id] })
    await dropOrphans(Date.now() + 1000)
    expect(await getFile(c!.id)).not.toBeNull()
    await dropOrphans(Date.now() + 2 * day)
    expect(await getFile(a!.id)).not.toBeNull()
    expect(await getFile(b!.id)).not.toBeNull()
    expect(await getFile(c!.id)).toBeNull()
  })
})

describe('owner', () => {
  it('wipes everything when another account signs in, and only then', async () => {
    expect(await claim('wang')).toBe(false)
    await saveDraft('daily/1', 'daily', { n: 1 })
    await enqueue('daily', 't', 1)
    expect(await claim('wang')).toBe(false)
    expect(await loadDraft('daily/1')).not.toBeNull()
    expect(await pendingOf()).toEqual({ owner: 'wang', count: 1 })
    expect(await claim('li')).toBe(true)
    expect(await loadDraft('daily/1')).toBeNull()
    expect(await outboxRows()).toEqual([])
    expect(await currentOwner()).toBe('li')
  })

  it('leaves nothing after signing out', async () => {
    await claim('wang')
    const f = await addFile(new File(['x'], 'x.jpg'))
    await release()
    expect(await getFile(f.id)).toBeNull()
    expect(await currentOwner()).toBeNull()
  })
})

describe('cache', () => {
  const isLost = (e: unknown) => e instanceof Lost

  it('answers with the kept one only when nobody can be reached', async () => {
    await readThrough('today', async () => ({ left: 12 }), isLost)
    const lost = () => Promise.reject(new Lost())
    expect(await readThrough('today', lost, isLost)).toMatchObject({ data: { left: 12 }, stale: true })
    await expect(readThrough('today', () => Promise.reject(new Refused('x')), isLost)).rejects.toThrow('x')
    await expect(readThrough('never', lost, isLost)).rejects.toBeInstanceOf(Lost)
  })
})

describe('keys', () => {
  it('are random UUIDs of version 4', () => {
    const k = newKey()
    expect(k).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(newKey()).not.toBe(k)
  })
})
