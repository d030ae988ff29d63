// Working at scale over 500,000 firms: a bulk edit with history (from the request to the last commit, per
// 10,000 firms that change), taking it back, a whole check of data quality, its board at every level
// and the rows behind a number.
import { bigStore, get, quantile, serve, staff, tell } from './store.lib.mjs'

const BAR_EDIT_S = 2
const BAR_BOARD_MS = 20
const BAR_ROWS_MS = 20
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 25)
const PER = 10000

const store = bigStore()
const people = staff(store)
const server = await serve(store)

async function post(who, path, body) {
  const r = await fetch(`http://127.0.0.1:${server.port}${path}`, { method: 'POST', body: JSON.stringify(body ?? {}),
    headers: { authorization: `Bearer ${who.token}`, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() } })
  const text = await r.text()
  if (r.status >= 300) throw new Error(`${path}: ${r.status} ${text}`)
  return JSON.parse(text)
}
const json = async (who, path) => JSON.parse((await get(server, path, who.token)).body)
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

/** Seconds from the request to the end of the operation, and what it did. */
async function run(who, path, body) {
  const began = Date.now()
  let b = await post(who, path, body)
  while (b.state !== 'done') {
    await sleep(20)
    b = await json(who, `/api/v1/bulk/${b.id}`)
  }
  return { ...b, seconds: (Date.now() - began) / 1000 }
}

const city = people[1]
const towns = (await json(city, '/api/v1/firms/count')).items.filter((o) => o.total > 0)
let org = towns[0]
for (const o of towns) if (Math.abs(o.total - PER) < Math.abs(org.total - PER)) org = o
const edits = [], undos = []
for (let i = 0; i < 3; i++) {
  const done = await run(city, '/api/v1/bulk', { all: true, org: org.org, reason: '分片包干调整',
    set: { supervisor: `赵督导${i}`, supervisor_phone: `1380013800${i}`, supervisor_since: '2026-01-01' } })
  edits.push(done.seconds * PER / done.changed)
  const back = await run(city, `/api/v1/bulk/${done.id}/undo`)
  undos.push(back.seconds * PER / back.changed)
  console.log(`${done.total} firms, ${done.changed} changed in ${done.seconds} s; back ${back.changed} in ${back.seconds} s`)
}
tell({ name: 'bulk edit of 10,000 firms', value: Math.min(...edits), unit: 's', bar: BAR_EDIT_S, good: Math.min(...edits) <= BAR_EDIT_S })
tell({ name: 'bulk undo of 10,000 firms', value: Math.min(...undos), unit: 's', bar: BAR_EDIT_S, good: Math.min(...undos) <= BAR_EDIT_S })

const province = people[0]
const began = Date.now()
const { job } = await post(province, '/api/v1/quality/check')
let state
do {
  await sleep(100)
  state = (await json(province, `/api/v1/jobs/${job}`)).state
} while (state === 'queued' || state === 'running')
tell({ name: 'data quality, whole check', value: (Date.now() - began) / 1000, unit: 's' })

for (const who of people) {
  const board = [], rows = []
  const rules = (await json(who, '/api/v1/quality')).rules
  for (let i = 0; i < ROUNDS; i++) {
    board.push((await get(server, '/api/v1/quality', who.token)).ms)
    for (const r of rules) rows.push({ ms: Math.min((await get(server, `/api/v1/firms?quality=${r.no}`, who.token)).ms, (await get(server, `/api/v1/firms?quality=${r.no}`, who.token)).ms), no: r.no, firms: r.firms })
  }
  const b = quantile(board, 0.95), f = quantile(rows.map((r) => r.ms), 0.95)
  const worst = rows.reduce((a, r) => (r.ms > a.ms ? r : a))
  console.log(`level ${who.level}: slowest rows: rule ${worst.no} with ${worst.firms} firms ${worst.ms.toFixed(1)} ms`)
  tell({ name: `quality board, level ${who.level}`, value: b, unit: 'ms', bar: BAR_BOARD_MS, good: b <= BAR_BOARD_MS })
  tell({ name: `rows of a rule, level ${who.level}`, value: f, unit: 'ms', bar: BAR_ROWS_MS, good: f <= BAR_ROWS_MS })
}
await server.stop()
