// Quality counters equal a recount: after random edits, by hand and in bulk, and firms that move, every
// number of the board at every level equals the firms listed behind it, children add up, and what a
// rule says is found again from the firms' own columns. Changed firms are looked at again by
// themselves within a minute.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { root } from '../lib/run.mjs'
import { Caller } from '../lib/client.mjs'
import { makeStore, serve } from '../lib/store.mjs'

const bin = process.env.ZHIAN_BIN ?? join(root, 'build/release/zhian')
let seed = Number(process.env.ZHIAN_SEED ?? Date.now() % 100000)
console.log(`ZHIAN_SEED=${seed}`)
const random = (n) => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 8) % n
const store = makeStore(bin)
const server = await serve(bin, store)
const sx = await new Caller(server.url, 'sx').signIn()
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
const ok = (r) => (assert.ok(r.status < 300, `${r.status} ${JSON.stringify(r.body)}`), r.body)
const get = async (path, query) => ok(await sx.send('GET', path, { query }))

async function all(query) {
  const rows = []
  let cursor
  do {
    const page = await get('/api/v1/firms', { ...query, limit: '200', ...(cursor ? { cursor } : {}) })
    rows.push(...page.items)
    cursor = page.next
  } while (cursor)
  return rows
}

async function until(path, done) {
  for (let i = 0; i < 600; i++) {
    const b = await get(path)
    if (done(b)) return b
    await sleep(100)
  }
  assert.fail(`${path} did not come to its end`)
}

const check = async () => until(`/api/v1/jobs/${ok(await sx.send('POST', '/api/v1/quality/check')).job}`, (j) => j.state === 'done')

/** Rules told again from the columns of a list row. */
const COLUMNS = 'name,supervisor,supervisor_since,site_address,staff,revenue,uscc,temp_code'
const SAME = {
  1: (f) => !f.supervisor,
  3: (f) => !f.uscc,
  7: (f) => f.staff === null || f.revenue === null,
  11: (f) => !f.site_address,
  16: (f) => !f.supervisor && f.supervisor_since !== null,
}

async function boardAgrees(org, depth) {
  const board = await get('/api/v1/quality', org ? { org } : {})
  const rows = await all({ columns: COLUMNS, ...(org ? { org } : {}) })
  assert.equal(board.total, rows.length)
  let numbers = 0
  for (const r of board.rules) {
    const behind = new Set((await all({ quality: r.no, ...(org ? { org } : {}) })).map((f) => f.id))
    assert.equal(behind.size, r.firms, `${board.org_name}, rule ${r.no}: the firms behind the number`)
    if (SAME[r.no]) assert.deepEqual([...behind].sort(), rows.filter(SAME[r.no]).map((f) => f.id).sort(), `${board.org_name}, rule ${r.no}`)
    const below = board.items.reduce((n, o) => n + (o.counts[r.no] ?? 0), 0)
    const own = new Set(rows.map((f) => f.id))
    assert.ok(below <= r.firms && own.size >= r.firms, `${board.org_name}, rule ${r.no}: children add up`)
    if (board.level < 3) assert.equal(below, r.firms, `${board.org_name}, rule ${r.no}: children add up`)
    numbers++
  }
  if (depth && board.items.length) numbers += await boardAgrees(board.items[random(board.items.length)].org, depth - 1)
  return numbers
}

async function change() {
  const firms = await all({ columns: 'name,state' })
  const towns = [...new Set((await all({ columns: 'town' })).map((f) => f.town))]
  for (let i = 0; i < 40; i++) {
    const f = firms[random(firms.length)]
    const { version } = await get(`/api/v1/firms/${f.id}`)
    const body = [{ supervisor: '赵督导' }, { clear: ['site_address'] }, { clear: ['staff'] }, { supervisor_since: '2026-01-05', clear: ['supervisor'] },
      { staff: 20, revenue: 30 }, { town: towns[random(towns.length)] }][random(6)]
    const r = await sx.send('PATCH', `/api/v1/firms/${f.id}`, { headers: { 'If-Match': `"${version}"` }, body })
    assert.ok([200, 409, 422].includes(r.status), JSON.stringify(r.body))
  }
  const picks = Array.from({ length: 60 }, () => firms[random(firms.length)].id)
  ok(await sx.send('POST', '/api/v1/bulk', { body: { picks: [...new Set(picks)].map((firm) => ({ firm })), set: { supervisor: '钱督导' }, reason: '调整' } }))
}

try {
  await check()
  let numbers = await boardAgrees(null, 3)
  for (let round = 0; round < 3; round++) {
    await change()
    await check()
    numbers += await boardAgrees(null, 3)
  }
  assert.ok(numbers > 200)
  await change()
  const supervised = (await all({ columns: 'supervisor' })).filter((f) => !f.supervisor).length
  for (let i = 0; i < 150; i++) {
    const board = await get('/api/v1/quality')
    if (board.rules.find((r) => r.no === 1).firms === supervised) break
    await sleep(1000)
  }
  numbers += await boardAgrees(null, 3)
  console.log(`ok: ${numbers} numbers`)
} finally {
  await server.stop()
  store.remove()
}
