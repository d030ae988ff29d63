// Starting on the big store: time to the first answer, memory and CPU while nobody asks.
import { FIRMS, bigStore, cpu, get, median, memory, serve, tell } from './store.lib.mjs'

const ROUNDS = 5
const IDLE_S = Number(process.env.BENCH_IDLE ?? 20)
const BAR_MS = 300
const BAR_MIB = 64

const store = bigStore()
const times = []
for (let i = 0; i < ROUNDS; i++) {
  const s = await serve(store)
  times.push(s.first_ms)
  await s.stop()
}
const s = await serve(store)
const before = cpu(s.pid)
await new Promise((r) => setTimeout(r, IDLE_S * 1000))
const idle = memory(s.pid)
const used = cpu(s.pid) - before
await get(s, '/healthz')
await s.stop()
const ms = +median(times).toFixed(1)
tell({ name: 'start to first answer', bar: BAR_MS, value: ms, unit: 'ms', good: ms <= BAR_MS, firms: FIRMS, all: times.map((t) => +t.toFixed(1)) })
tell({ name: 'idle memory', bar: BAR_MIB, value: +idle.rss.toFixed(1), unit: 'MiB', good: idle.rss <= BAR_MIB, anonymous: +idle.anon.toFixed(1), mapped_files: +idle.file.toFixed(1) })
tell({ name: 'idle CPU', value: +((used / IDLE_S) * 100).toFixed(2), unit: '% of a core', seconds: IDLE_S, good: used / IDLE_S <= 0.02 })
