// Word to every firm over a big store: a document to all firms of the province, most of them told by
// bulk records station by station, then the delivery board and the firms behind its numbers as
// province, city, county and station. BENCH_FIRMS (here 500000) chooses the size.
import { request } from 'node:http'

process.env.BENCH_FIRMS ??= '500000'
process.env.BENCH_DAYS ??= '1'
const { ENGINE, FIRMS, dropStore, freshStore, get, quantile, serve, settle, staff, tell, zhian } = await import('./store.lib.mjs')

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 25)
const BAR_MS = 20
const LIST_BAR_MS = ENGINE === 'postgresql' ? 30 : 20
const SHARE = 3 // one station of so many is left out

function send(server, path, token, body, more = {}) {
  return new Promise((done, fail) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), ...more }
    const r = request({ port: server.port, host: '127.0.0.1', method: 'POST', path, headers }, (a) => {
      const parts = []
      a.on('data', (d) => parts.push(d))
      a.on('end', () => {
        const text = Buffer.concat(parts).toString()
        if (a.statusCode >= 300) fail(new Error(`${path}: ${a.statusCode} ${text.slice(0, 300)}`))
        else done(JSON.parse(text))
      })
    })
    r.on('error', fail)
    r.end(JSON.stringify(body))
  })
}

const read = async (server, path, who) => JSON.parse((await get(server, path, who.token)).body)
const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10)

/** Every station of the tree with firms still to be told. */
async function stations(server, who, notice, org) {
  const board = await read(server, `/api/v1/notices/${notice}/board${org ? `?org=${org}` : ''}`, who)
  const out = []
  for (const r of board.items.filter((x) => x.unreached)) out.push(...(r.level >= 4 ? [r] : await stations(server, who, notice, r.org)))
  return out
}

const store = freshStore(`notice-${FIRMS}`)
try {
  zhian('generate', ...store.args, '--firms', String(FIRMS), '--days', '1', '--seed', '1')
  const people = staff(store)
  const server = await serve(store)
  const province = people[0]
  const made = await send(server, '/api/v1/notices', province.token, { title: '传达', doc_no: '测〔2026〕1号', doc_day: '2026-01-01', openness: 'open', to_firms: true })
  await send(server, `/api/v1/notices/${made.id}/issue`, province.token, { everyone: true }, { 'if-match': '"1"' })
  const all = await stations(server, province, made.id)
  const began = Date.now()
  let told = 0
  for (const [i, s] of all.entries()) {
    if (i % SHARE === 0) continue
    told += (await send(server, `/api/v1/notices/${made.id}/tellings`, province.token, { org: s.org, way: 'paper', day: today, note: '集中宣讲' })).recorded
  }
  const rate = told / ((Date.now() - began) / 1000)
  tell({ name: 'told in bulk', bar: 1000, value: Math.round(rate), unit: 'firms/s', good: rate >= 1000, firms: FIRMS, told })
  settle(store)
  await get(server, '/healthz').catch(() => null) // the connection kept alive may have been closed meanwhile

  const times = {}
  const note = (key, ms) => (times[key] ??= []).push(ms)
  for (let i = 0; i <= ROUNDS; i++)
    for (const who of people) {
      for (const [name, path] of [['board', `/api/v1/notices/${made.id}/board`], ['work', '/api/v1/notice-work'],
        ['unreached', `/api/v1/notice-firms?notice=${made.id}&status=unreached&total=true&limit=20`],
        ['reached', `/api/v1/notice-firms?notice=${made.id}&status=reached&total=true&limit=20`]]) {
        const [a, r] = [await get(server, path, who.token), await get(server, path, who.token)]
        if (r.status !== 200) throw new Error(`${path}: ${r.status} ${r.body}`)
        if (i) note(`${name}/${who.level}`, Math.min(a.ms, r.ms))
      }
    }
  await server.stop()
  const p95 = (name) => [1, 2, 3, 4].map((l) => +quantile(times[`${name}/${l}`], 0.95).toFixed(2))
  for (const [name, bar] of [['board', BAR_MS], ['work', BAR_MS], ['unreached', LIST_BAR_MS], ['reached', LIST_BAR_MS]]) {
    const v = p95(name)
    tell({ name: `notice ${name} p95`, bar, value: Math.max(...v), unit: 'ms', good: Math.max(...v) <= bar, levels_ms: v, firms: FIRMS })
  }
} finally {
  dropStore(store)
}
