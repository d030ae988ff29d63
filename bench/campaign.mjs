// Survey campaigns: the coverage board at every level over 500,000 candidates, one page of the work
// list at every level, and the frozen copy of a city with 100,000 firms, made by a job.
import { dropStore, freshStore, get, quantile, serve, settle, staff, tell, tool, zhian } from './store.lib.mjs'
import { request } from 'node:http'

const CANDIDATES = Number(process.env.BENCH_CANDIDATES ?? 500000)
const SNAPSHOT = Number(process.env.BENCH_SNAPSHOT_FIRMS ?? 100000)
const BAR_BOARD_MS = 20
const BAR_SNAPSHOT_S = 10
const ROUNDS = 300

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

/** One POST: { status, body }. */
function post(server, path, token, body) {
  return new Promise((done, fail) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': `${process.pid}-${Date.now()}` }
    const r = request({ port: server.port, host: '127.0.0.1', path, method: 'POST', headers }, (a) => {
      const parts = []
      a.on('data', (d) => parts.push(d))
      a.on('end', () => done({ status: a.statusCode, body: JSON.parse(Buffer.concat(parts).toString() || 'null') }))
    })
    r.on('error', fail)
    r.end(JSON.stringify(body))
  })
}

async function p95(server, token, path) {
  const times = []
  for (let i = 0; i < ROUNDS; i++) {
    const a = await get(server, path, token)
    if (a.status !== 200) throw new Error(`${path}: ${a.status} ${a.body.slice(0, 300)}`)
    times.push(a.ms)
  }
  return +quantile(times, 0.95).toFixed(2)
}

async function boards() {
  const store = freshStore('campaign')
  zhian('generate', ...store.args, '--firms', String(CANDIDATES), '--days', '1', '--seed', '7')
  const made = JSON.parse(tool('bench_campaign', store, store.dir, CANDIDATES))
  settle(store)
  tell({ name: 'candidates stored', value: Math.round(made.made / (made.ms / 1000)), unit: 'rows/s', rows: made.made })
  const people = staff(store)
  const server = await serve(store)
  for (const p of people) {
    const board = await p95(server, p.token, `/api/v1/campaigns/${made.campaign}/board`)
    tell({ name: `coverage board, level ${p.level}`, value: board, unit: 'ms p95', bar: `≤ ${BAR_BOARD_MS} ms`, good: board <= BAR_BOARD_MS })
    for (const q of ['state=pending', 'state=none', 'total=true&state=out']) {
      const list = await p95(server, p.token, `/api/v1/candidates?campaign=${made.campaign}&${q}`)
      tell({ name: `candidates ${q}, level ${p.level}`, value: list, unit: 'ms p95' })
    }
  }
  await server.stop()
  dropStore(store)
}

async function snapshot() {
  const store = freshStore('campaign-city')
  zhian('generate', ...store.args, '--firms', String(SNAPSHOT), '--days', '1', '--seed', '7', '--org', '1411')
  const { campaign } = JSON.parse(tool('bench_campaign', store, store.dir, 1))
  settle(store)
  const [city] = staff(store, ['141100'])
  const server = await serve(store)
  const began = Date.now()
  const sent = await post(server, `/api/v1/campaigns/${campaign}/submissions`, city.token, {})
  if (sent.status !== 202) throw new Error(JSON.stringify(sent))
  let job, steps = new Set()
  do {
    await sleep(50)
    job = JSON.parse((await get(server, `/api/v1/jobs/${sent.body.job}`, city.token)).body)
    steps.add(job.done)
  } while (['queued', 'running'].includes(job.state))
  const seconds = (Date.now() - began) / 1000
  if (job.state !== 'done') throw new Error(JSON.stringify(job))
  tell({ name: 'snapshot', value: +seconds.toFixed(1), unit: 's', bar: `≤ ${BAR_SNAPSHOT_S} s`, good: seconds <= BAR_SNAPSHOT_S && steps.size > 3, firms: job.result.firms, rows: job.result.rows, progress_steps: steps.size })
  await server.stop()
  dropStore(store)
}

await snapshot()
await boards()
