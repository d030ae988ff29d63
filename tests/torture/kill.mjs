#!/usr/bin/env node
// kill -9 at any moment: what was acknowledged is there, what was not is absent or whole, counters
// agree with rows, the proof holds, and an import that was cut off goes on to its end without doubles.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import assert from 'node:assert/strict'
import { Caller } from '../lib/client.mjs'
import { makeStore, serve, NOW } from '../lib/store.mjs'
import { root } from '../lib/run.mjs'

const bin = resolve(root, process.argv[2] ?? 'build/release/zhian')
const env = { ...process.env, ZHIAN_NOW: NOW }
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
const ROUNDS = 4
const CALLERS = 12

const store = makeStore(bin)
const acked = new Set()
const asked = new Set()
let serial = 0

async function writeUntilCut(caller, over) {
  while (!over.now) {
    const name = `文水县断电${String(++serial).padStart(5, '0')}厂`
    asked.add(name)
    try {
      const r = await caller.send('POST', '/api/v1/firms', {
        body: { kind: 'producer', name, town: '141121100', legal_person: '岑断电', entry_reason: ['10'], staff: 30, revenue: 400 },
      })
      if (r.status === 200) acked.add(name)
      else if (r.status !== 503) assert.fail(`status ${r.status} ${JSON.stringify(r.body)}`)
    } catch (e) {
      if (e instanceof assert.AssertionError) throw e
      return // the connection was cut
    }
  }
}

async function round(i) {
  const server = await serve(bin, store)
  const caller = await new Caller(server.url, 'ws.clerk').signIn()
  const over = { now: false }
  const writers = Array.from({ length: CALLERS }, () => writeUntilCut(caller, over))
  await sleep(150 + 211 * i)
  process.kill(server.pid, 'SIGKILL')
  over.now = true
  await Promise.all(writers)
}

/** Every firm of the county by walking the pages. */
async function allFirms(caller) {
  const names = []
  let cursor = ''
  do {
    const r = await caller.send('GET', '/api/v1/firms', { query: { limit: '200', columns: 'name', ...(cursor ? { cursor } : {}) } })
    assert.equal(r.status, 200)
    names.push(...r.body.items.map((f) => f.name))
    cursor = r.body.next
  } while (cursor)
  return names
}

function verify() {
  const v = spawnSync(bin, ['verify', '--data', store.dir], { env, encoding: 'utf8' })
  assert.equal(v.status, 0, v.stdout + v.stderr)
}

async function afterwards() {
  const server = await serve(bin, store)
  const caller = await new Caller(server.url, 'ws.clerk').signIn()
  const names = await allFirms(caller)
  const own = names.filter((n) => n.startsWith('文水县断电'))
  assert.equal(new Set(own).size, own.length, 'a firm stands twice')
  for (const n of acked) assert.ok(own.includes(n), `${n} was acknowledged and is not there`)
  for (const n of own) assert.ok(asked.has(n), `${n} was never asked for`)
  const count = await caller.send('GET', '/api/v1/firms/count')
  assert.equal(count.body.total[0].total, names.length, 'the counter differs from the rows')
  const found = await caller.send('GET', '/api/v1/firms', { query: { q: [...acked].at(-1) } })
  assert.equal(found.body.items.length, 1, 'the search words are missing')
  assert.deepEqual(await server.stop(), { code: 0, signal: null })
  verify()
  return names.length
}

async function waitFor(caller, id, states) {
  for (let i = 0; i < 600; i++) {
    const r = await caller.send('GET', `/api/v1/imports/${id}`)
    if (states.includes(r.body.state)) return r.body
    await sleep(50)
  }
  assert.fail(`the import is not ${states}`)
}

/** The import is cut off at several moments of its writing and must still end with every row once. */
async function cutImport(before) {
  const bytes = readFileSync(join(root, 'tests/samples/ledger_sales_wenshui.xlsx'))
  let server = await serve(bin, store)
  let caller = await new Caller(server.url, 'ws.clerk').signIn()
  const made = await caller.send('POST', '/api/v1/imports', { query: { kind: 'sales', mode: 'good' }, file: { bytes, name: '销售.xlsx' } })
  await waitFor(caller, made.body.id, ['waiting'])
  await caller.send('POST', `/api/v1/imports/${made.body.id}/apply`, { body: {} })
  for (const ms of [3, 12, 25]) {
    await sleep(ms)
    process.kill(server.pid, 'SIGKILL')
    server = await serve(bin, store)
  }
  caller = await new Caller(server.url, 'ws.clerk').signIn()
  await waitFor(caller, made.body.id, ['done'])
  const names = await allFirms(caller)
  assert.equal(names.length - before, 155, 'the ledger holds 155 units')
  await server.stop()
  verify()
}

try {
  for (let i = 0; i < ROUNDS; i++) await round(i)
  assert.ok(acked.size > 20, `only ${acked.size} writes were acknowledged`)
  const before = await afterwards()
  await cutImport(before)
  console.log(`${ROUNDS} kills, ${acked.size} acknowledged of ${asked.size} asked, an import cut off three times`)
  execFileSync(bin, ['list', 'firms', '--data', store.dir, '--org', '141121', '--limit', '1', '--json'], { env })
} finally {
  store.remove()
}
