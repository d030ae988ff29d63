import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { call, etagOf, onSessionLost, opUrl, setCsrf, type Op } from '@shared/api'
import { ApiProblem } from '@shared/problem'
import { newKey } from '@shared/uuid'

const get: Op = { name: 'firm_list', method: 'GET', path: '/api/v1/firms/:org', inPath: ['org'], inQuery: ['q', 'f'] }
const post: Op = { name: 'firm_create', method: 'POST', path: '/api/v1/firms', inPath: [], inQuery: [] }

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  })
}

describe('call', () => {
  const fetchMock = vi.fn()
  beforeEach(() => {
    fetchMock.mockReset()
    vi.stubGlobal('fetch', fetchMock)
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    onSessionLost(null)
  })

  it('fills path and query, encodes them, leaves empty members out', () => {
    expect(opUrl(get, { org: 'a/b', q: '水泥&', f: '' })).toBe('/api/v1/firms/a%2Fb?q=%E6%B0%B4%E6%B3%A5%26')
  })

  it('sends the CSRF token, an idempotency key and only body members', async () => {
    setCsrf('tok')
    fetchMock.mockResolvedValue(answer(201, { id: 1 }))
    await call(post, { name: '甲' }, { key: 'k1' })
    const [, init] = fetchMock.mock.calls[0]!
    expect(init.headers).toMatchObject({ 'X-CSRF': 'tok', 'Idempotency-Key': 'k1' })
    expect(init.body).toBe('{"name":"甲"}')
  })

  it('turns problem+json into a typed problem with its fields', async () => {
    const errors = [{ field: 'name', code: 'E_TOO_LONG', message: '太长', hint: '最多120字' }]
    fetchMock.mockResolvedValue(
      new Response(JSON.stringify({ title: '请改', status: 422, errors }), {
        status: 422,
        headers: { 'Content-Type': 'application/problem+json' },
      })
    )
    const p = await call(post, {}).catch((e: unknown) => e)
    expect(p).toBeInstanceOf(ApiProblem)
    expect((p as ApiProblem).kind).toBe('invalid')
    expect((p as ApiProblem).fieldText('name')).toBe('太长。最多120字')
  })

  it('tells the page when the session ended', async () => {
    const seen: string[] = []
    onSessionLost((p) => seen.push(p.kind))
    fetchMock.mockResolvedValue(answer(401, { title: '请登录' }))
    await expect(call(get, { org: '1' })).rejects.toMatchObject({ kind: 'signin' })
    expect(seen).toEqual(['signin'])
  })

  it('calls a failed connection offline and a slow one timeout', async () => {
    fetchMock.mockRejectedValueOnce(new TypeError('failed'))
    await expect(call(get, { org: '1' })).rejects.toMatchObject({ kind: 'offline' })
    fetchMock.mockImplementationOnce(
      (_u: string, i: RequestInit) =>
        new Promise((_r, reject) => i.signal?.addEventListener('abort', () => reject(new DOMException('x', 'AbortError'))))
    )
    await expect(call(get, { org: '1' }, { timeout: 10 })).rejects.toMatchObject({ kind: 'timeout' })
  })

  it('keeps the ETag of an answer for the edit that follows', async () => {
    fetchMock.mockResolvedValue(answer(200, { id: 1 }, { ETag: '"7"' }))
    const a = await call<{ id: number }>(get, { org: '1' })
    expect(etagOf(a)).toBe('"7"')
  })
})

describe('newKey', () => {
  it('makes a version 4 uuid without randomUUID', () => {
    vi.stubGlobal('crypto', { getRandomValues: (b: Uint8Array) => b.fill(255) })
    expect(newKey()).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff')
    vi.unstubAllGlobals()
  })
})
