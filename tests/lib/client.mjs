// A caller of the API as a browser is one: signs in once per account, keeps cookie and CSRF token,
// sends a new idempotency key with every creation.
import { randomUUID } from 'node:crypto'
import { PASSWORD } from './store.mjs'

async function bodyOf(response) {
  const type = response.headers.get('content-type') ?? ''
  if (/json/.test(type)) return response.json().catch(() => undefined)
  return Buffer.from(await response.arrayBuffer())
}

export class Caller {
  constructor(base, login) {
    this.base = base
    this.login = login
    this.cookie = ''
    this.csrf = ''
  }

  async signIn(password = PASSWORD) {
    const r = await this.send('POST', '/api/v1/session', { body: { login: this.login, password } })
    if (r.status >= 300) throw new Error(`${this.login} cannot sign in: ${r.status} ${JSON.stringify(r.body)}`)
    this.cookie = (r.headers.get('set-cookie') ?? '').split(';')[0]
    this.csrf = r.body.csrf
    return this
  }

  headersFor(method, extra) {
    const h = new Headers({ Accept: 'application/json' })
    if (this.cookie) h.set('Cookie', this.cookie)
    if (method !== 'GET' && this.csrf) h.set('X-CSRF', this.csrf)
    if (method === 'POST') h.set('Idempotency-Key', randomUUID())
    for (const [k, v] of Object.entries(extra ?? {})) v === null ? h.delete(k) : h.set(k, v)
    return h
  }

  /** One request; {status, headers, body}: body parsed when it is JSON, else bytes. */
  async send(method, path, { query, headers, body, raw, file } = {}) {
    const url = new URL(path, this.base)
    for (const [k, v] of Object.entries(query ?? {})) url.searchParams.set(k, v)
    const h = this.headersFor(method, headers)
    let payload
    if (file) {
      payload = new FormData()
      for (const [k, v] of Object.entries(body ?? {})) payload.append(k, String(v))
      payload.append('file', new Blob([file.bytes]), file.name)
    } else if (raw !== undefined) {
      payload = raw
    } else if (body !== undefined) {
      payload = JSON.stringify(body)
    }
    if (payload !== undefined && !file && !h.has('Content-Type')) h.set('Content-Type', 'application/json')
    const r = await fetch(url, { method, headers: h, body: payload, redirect: 'manual' })
    return { status: r.status, headers: r.headers, body: await bodyOf(r) }
  }
}
