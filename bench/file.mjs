// One firm's file with 1,000 events: the page's reads one by one and all of them together, as the
// station opens it. Every round takes the better of two asks in a row.
import { request } from 'node:http'
import { ENGINE, FIRMS, bigStore, get, quantile, serve, settle, staff, tell } from './store.lib.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 100)
const EVENTS = 1000
const BAR_MS = 30
const TYPES = [['inspection', '未发现问题'], ['sampling', '合格'], ['sampling', '不合格'], ['penalty', '警告'], ['complaint', '属实'], ['help', '已完成']]
const DOCS = ['management', 'responsibility', 'posts', 'officer_rules', 'risk_list', 'recall']

function post(server, path, token, body) {
  const text = JSON.stringify(body)
  return new Promise((done, fail) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), 'idempotency-key': crypto.randomUUID() }
    const r = request({ port: server.port, host: '127.0.0.1', method: 'POST', path, headers }, (a) => {
      const parts = []
      a.on('data', (d) => parts.push(d))
      a.on('end', () => (a.statusCode === 200 ? done(JSON.parse(Buffer.concat(parts))) : fail(new Error(`${path}: ${a.statusCode} ${Buffer.concat(parts)}`))))
    })
    r.on('error', fail)
    r.end(text)
  })
}

const dayAgo = (n) => new Date(Date.now() + 8 * 3600e3 - n * 86400e3).toISOString().slice(0, 10)
const store = bigStore()
const people = staff(store)
const server = await serve(store)
const county = people.find((p) => p.level === 3)
const found = JSON.parse((await get(server, '/api/v1/firms?limit=1&state=admitted&kind=producer', county.token)).body)
const firm = found.items[0].id
const base = `/api/v1/firms/${firm}`

async function fill() {
  const there = JSON.parse((await get(server, `/api/v1/events?firm=${firm}&total=true&limit=1`, county.token)).body).total
  const jobs = []
  for (let i = there; i < EVENTS; i++) {
    const [type, result] = TYPES[i % TYPES.length]
    jobs.push(post(server, `${base}/events`, county.token, { type, result, day: dayAgo(i % 900), severity: '一般', text: `第 ${i} 次的情况`, product: '通用硅酸盐水泥' }))
    if (jobs.length === 64) await Promise.all(jobs.splice(0))
  }
  await Promise.all(jobs)
  if (there) return
  for (const kind of DOCS) await post(server, `${base}/docs`, county.token, { kind, state: '已建立', approver: '岑某', effective: dayAgo(100) })
  for (let i = 0; i < 40; i++) await post(server, `${base}/suppliers`, county.token, { name: `供应商${i}`, goods: '石灰石' })
  for (let i = 0; i < 10; i++) await post(server, `${base}/sites`, county.token, { kind: 'storage', address: `演示路 ${i} 号`, town: '141121100' })
  for (const post_ of ['principal', 'director', 'officer']) {
    const p = await post(server, `${base}/people`, county.token, { post: post_, name: `人${post_}` })
    for (let i = 0; i < 10; i++) await post(server, `${base}/people/${p.id}/assessments`, county.token, { kind: 'training', day: dayAgo(i * 30), hours: 8, result: '合格' })
  }
}

await fill()
settle(store)
const PAGES = {
  firm: base,
  file: `${base}/file`,
  'events, first page': `/api/v1/events?firm=${firm}&limit=50&total=true`,
  people: `${base}/people`,
  origins: `${base}/origins`,
  history: `${base}/history`,
  'printed form': `${base}/form`,
}
const times = Object.fromEntries([...Object.keys(PAGES), 'opened'].map((k) => [k, []]))

async function ask(path) {
  const r = await get(server, path, county.token)
  if (r.status !== 200) throw new Error(`${path}: ${r.status} ${r.body}`)
  return r.ms
}
/** What opening the page asks for, at once: the firm, its file, its events. */
async function open() {
  const began = process.hrtime.bigint()
  await Promise.all([ask(PAGES.firm), ask(PAGES.file), ask(PAGES['events, first page'])])
  return Number(process.hrtime.bigint() - began) / 1e6
}

for (let i = -5; i < ROUNDS; i++) {
  for (const [name, path] of Object.entries(PAGES)) {
    const ms = Math.min(await ask(path), await ask(path))
    if (i >= 0) times[name].push(ms)
  }
  const ms = Math.min(await open(), await open())
  if (i >= 0) times.opened.push(ms)
}
await server.stop()

const rows = Object.entries(times).map(([name, t]) => ({ name, p95: +quantile(t, 0.95).toFixed(2), median: +quantile(t, 0.5).toFixed(2) }))
for (const r of rows) console.log(`${r.name.padEnd(20)} p95 ${String(r.p95).padStart(8)}   median ${String(r.median).padStart(8)}`)
const worst = rows.reduce((a, r) => (r.p95 > a.p95 ? r : a))
tell({ name: 'file of one firm p95', bar: BAR_MS, value: worst.p95, unit: 'ms', good: worst.p95 <= BAR_MS, slowest: worst.name, engine: ENGINE, firms: FIRMS, events: EVENTS, rows })
