#!/usr/bin/env node
// Three programs on one PostgreSQL store under load: sessions, throttles, permissions, definitions,
// numbers, counters and seals are as with one; a program that is killed gives its job to another.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import assert from 'node:assert/strict'
import { Caller } from '../lib/client.mjs'
import { startCluster } from '../lib/postgres.mjs'
import { makeStore, serve, NOW } from '../lib/store.mjs'
import { root } from '../lib/run.mjs'

const bin = resolve(root, process.argv[2] ?? 'build/release/zhian')
const env = { ...process.env, ZHIAN_NOW: NOW }
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
const EACH = 40
const WRITERS = 4

const cluster = await startCluster()
const store = makeStore(bin, cluster)
const number = (sql) => Number(cluster.sql(store.database, sql))
let nodes = []

async function until(what, ask, seconds = 30) {
  for (let i = 0; i < seconds * 20; i++) {
    if (await ask()) return
    await sleep(50)
  }
  assert.fail(`not within ${seconds} s: ${what}`)
}

/** The same session on another program. */
function at(caller, node) {
  const c = new Caller(node.url, caller.login)
  c.cookie = caller.cookie
  c.csrf = caller.csrf
  return c
}

const newFirm = (name) => ({ body: { kind: 'producer', name, town: '141121100', legal_person: '岑三台', entry_reason: ['10'], staff: 30, revenue: 400 } })

/** Everybody writes through every program at once. */
async function load() {
  const clerk = await new Caller(nodes[0].url, 'ws.clerk').signIn()
  const names = []
  const write = async (node, k) => {
    const caller = at(clerk, node)
    for (let i = 0; i < EACH; i++) {
      const name = `文水县三台${nodes.indexOf(node)}${k}${String(i).padStart(3, '0')}厂`
      const r = await caller.send('POST', '/api/v1/firms', newFirm(name))
      assert.equal(r.status, 200, JSON.stringify(r.body))
      names.push(name)
    }
  }
  await Promise.all(nodes.flatMap((n) => Array.from({ length: WRITERS }, (_, k) => write(n, k))))
  const count = await at(clerk, nodes[1]).send('GET', '/api/v1/firms/count')
  assert.equal(count.body.total[0].total, number("SELECT count(*) FROM firm WHERE org_path LIKE (SELECT path FROM org WHERE area = '141121') || '%'"))
  assert.equal(number('SELECT count(DISTINCT id) FROM firm WHERE name LIKE \'文水县三台%\''), names.length)
  assert.equal(number('SELECT max(id) - count(*) FROM journal'), 0, 'the journal has a gap')
  return names.length
}

/** One key, sent to three programs at the same moment, makes one firm. */
async function sameKey() {
  const clerk = await new Caller(nodes[2].url, 'ws.clerk').signIn()
  const headers = { 'Idempotency-Key': 'one-key-for-three-programs' }
  const answers = await Promise.all(nodes.map((n) => at(clerk, n).send('POST', '/api/v1/firms', { ...newFirm('文水县一把钥匙厂'), headers })))
  const good = answers.filter((a) => a.status === 200)
  assert.ok(good.length >= 1)
  for (const a of good) assert.equal(a.body.id, good[0].body.id)
  assert.equal(number("SELECT count(*) FROM firm WHERE name = '文水县一把钥匙厂'"), 1)
}

/** Wrong passwords count together; what is taken away is gone at the next request everywhere. */
async function oneDoor() {
  for (let i = 0; i < 6; i++) await new Caller(nodes[i % 3].url, 'jc').send('POST', '/api/v1/session', { body: { login: 'jc', password: 'wrong' } })
  for (const n of nodes) {
    const r = await new Caller(n.url, 'jc').send('POST', '/api/v1/session', { body: { login: 'jc', password: 'Zhian-demo-2026' } })
    assert.ok([429, 401].includes(r.status), `locked everywhere: ${r.status}`)
  }
  const ll = await new Caller(nodes[0].url, 'll').signIn()
  for (const n of nodes) assert.equal((await at(ll, n).send('GET', '/api/v1/session')).status, 200)
  assert.equal((await at(ll, nodes[2]).send('DELETE', '/api/v1/session')).status < 300, true)
  for (const n of nodes) assert.equal((await at(ll, n).send('GET', '/api/v1/firms')).status, 401)
}

/** A definition published on one program is in force on all of them. */
async function publish(key, value) {
  const sx = await new Caller(nodes[0].url, 'sx').signIn()
  const { body } = await sx.send('GET', '/api/v1/templates/settings')
  body.body.settings.find((s) => s.key === key).value = value
  const r = await sx.send('POST', '/api/v1/templates/settings/versions', { body: { body: body.body, reason: '测试', from_version: body.version } })
  assert.equal(r.status, 200, JSON.stringify(r.body))
  return r.body.version
}

async function oneMind() {
  await publish('node_silent_seconds', 3)
  await publish('attachment_max_mb', 1)
  const inspector = await new Caller(nodes[1].url, 'ws.fengcheng').signIn()
  const firm = (await inspector.send('GET', '/api/v1/firms', { query: { limit: '1' } })).body.items[0].id
  const bytes = Buffer.alloc(1500000, 65)
  for (const n of nodes) {
    await until('the new limit', async () => {
      const r = await at(inspector, n).send('POST', `/api/v1/firms/${firm}/attachments`, { query: { purpose: 'licence' }, file: { bytes, name: '执照.pdf' } })
      return r.status === 413
    }, 5)
  }
}

/** The program that runs a job is killed; another one brings the job to its end, each row once. */
async function takeOver() {
  const clerk = await new Caller(nodes[0].url, 'ws.clerk').signIn()
  const bytes = readFileSync(join(root, 'tests/samples/ledger_sales_wenshui.xlsx'))
  const before = number('SELECT count(*) FROM firm')
  const made = await clerk.send('POST', '/api/v1/imports', { query: { kind: 'sales', mode: 'good' }, file: { bytes, name: '销售.xlsx' } })
  const state = async () => (await at(clerk, nodes[1]).send('GET', `/api/v1/imports/${made.body.id}`)).body.state
  await until('checked', async () => (await state()) === 'waiting')
  await at(clerk, nodes[0]).send('POST', `/api/v1/imports/${made.body.id}/apply`, { body: {} })
  process.kill(nodes[0].pid, 'SIGKILL')
  await until('taken over', async () => (await state()) === 'done', 60)
  assert.equal(number('SELECT count(*) FROM firm') - before, 155, 'the ledger holds 155 units')
  nodes[0] = await serve(bin, store)
}

/** Everything is sealed, once and in one chain, and the proof holds. */
async function sealed() {
  await until('sealed', () => number('SELECT (SELECT max(id) FROM journal) - (SELECT max(last_seq) FROM seal)') === 0)
  for (const n of nodes) assert.deepEqual(await n.stop(), { code: 0, signal: null }, n.log())
  nodes = []
  assert.equal(number('SELECT count(*) FROM seal a JOIN seal b ON b.id = a.id + 1 WHERE b.first_seq <> a.last_seq + 1 OR b.prev <> a.head'), 0)
  assert.equal(number('SELECT count(*) FROM node'), 1, 'only the killed program did not take its leave')
  const v = spawnSync(bin, ['verify', ...store.args], { env, encoding: 'utf8' })
  assert.equal(v.status, 0, v.stdout + v.stderr)
}

try {
  nodes = await Promise.all([1, 2, 3].map(() => serve(bin, store)))
  const written = await load()
  await sameKey()
  await oneDoor()
  await oneMind()
  await takeOver()
  await sealed()
  console.log(`${written} firms through three programs, one killed in the middle of an import`)
} finally {
  for (const n of nodes) await n.stop()
  store.remove()
  await cluster.stop()
}
