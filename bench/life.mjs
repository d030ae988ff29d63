// The life of a firm over 500,000 of them: the search for duplicates over the whole ledger, the
// suggestion for one entry, the file of a past day (of any firm, and of one with 1,000 changes since).
// Every round takes the better of two asks in a row, as in lists.mjs.
import { randomUUID } from 'node:crypto'
import { request } from 'node:http'

process.env.BENCH_FIRMS ??= '500000'
process.env.BENCH_DAYS ??= '1'
const { ENGINE, FIRMS, bigStore, get, quantile, serve, settle, staff, tell } = await import('./store.lib.mjs')

const BAR_SEARCH_S = 10
const BAR_ENTRY_MS = 20
const BAR_PAST_MS = 50
const TWINS = 60
const CHANGES = 1000
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 200)

function send(server, who, method, path, body, headers = {}) {
  return new Promise((done, fail) => {
    const r = request({ port: server.port, host: '127.0.0.1', method, path, headers: { authorization: `Bearer ${who.token}`, 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...headers } }, (a) => {
      const parts = []
      a.on('data', (d) => parts.push(d))
      a.on('end', () => {
        const text = Buffer.concat(parts).toString()
        if (a.statusCode >= 300) return fail(new Error(`${method} ${path}: ${a.statusCode} ${text}`))
        done(text ? JSON.parse(text) : {})
      })
    })
    r.on('error', fail)
    r.end(JSON.stringify(body))
  })
}

async function job(server, who, path) {
  const began = Date.now()
  const { job: id } = await send(server, who, 'POST', path, {})
  for (;;) {
    const r = JSON.parse((await get(server, `/api/v1/jobs/${id}`, who.token)).body)
    if (r.state === 'done') return { seconds: (Date.now() - began) / 1000, ...r.result }
    if (!['queued', 'running'].includes(r.state)) throw new Error(`job ${r.state}: ${r.message}`)
    await new Promise((go) => setTimeout(go, 20))
  }
}

async function best(server, who, path) {
  const [a, b] = [await get(server, path, who.token), await get(server, path, who.token)]
  if (b.status !== 200) throw new Error(`${path}: ${b.status} ${b.body}`)
  return { ms: Math.min(a.ms, b.ms), body: JSON.parse(b.body) }
}

const store = bigStore()
const [province, , county] = staff(store)
const server = await serve(store)
const page = JSON.parse((await get(server, '/api/v1/firms?limit=200&columns=name,uscc,town,legal_person,site_address', county.token)).body).items
const run = Date.now().toString(36)

// Entries that repeat what is there: the name without its area, the address without the province.
const made = []
for (const f of page.slice(0, TWINS)) {
  const body = { kind: 'seller', name: f.name.replace('文水县', ''), town: f.town, legal_person: f.legal_person, site_address: `${f.site_address.replace('山西省', '')}` }
  made.push({ of: f.id, id: (await send(server, county, 'POST', '/api/v1/firms', body)).id })
}
settle(store)

const first = await job(server, province, '/api/v1/twins/search')
const again = await job(server, province, '/api/v1/twins/search')
const pairs = new Set()
for (let cursor = ''; ;) {
  const r = JSON.parse((await get(server, `/api/v1/twins?limit=200&columns=state${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, county.token)).body)
  for (const t of r.items) pairs.add(`${t.a}-${t.b}`)
  if (!r.next) break
  cursor = r.next
}
const found = made.filter((m) => pairs.has(`${Math.min(m.of, m.id)}-${Math.max(m.of, m.id)}`)).length
const seconds = Math.max(first.seconds, again.seconds)
tell({ name: 'duplicate search', bar: BAR_SEARCH_S, value: +seconds.toFixed(2), unit: 's', good: seconds <= BAR_SEARCH_S && found === TWINS, engine: ENGINE, firms: FIRMS, first, again, planted: TWINS, found })

const entry = []
for (let i = 0; i < ROUNDS; i++) {
  const f = page[i % page.length]
  const q = new URLSearchParams({ name: f.name.slice(0, -1), uscc: f.uscc ?? '', town: f.town, legal_person: f.legal_person, site_address: f.site_address })
  entry.push((await best(server, i % 2 ? county : province, `/api/v1/twins/suggest?${q}`)).ms)
}
const entryMs = quantile(entry, 0.95)
tell({ name: 'duplicates of an entry p95', bar: BAR_ENTRY_MS, value: +entryMs.toFixed(2), unit: 'ms', good: entryMs <= BAR_ENTRY_MS, median: +quantile(entry, 0.5).toFixed(2) })

// One file with 1,000 changes since yesterday: the worst there is to put back.
const busy = page[150].id
let version = JSON.parse((await get(server, `/api/v1/firms/${busy}`, county.token)).body).version
for (let i = 0; i < CHANGES; i++) {
  const body = { remark: `${run} 第 ${i} 次更正`, staff: 10 + (i % 500), revenue: 1000 + i }
  version = (await send(server, county, 'PATCH', `/api/v1/firms/${busy}`, body, { 'if-match': `"${version}"` })).version
}
settle(store)
const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10)
const past = []
const deep = []
for (let i = 0; i < ROUNDS; i++) {
  past.push((await best(server, county, `/api/v1/firms/${page[(i * 7) % page.length].id}/past?day=${today}`)).ms)
  // Yesterday: every change of today is taken back.
  deep.push(await best(server, county, `/api/v1/firms/${busy}/past?day=${new Date(Date.now() - 16 * 3600e3).toISOString().slice(0, 10)}`))
}
const pastMs = quantile(past, 0.95)
const deepMs = quantile(deep.map((d) => d.ms), 0.95)
const undone = deep[0].body.changes_since
tell({ name: 'past file p95', bar: BAR_PAST_MS, value: +pastMs.toFixed(2), unit: 'ms', good: pastMs <= BAR_PAST_MS })
tell({ name: 'past file, 1,000 changes, p95', bar: BAR_PAST_MS, value: +deepMs.toFixed(2), unit: 'ms', good: deepMs <= BAR_PAST_MS && undone >= CHANGES, undone })
await server.stop()
