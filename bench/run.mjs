// Runs the benches and keeps what they measured: node bench/run.mjs [--db postgresql] [NAME…] (./dev bench).
//
// --db postgresql: the benches that measure a store, each in a database of a cluster of the benches'
// own, whose folder stays in BENCH_DIR between runs.
// A bench is a program bench/NAME.mjs that prints one JSON object a line: {name, bar, good, …} with
// the figure as `ratio` (to a ceiling measured in the same run) or as `value` with `unit`. C programs
// bench/bench_*.c are built first. Results go to bench/results/DATE-COMMIT[-postgresql].json.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startCluster } from '../tests/lib/postgres.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const here = join(root, 'bench')
const DIR = process.env.BENCH_DIR ?? '/var/tmp/zhian-bench'
// As a server with 8 GB would be set; nothing that PostgreSQL promises is switched off.
const SETTINGS = { shared_buffers: '2GB', effective_cache_size: '8GB', work_mem: '32MB', maintenance_work_mem: '512MB', max_wal_size: '8GB', checkpoint_timeout: '15min', synchronous_commit: 'on', fsync: 'on' }
const POSTGRES_ONLY = /(_pg|nodes)\.mjs$/
const ONLY_NAMED = /^capacity\.mjs$/
const LIBRARY = /(^run|[-.](lib|util))\.mjs$/

function build() {
  const programs = readdirSync(here).filter((f) => /^bench_.*\.c$/.test(f))
  const targets = programs.map((f) => `build/release/bench/${f.slice(0, -2)}`)
  execFileSync('make', ['-s', '-j2', 'CONF=release', ...targets], { cwd: root, stdio: 'inherit' })
}

/** The JSON objects a bench prints; its other lines pass through. */
function runBench(file) {
  return new Promise((done) => {
    const results = []
    let rest = ''
    const p = spawn('node', [join(here, file)], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    const take = (line) => {
      if (line.startsWith('{')) results.push(JSON.parse(line))
      else if (line) console.log(`  ${line}`)
    }
    p.stdout.on('data', (d) => {
      const lines = (rest + d).split('\n')
      rest = lines.pop()
      lines.forEach(take)
    })
    p.on('close', (code) => {
      take(rest)
      if (code) results.push({ name: file.replace('.mjs', ''), good: false, error: `ended with ${code}` })
      done(results)
    })
  })
}

const number = (v) => typeof v === 'string' ? v : (typeof v === 'number' ? (Math.abs(v) >= 100 ? Math.round(v).toLocaleString('en') : String(+v.toPrecision(3))) : '–')

function show(r) {
  const figure = r.error ?? (r.value !== undefined ? `${number(r.value)} ${r.unit ?? ''}` : `× ${number(r.ratio)} of the ceiling`)
  const bar = r.bar === undefined ? '' : `bar ${number(r.bar)}`
  console.log(`${r.good === false ? 'MISS' : 'ok  '} ${String(r.name).padEnd(28)} ${figure.padEnd(28)} ${bar}`)
}

function machine() {
  const cpu = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown'
  return { cpu, cores: availableParallelism(), memory_mib: Math.round(totalmem() / 1048576) }
}

const names = process.argv.slice(2)
const db = names[0] === '--db' ? names.splice(0, 2)[1] : 'sqlite'
if (!['sqlite', 'postgresql'].includes(db)) throw new Error('--db sqlite or postgresql')
const onStore = (f) => readFileSync(join(here, f), 'utf8').includes('./store.lib.mjs')
const files = readdirSync(here)
  .filter((f) => f.endsWith('.mjs') && !LIBRARY.test(f))
  .filter((f) => names.length ? names.some((n) => f.includes(n)) : !ONLY_NAMED.test(f))
  .filter((f) => db === 'sqlite' ? !POSTGRES_ONLY.test(f) : onStore(f))
  .sort()

build()
let cluster
if (db === 'postgresql') {
  cluster = await startCluster(Object.entries(SETTINGS).flatMap(([k, v]) => ['-c', `${k}=${v}`]), join(DIR, 'cluster'))
  process.env.BENCH_CLUSTER = JSON.stringify({ bin: cluster.bin, port: cluster.port })
  console.log(`${cluster.sql('postgres', 'SELECT version()').trim()}\n  ${Object.entries(SETTINGS).map((s) => s.join(' = ')).join(', ')}`)
}
const results = []
for (const f of files) {
  console.log(f.replace('.mjs', ''))
  const found = await runBench(f)
  found.forEach(show)
  results.push(...found)
}
await cluster?.stop()
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
const at = new Date().toISOString()
const out = join(here, 'results', `${at.slice(0, 10)}-${commit}${cluster ? '-postgresql' : ''}.json`)
const before = existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')).results : []
const kept = before.filter((b) => !results.some((r) => r.name === b.name))
mkdirSync(dirname(out), { recursive: true })
writeFileSync(out, `${JSON.stringify({ at, commit, machine: machine(), ...(cluster && { settings: SETTINGS }), results: [...kept, ...results] }, null, 1)}\n`)
const missed = results.filter((r) => r.good === false).length
console.log(`\n${out.slice(root.length + 1)}\n${results.length - missed} reached, ${missed} missed`)
process.exit(missed ? 1 : 0)
