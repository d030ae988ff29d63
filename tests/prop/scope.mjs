// The lattice of scopes, through the interface: what an authority sees is exactly the union of what
// those below it see and its own; counts, lists, suggestions and exports agree; what is out of scope
// answers as what does not exist. Over every page of every list, for all accounts of the demo.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { root } from '../lib/run.mjs'
import { Caller } from '../lib/client.mjs'
import { makeStore, serve } from '../lib/store.mjs'

const bin = process.env.ZHIAN_BIN ?? join(root, 'build/release/zhian')
const ACCOUNTS = ['sx', 'll', 'ws', 'ws.fengcheng', 'ws.kaizha', 'jc']
// who stands below whom
const BELOW = { sx: ['ll', 'ws', 'ws.fengcheng', 'ws.kaizha', 'jc'], ll: ['ws', 'ws.fengcheng', 'ws.kaizha', 'jc'], ws: ['ws.fengcheng', 'ws.kaizha'] }
const APART = [['ws', 'jc'], ['ws.fengcheng', 'ws.kaizha'], ['ws.fengcheng', 'jc'], ['ws.kaizha', 'jc']]

const store = makeStore(bin)
const server = await serve(bin, store)

async function get(who, path, query) {
  const r = await who.send('GET', path, { query })
  assert.equal(r.status, 200, `${who.login} ${path}: ${JSON.stringify(r.body)}`)
  return r.body
}

/** Every row of a list, page by page; no row twice, none lost at a page's edge. */
async function all(who, path, query) {
  const rows = new Map()
  let cursor
  do {
    const page = await get(who, path, { ...query, limit: '97', ...(cursor ? { cursor } : {}) })
    for (const row of page.items) {
      assert.ok(!rows.has(row.id), `${who.login} ${path} shows ${row.id} twice`)
      rows.set(row.id, row)
    }
    cursor = page.next
  } while (cursor)
  return rows
}

const subset = (a, b) => [...a.keys()].every((k) => b.has(k))
const disjoint = (a, b) => [...a.keys()].every((k) => !b.has(k))

async function listsAgree(who, firms) {
  for (const sort of ['name', '-revenue', '-id']) {
    const sorted = await all(who, '/api/v1/firms', { sort })
    assert.ok(sorted.size === firms.size && subset(sorted, firms), `${who.login}: sorted by ${sort} it is another list`)
  }
  const first = await get(who, '/api/v1/firms', { limit: '1', total: 'true' })
  assert.equal(first.total, firms.size, `${who.login}: the total`)
  const count = await get(who, '/api/v1/firms/count')
  assert.equal(count.total[0].total, firms.size, `${who.login}: the counter`)
  const parts = { draft: 0, submitted: 0, reviewed: 0, admitted: 0, returned: 0 }
  for (const state of Object.keys(parts)) parts[state] = (await all(who, '/api/v1/firms', { state })).size
  assert.equal(Object.values(parts).reduce((a, b) => a + b), firms.size, `${who.login}: the states add up`)
}

async function searchStaysInside(who, firms, everything) {
  for (const row of [...everything.values()].filter((_r, i) => i % 40 === 0)) {
    const found = await all(who, '/api/v1/firms', { q: row.name })
    assert.ok(subset(found, firms), `${who.login}: a search shows what is out of scope`)
    assert.equal(found.has(row.id), firms.has(row.id), `${who.login}: searching ${row.name}`)
    const near = (await get(who, '/api/v1/firms/suggest', { q: row.name })).items
    assert.ok(near.every((s) => firms.has(s.id)), `${who.login}: a suggestion is out of scope`)
  }
}

/** Out of scope and absent: same status, same body but for the request's own number. */
async function outsideIsAbsent(who, firms, everything) {
  const strip = (body) => JSON.stringify({ ...body, instance: undefined, rid: undefined, request: undefined, id: undefined })
  const outside = [...everything.keys()].filter((id) => !firms.has(id)).filter((_id, i) => i % 60 === 0)
  for (const tail of ['', '/history', '/attachments', '/people', '/days?month=2026-11']) {
    const absent = await who.send('GET', `/api/v1/firms/4294967295${tail}`)
    for (const id of outside) {
      const r = await who.send('GET', `/api/v1/firms/${id}${tail}`)
      assert.equal(r.status, absent.status, `${who.login} ${tail} of ${id}`)
      assert.equal(strip(r.body), strip(absent.body), `${who.login} ${tail}: the answer tells that ${id} exists`)
    }
    if (tail === '') assert.equal(absent.status, 404)
  }
}

try {
  const callers = {}
  const firms = {}
  for (const login of ACCOUNTS) {
    callers[login] = await new Caller(server.url, login).signIn()
    firms[login] = await all(callers[login], '/api/v1/firms', {})
    console.log(`${login}: ${firms[login].size} firms`)
    assert.ok(firms[login].size > 0)
  }
  for (const [high, lows] of Object.entries(BELOW)) {
    for (const low of lows) assert.ok(subset(firms[low], firms[high]), `${high} sees all that ${low} sees`)
  }
  for (const [a, b] of APART) assert.ok(disjoint(firms[a], firms[b]), `${a} and ${b} have nothing in common`)
  for (const login of ACCOUNTS) {
    await listsAgree(callers[login], firms[login])
    await searchStaysInside(callers[login], firms[login], firms.sx)
    await outsideIsAbsent(callers[login], firms[login], firms.sx)
  }
  console.log('the scopes form a lattice')
} finally {
  await server.stop()
  store.remove()
}
