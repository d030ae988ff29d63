// What people are told by a served store: the same before and after it was moved or put back.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bin } from './cli.mjs'
import { Caller } from './client.mjs'
import { root } from './run.mjs'
import { serve } from './store.mjs'

/** What people read, as several accounts, from a served store. */
export async function answers(store, attachment, cookie) {
  const server = await serve(bin, store)
  try {
    const out = {}
    const ask = async (who, path, query) => {
      const r = await who.send('GET', path, { query })
      assert.equal(r.status, 200, `${path}: ${JSON.stringify(r.body)}`)
      out[`${who.login} ${path} ${JSON.stringify(query ?? {})}`] = r.body
      return r.body
    }
    for (const login of ['ws', 'sx', 'wsq.officer']) {
      const who = await new Caller(server.url, login).signIn()
      if (login === 'wsq.officer') {
        for (const p of ['own-firm', 'hazards']) await ask(who, `/api/v1/${p}`)
        continue
      }
      const page = await ask(who, '/api/v1/firms', { limit: '200' })
      for (const q of ['水泥', '文水演示水泥厂', 'wsys', '91']) await ask(who, '/api/v1/firms', { q, limit: '50' })
      for (const p of ['firms/count', 'board', 'hazards', 'orgs', 'codes', 'grade-changes', 'views?list=firms']) await ask(who, `/api/v1/${p}`)
      for (const f of page.items.slice(0, 8)) {
        for (const p of ['', '/history', '/people', '/attachments', '/risklist-templates']) await ask(who, `/api/v1/firms/${f.id}${p}`)
      }
    }
    if (attachment) await ask(await new Caller(server.url, 'ws').signIn(), `/api/v1/attachments/${attachment}`)
    if (cookie) {
      const old = Object.assign(new Caller(server.url, 'ws'), { cookie })
      assert.equal((await old.send('GET', '/api/v1/session')).status, 200, 'who was signed in still is')
    }
    return out
  } finally {
    await server.stop()
  }
}

/** Uploads a scan to a demonstration store; its id and the cookie of who did it. */
export async function upload(store) {
  const server = await serve(bin, store)
  const ws = await new Caller(server.url, 'ws').signIn()
  const firm = (await ws.send('GET', '/api/v1/firms', { query: { q: '文水演示水泥厂' } })).body.items[0].id
  const clerk = await new Caller(server.url, 'ws.fengcheng').signIn()
  const bytes = readFileSync(join(root, 'tests/api/picture.png'))
  const r = await clerk.send('POST', `/api/v1/firms/${firm}/attachments`, { query: { purpose: 'licence' }, file: { name: '营业执照.png', bytes } })
  assert.equal(r.status, 200, JSON.stringify(r.body))
  await server.stop()
  return { id: r.body.id, cookie: ws.cookie }
}
