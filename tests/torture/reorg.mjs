#!/usr/bin/env node
// kill -9 in the middle of a county's move: the change counted from its first commit, so nobody sees a
// half of it, neither before the cut nor after; the job goes on by itself; every firm arrives once, the
// counters agree with the rows, the proof holds. Both engines.
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import assert from 'node:assert/strict'
import { Caller } from '../lib/client.mjs'
import { startCluster } from '../lib/postgres.mjs'
import { makeStore, serve, NOW } from '../lib/store.mjs'
import { root } from '../lib/run.mjs'

const bin = resolve(root, process.argv[2] ?? 'build/release/zhian')
const env = { ...process.env, ZHIAN_NOW: NOW }
const FIRMS = 12000
const CUTS = 3
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

async function totals(url) {
  const of = async (login, query) => {
    const c = await new Caller(url, login).signIn()
    const r = await c.send('GET', '/api/v1/firms', { query: { total: 'true', ...query } })
    assert.equal(r.status, 200, JSON.stringify(r.body))
    return r.body.total
  }
  return { sx: await of('sx'), ll: await of('ll'), ws: await of('ws'), one: await of('ws', { q: '演示水泥' }) }
}

/** Every firm the account may list, by walking the pages; none twice. */
async function walk(url, login) {
  const c = await new Caller(url, login).signIn()
  const ids = new Set()
  let cursor = ''
  let n = 0
  do {
    const r = await c.send('GET', '/api/v1/firms', { query: { limit: '200', columns: 'name', ...(cursor ? { cursor } : {}) } })
    for (const f of r.body.items) ids.add(f.id)
    n += r.body.items.length
    cursor = r.body.next
  } while (cursor)
  assert.equal(n, ids.size, 'no firm is listed twice')
  return n
}

async function stateOf(url, change) {
  const c = await new Caller(url, 'sx').signIn()
  const r = await c.send('GET', `/api/v1/org-changes/${change}`)
  assert.equal(r.status, 200)
  return r.body
}

async function runOn(name, cluster) {
  const store = makeStore(bin, cluster)
  try {
    execFileSync(bin, ['generate', ...store.args, '--firms', String(FIRMS), '--days', '3', '--org', '141121'], { env, stdio: 'ignore' })
    let server = await serve(bin, store)
    const sx = await new Caller(server.url, 'sx').signIn()
    const org = async (q) => (await sx.send('GET', '/api/v1/orgs', { query: { q } })).body.items[0].id
    const before = await totals(server.url)
    const body = { kind: 'move', org: await org('文水县'), target: await org('太原市'), reason: '划转' }
    const filed = await sx.send('POST', '/api/v1/org-changes', { body })
    assert.equal(filed.status, 200, JSON.stringify(filed.body))
    for (let i = 0; i < CUTS; i++) {
      for (let k = 0; k < 400 && (await stateOf(server.url, filed.body.id)).state === 'planned'; k++) await sleep(10)
      await sleep(120 + 90 * i)
      const seen = await totals(server.url)
      assert.equal(seen.ws, before.ws, 'the county sees all of its firms')
      assert.equal(seen.ll, before.ll - before.ws, 'the city it left sees none of them')
      process.kill(server.pid, 'SIGKILL')
      await server.stop()
      server = await serve(bin, store)
      const after = await totals(server.url)
      assert.deepEqual([after.ws, after.ll, after.sx], [before.ws, before.ll - before.ws, before.sx])
      assert.equal(await walk(server.url, 'ws'), before.ws, 'all are listed in the middle of it')
    }
    let state
    for (let k = 0; k < 1200; k++) {
      state = await stateOf(server.url, filed.body.id)
      if (state.state !== 'moving') break
      await sleep(100)
    }
    assert.equal(state.state, 'done', JSON.stringify(state))
    assert.equal(state.result.firms, before.ws)
    assert.equal(await walk(server.url, 'ws'), before.ws)
    assert.equal(await walk(server.url, 'll'), before.ll - before.ws)
    assert.equal((await totals(server.url)).one, before.one, 'found by its name as before')
    await server.stop()
    execFileSync(bin, ['verify', ...store.args], { env, stdio: 'ignore' })
    console.log(`ok   ${name}: ${before.ws} firms, ${CUTS} cuts`)
  } finally {
    store.remove()
  }
}

await runOn('sqlite')
const cluster = await startCluster()
try {
  await runOn('postgresql', cluster)
} finally {
  await cluster.stop()
}
