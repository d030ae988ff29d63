// The nation's peak hour: daily submissions arrive at a constant rate whatever the server does, and a
// request's latency counts from the instant it was meant to start. None may be lost: the board must
// equal what was acknowledged. BENCH_SECONDS and BENCH_RATE lengthen and press it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DIR, cpu, dropStore, firstDay, freshStore, get, memory, root, serve, settle, staff, tell, tool, zhian } from './store.lib.mjs'

const RATE = Number(process.env.BENCH_RATE ?? 1400)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 60)
const BAR_MS = 100
const DUE = 0.8 // of the firms generated owe a day, at least

const list = JSON.parse(readFileSync(join(root, 'data/templates/daily_lists/sales_small.json'), 'utf8'))
const codes = list.body.areas.flatMap((a) => a.items.map((i) => i.code)).join(',')
const store = freshStore('open')
const file = join(DIR, 'open.txt')
const firms = Math.ceil((RATE * SECONDS) / DUE)
zhian('generate', ...store.args, '--firms', String(firms), '--days', '2', '--seed', '5')
const { prepared } = JSON.parse(tool('bench_daily', store, 'prepare', store.dir, firms, file))
await firstDay(store)
settle(store)
const people = staff(store, ['140000'])
const count = Math.min(prepared, RATE * SECONDS)
const server = await serve(store)
const before = cpu(server.pid)
const r = JSON.parse(tool('bench_open', store, `127.0.0.1:${server.port}`, file, 0, count, codes, RATE))
const used = cpu(server.pid) - before
const top = memory(server.pid).peak
const board = JSON.parse((await get(server, '/api/v1/board', people[0].token)).body)
await server.stop()
const stored = board.total[0].done
const lost = r.asked - r.acked + (r.acked - stored)
tell({ name: 'open load p99', bar: BAR_MS, value: r.p99_ms, unit: 'ms', good: r.p99_ms <= BAR_MS, rate: RATE, seconds: r.seconds, p50_ms: r.p50_ms, p999_ms: r.p999_ms, max_ms: r.max_ms, connections: r.connections, server_cores: +(used / r.seconds).toFixed(2), top_rss_mib: Math.round(top) })
tell({ name: 'open load lost', bar: 0, value: lost, unit: 'submissions', good: lost === 0 && r.failed === 0, acked: r.acked, on_the_board: stored })
dropStore(store)
