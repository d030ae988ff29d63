#!/usr/bin/env node
// kill -9 in the middle of a bulk edit: the next start carries on with what was still to do; every firm is
// changed exactly once, the numbers agree, the proof holds; cancelling leaves the rest as it was.
import { execFileSync, spawnSync } from 'node:child_process'
import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { Caller } from '../lib/client.mjs'
import { makeStore, serve, NOW } from '../lib/store.mjs'
import { root } from '../lib/run.mjs'

const bin = resolve(root, process.argv[2] ?? 'build/release/zhian')
const env = { ...process.env, ZHIAN_NOW: NOW }
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
const FIRMS = 20000
const ROUNDS = 3
const store = makeStore(bin)
execFileSync(bin, ['generate', ...store.args, '--firms', String(FIRMS), '--days', '1', '--seed', '3'], { env, stdio: ['ignore', 'ignore', 'inherit'] })

const ok = (r) => (assert.ok(r.status < 300, `${r.status} ${JSON.stringify(r.body)}`), r.body)
const get = async (who, path, query) => ok(await who.send('GET', path, { query }))

async function all(who, path, query) {
  const rows = []
  let cursor
  do {
    const page = await get(who, path, { ...query, limit: '200', ...(cursor ? { cursor } : {}) })
    rows.push(...page.items)
    cursor = page.next
  } while (cursor)
  return rows
}

async function begin(who, set) {
  return ok(await who.send('POST', '/api/v1/bulk', { body: { all: true, set, reason: '断电试验' } }))
}

async function ended(who, id) {
  for (let i = 0; i < 1200; i++) {
    const b = await get(who, `/api/v1/bulk/${id}`)
    if (b.state === 'done' || b.state === 'cancelled') return b
    await sleep(50)
  }
  assert.fail('the operation did not end')
}

async function killRound(i) {
  const filler = `断电${i}`
  let server = await serve(bin, store)
  let who = await new Caller(server.url, 'sx').signIn()
  const before = new Map((await all(who, '/api/v1/firms', { columns: 'name' })).map((f) => [f.id, f.version]))
  const made = await begin(who, { filler })
  await sleep(60 + 130 * i)
  process.kill(server.pid, 'SIGKILL')
  await sleep(50)
  server = await serve(bin, store)
  who = await new Caller(server.url, 'sx').signIn()
  const left = await get(who, `/api/v1/bulk/${made.id}`)
  const b = await ended(who, made.id)
  console.log(`round ${i}: ${left.state} after the kill; ${b.changed} changed, ${b.refused} refused of ${b.total}`)
  assert.equal(b.state, 'done')
  assert.equal(b.total, before.size)
  assert.equal(b.changed + b.same + b.refused, b.total)
  const after = await all(who, '/api/v1/firms', { columns: 'filler' })
  const changed = after.filter((f) => f.filler === filler)
  assert.equal(changed.length, b.changed)
  for (const f of after) assert.equal(f.version, before.get(f.id) + (f.filler === filler ? 1 : 0), `firm ${f.id} was changed once`)
  await server.stop()
}

async function cancelled() {
  const server = await serve(bin, store)
  const who = await new Caller(server.url, 'sx').signIn()
  const made = await begin(who, { filler: '不要了' })
  ok(await who.send('POST', `/api/v1/jobs/${made.job}/cancel`))
  const b = await ended(who, made.id)
  const touched = (await all(who, '/api/v1/firms', { columns: 'filler', filler: '不要了' })).length
  console.log(`cancelled: ${b.state} with ${b.changed} of ${b.total}`)
  assert.equal(touched, b.changed)
  if (b.changed) {
    const back = await ended(who, ok(await who.send('POST', `/api/v1/bulk/${made.id}/undo`)).id)
    assert.equal(back.changed, b.changed)
  }
  assert.equal((await all(who, '/api/v1/firms', { columns: 'filler', filler: '不要了' })).length, 0)
  await server.stop()
}

try {
  for (let i = 0; i < ROUNDS; i++) await killRound(i)
  await cancelled()
  const v = spawnSync(bin, ['verify', ...store.args], { env, encoding: 'utf8' })
  assert.equal(v.status, 0, v.stdout + v.stderr)
  console.log('ok')
} finally {
  store.remove()
}
