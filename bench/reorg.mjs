// A county with 100,000 firms goes to another city while the service answers: how long the job takes,
// and what its own people and everybody else wait meanwhile. At every moment the county sees all of
// its firms. BENCH_MOVED (100000) sets how many.
import { execFileSync } from 'node:child_process'
import { Caller } from '../tests/lib/client.mjs'
import { DIR, ENGINE, ZHIAN, cluster, dropStore, quantile, serve, tell, zhian } from './store.lib.mjs'
import { join } from 'node:path'
import { rmSync } from 'node:fs'

const MOVED = Number(process.env.BENCH_MOVED ?? 100000)
const BAR = 60
const name = 'store_reorg'
const dir = join(DIR, cluster ? `${name}-pg` : name)
const store = { dir, database: name, args: cluster ? ['--data', dir, '--db', cluster.uri(name)] : ['--data', dir] }
rmSync(dir, { recursive: true, force: true })
if (cluster) {
  dropStore(store)
  cluster.create(name)
}
execFileSync(ZHIAN, ['init', ...store.args, '--demo'], { stdio: 'ignore' })
console.log(`making ${MOVED} firms in one county`)
zhian('generate', ...store.args, '--firms', String(MOVED), '--days', '30', '--org', '141121', '--seed', '7')
if (cluster) cluster.sql(name, 'VACUUM ANALYZE')
const server = await serve(store)
const url = `http://127.0.0.1:${server.port}`
const as = async (login) => new Caller(url, login).signIn()
const [sx, ws, clerk] = [await as('sx'), await as('ws'), await as('ws.clerk')]
const ask = async (who, path, query) => (await who.send('GET', path, { query })).body
const org = async (q) => (await ask(sx, '/api/v1/orgs', { q })).items[0].id
const county = await org('文水县')
const city = await org('太原市')
const all = (await ask(ws, '/api/v1/firms', { total: 'true' })).total

const read = []
const write = []
let over = false
let wrong = 0
const clocked = async (into, fn) => {
  const began = performance.now()
  const r = await fn()
  into.push(performance.now() - began)
  if (r.status >= 400) wrong++
  return r
}
/** Pages, a search and a board of those who move: the number of firms never changes. */
async function reading() {
  for (let i = 0; !over; i++) {
    const q = i % 3 === 1 ? { q: '水泥' } : i % 3 === 2 ? { sort: 'name', state: 'admitted' } : { total: 'true' }
    const r = await clocked(read, () => ws.send('GET', '/api/v1/firms', { query: q }))
    if (i % 3 === 0 && r.body.total !== all) wrong++
    if (i % 3 !== 0 && r.body.items?.length !== 20) wrong++
    await new Promise((done) => setTimeout(done, 20))
  }
}
async function writing() {
  for (let i = 0; !over; i++) {
    const body = { list: 'firm', name: `v${i}`, shared: false, spec: {} }
    await clocked(write, () => clerk.send('POST', '/api/v1/views', { body }))
    await new Promise((done) => setTimeout(done, 20))
  }
}

const began = performance.now()
const filed = await sx.send('POST', '/api/v1/org-changes', { body: { kind: 'move', org: county, target: city, reason: '划转' } })
if (filed.status !== 200) throw new Error(JSON.stringify(filed.body))
const probes = [reading(), writing()]
let state
for (;;) {
  state = await ask(sx, `/api/v1/org-changes/${filed.body.id}`)
  if (state.state === 'done' || state.state === 'failed') break
  await new Promise((done) => setTimeout(done, 200))
}
const seconds = (performance.now() - began) / 1000
over = true
await Promise.all(probes)
const end = (await ask(ws, '/api/v1/firms', { total: 'true' })).total
await server.stop()
const v = JSON.parse(execFileSync(ZHIAN, ['verify', ...store.args, '--json'], { encoding: 'utf8' }).trim().split('\n').pop())
const ms = (a, p) => Math.round(quantile(a, p))
tell({ name: `county of ${MOVED} firms moved (${ENGINE})`, bar: BAR, value: +seconds.toFixed(1), unit: 's', good: seconds <= BAR && end === all && !wrong && !v.findings,
  firms: state.result?.firms, wrong, read_p50_ms: ms(read, 0.5), read_p99_ms: ms(read, 0.99), read_max_ms: ms(read, 1),
  write_p50_ms: ms(write, 0.5), write_p99_ms: ms(write, 0.99), write_max_ms: ms(write, 1), verify_findings: v.findings })
dropStore(store)
