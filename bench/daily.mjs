// Durable daily submissions: 64 keep-alive connections, one firm and day each, against the bare group
// commit on the same tables, indexes and counters. The two take turns on one store; a third of the
// firms stays for the mixed load, after which the board must equal a recount.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DIR, cpu, firstDay, freshStore, get, median, memory, root, serve, settle, staff, tell, tool, zhian } from './store.lib.mjs'

const FIRMS = Number(process.env.BENCH_DAILY_FIRMS ?? 130000)
const A_RUN = Math.floor(FIRMS / 13)
const ROUNDS = 5
const BAR = 0.5

const list = JSON.parse(readFileSync(join(root, 'data/templates/daily_lists/sales_small.json'), 'utf8'))
const codes = list.body.areas.flatMap((a) => a.items.map((i) => i.code)).join(',')

const store = freshStore('daily')
const run = (...args) => JSON.parse(tool('bench_daily', store, ...args))
const file = join(DIR, 'daily.txt')
zhian('generate', ...store.args, '--firms', String(FIRMS), '--days', '2', '--seed', '3')
const { prepared } = run('prepare', store.dir, FIRMS, file)
await firstDay(store)
settle(store)
const people = staff(store, ['140000'])
const raw = []
const http = []
let at = 0
let top = 0
for (let i = 0; i < ROUNDS && at + 2 * A_RUN <= prepared; i++) {
  const server = await serve(store)
  const before = cpu(server.pid)
  const r = run('load', `127.0.0.1:${server.port}`, file, at, A_RUN, codes)
  r.server_cpu_us = Math.round(((cpu(server.pid) - before) / A_RUN) * 1e6)
  top = Math.max(top, memory(server.pid).rss)
  if (i === ROUNDS - 1) await recount(server)
  await server.stop()
  http.push(r)
  at += A_RUN
  raw.push(run('raw', store.dir, file, at, A_RUN))
  at += A_RUN
}

/** The board's totals by city equal a count of the firms behind each number. */
async function recount(server) {
  const who = people[0]
  const board = JSON.parse((await get(server, '/api/v1/board', who.token)).body)
  const sum = board.items.reduce((s, r) => s + r.done, 0)
  const own = board.total[0]
  const expected = at + A_RUN
  tell({ name: 'board after the load', value: own.done, unit: 'done', good: own.done === expected && sum === own.done && own.zero === own.done, expected, by_city: sum })
}

const rate = (a) => median(a.map((r) => r.rate))
const ratio = +median(http.map((h, i) => h.rate / raw[i].rate)).toFixed(3)
tell({ name: 'daily submission', bar: BAR, ratio, good: ratio >= BAR, http: rate(http), raw: rate(raw), p50_ms: median(http.map((r) => r.p50_ms)), p99_ms: median(http.map((r) => r.p99_ms)), server_cpu_us: median(http.map((r) => r.server_cpu_us)), ratios: http.map((h, i) => +(h.rate / raw[i].rate).toFixed(2)), top_rss_mib: Math.round(top), a_run: A_RUN })
