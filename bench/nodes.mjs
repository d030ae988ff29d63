// Three processes of `zhian serve` on one PostgreSQL database against one: 64 keep-alive clients
// submitting days, spread over the nodes; they take turns on the same tables. What runs on one machine
// cannot become faster by more processes; it must not become slower.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DIR, dropStore, firstDay, freshStore, get, median, root, serve, settle, staff, tell, tool, zhian } from './store.lib.mjs'

const FIRMS = Number(process.env.BENCH_DAILY_FIRMS ?? 130000)
const WARM = 1500 // submissions before the clock runs: connections, statements, caches of new processes
const A_RUN = Math.floor(FIRMS / 18) - WARM
const ROUNDS = 7
const NODES = 3
const BAR = 1

const list = JSON.parse(readFileSync(join(root, 'data/templates/daily_lists/sales_small.json'), 'utf8'))
const codes = list.body.areas.flatMap((a) => a.items.map((i) => i.code)).join(',')
const store = freshStore('nodes')
const file = join(DIR, 'nodes.txt')
zhian('generate', ...store.args, '--firms', String(FIRMS), '--days', '2', '--seed', '3')
const { prepared } = JSON.parse(tool('bench_daily', store, 'prepare', store.dir, FIRMS, file))
await firstDay(store)
settle(store)
const people = staff(store, ['140000'])

async function run(n, at) {
  const nodes = []
  for (let i = 0; i < n; i++) nodes.push(await serve(store))
  const load = (from, count) => JSON.parse(tool('bench_daily', store, 'load', nodes.map((s) => `127.0.0.1:${s.port}`).join(','), file, from, count, codes))
  load(at, WARM)
  const r = load(at + WARM, A_RUN)
  const board = JSON.parse((await get(nodes[n - 1], '/api/v1/board', people[0].token)).body)
  for (const s of nodes) await s.stop()
  if (board.total[0].done !== at + WARM + A_RUN) throw new Error(`the board shows ${board.total[0].done} of ${at + WARM + A_RUN}`)
  return r
}

const one = [], many = []
for (let i = 0; i < ROUNDS && (2 * i + 2) * (WARM + A_RUN) <= prepared; i++) {
  const order = i % 2 ? [NODES, 1] : [1, NODES]
  for (const [k, n] of order.entries()) (n === 1 ? one : many).push(await run(n, (2 * i + k) * (WARM + A_RUN)))
}
const ratios = many.map((r, i) => r.rate / one[i].rate)
const rate = (a) => median(a.map((r) => r.rate))
const ratio = +(rate(many) / rate(one)).toFixed(3) // of the medians: a run lasts a second or two
tell({ name: 'three nodes against one', bar: BAR, ratio, good: ratio >= BAR, one: rate(one), three: rate(many), p99_one_ms: median(one.map((r) => r.p99_ms)), p99_three_ms: median(many.map((r) => r.p99_ms)), ratios: ratios.map((r) => +r.toFixed(2)), a_run: A_RUN })
dropStore(store)
