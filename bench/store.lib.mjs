// What the benches share: the store they measure on, the server, and figures. Not a bench itself.
//
// BENCH_FIRMS (1000000), BENCH_DAYS (30), BENCH_DIR (/var/tmp/zhian-bench) choose the size and the
// place; the store is made once and used again while the day and the program's schema stay the same.
// Under bench/run.mjs --db postgresql every store is a database of the cluster that run.mjs started;
// a store is named by its arguments (store.args), for C programs by the folder and BENCH_DB_URI.
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { joinCluster } from '../tests/lib/postgres.mjs'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
export const FIRMS = Number(process.env.BENCH_FIRMS ?? 1000000)
export const DAYS = Number(process.env.BENCH_DAYS ?? 30)
export const DIR = process.env.BENCH_DIR ?? '/var/tmp/zhian-bench'
/** A copy of the program, so that a build beside the measurements does not disturb them. */
mkdirSync(DIR, { recursive: true })
export const ZHIAN = join(DIR, `zhian-${process.pid}`)
copyFileSync(join(root, 'build/release/zhian'), ZHIAN)
process.on('exit', () => rmSync(ZHIAN, { force: true }))
export const program = (name) => join(root, 'build/release/bench', name)

export const median = (a) => [...a].sort((x, y) => x - y)[a.length >> 1]
export const quantile = (a, p) => [...a].sort((x, y) => x - y)[Math.min(a.length - 1, Math.floor(a.length * p))]
export const zhian = (...args) => execFileSync(ZHIAN, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] })
const joined = process.env.BENCH_CLUSTER && JSON.parse(process.env.BENCH_CLUSTER)
/** The cluster of the run, undefined on SQLite. */
export const cluster = joined && joinCluster(joined.bin, joined.port)
export const ENGINE = cluster ? 'postgresql' : 'sqlite'
export const tell = (result) => console.log(JSON.stringify(result))

/** A store by name: { dir, database, args, env }, whether it is there or not. */
function storeOf(name) {
  const dir = join(DIR, cluster ? `${name}-pg` : name)
  if (!cluster) return { dir, args: ['--data', dir], env: process.env }
  const database = name.replaceAll('-', '_')
  const uri = cluster.uri(database)
  return { dir, database, args: ['--data', dir, '--db', uri], env: { ...process.env, BENCH_DB_URI: uri } }
}

export function dropStore(store) {
  rmSync(store.dir, { recursive: true, force: true })
  if (cluster) cluster.drop(store.database)
}

/** A fresh store of the test kind. */
export function freshStore(name) {
  const store = storeOf(name)
  mkdirSync(DIR, { recursive: true })
  dropStore(store)
  if (cluster) cluster.create(store.database)
  zhian('init', ...store.args, '--test')
  return store
}

/** What the server's own upkeep does within minutes of a large load. */
export function settle(store) {
  if (!cluster) return
  cluster.sql(store.database, 'VACUUM ANALYZE')
  cluster.sql(store.database, 'CHECKPOINT')
}

/** What a server does by itself once a store is new: the first look at the quality of every firm's data. */
export async function firstDay(store) {
  const server = await serve(store)
  while (!JSON.parse(zhian('call', 'quality_board', ...store.args, '--json')).checked) await new Promise((done) => setTimeout(done, 500))
  await server.stop()
}

/** Runs a C program of the benches on a store; its answer as text. */
export const tool = (name, store, ...args) => execFileSync(program(name), args.map(String), { encoding: 'utf8', env: store.env })

function schema() {
  const h = createHash('sha256')
  const at = join(root, 'src/sql/schema')
  for (const f of readdirSync(at).sort()) h.update(readFileSync(join(at, f)))
  return h.digest('hex').slice(0, 12)
}

/** The big store: FIRMS firms with DAYS days of checks, sealed. */
export function bigStore() {
  const name = `store-${FIRMS}-${DAYS}`
  const mark = join(DIR, `${name}${cluster ? '-pg' : ''}.made`)
  const made = `${new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10)} ${schema()}`
  if (existsSync(mark) && readFileSync(mark, 'utf8') === made) return storeOf(name)
  console.log(`making ${FIRMS} firms with ${DAYS} days`)
  rmSync(mark, { force: true })
  const store = freshStore(name)
  const began = Date.now()
  zhian('generate', ...store.args, '--firms', String(FIRMS), '--days', String(DAYS), '--seed', '1')
  console.log(`made in ${Math.round((Date.now() - began) / 1000)} s`)
  settle(store)
  writeFileSync(mark, made)
  return store
}

/** Serves a store: { port, pid, stop() }, and how long the first answer took. */
export async function serve(store) {
  const began = process.hrtime.bigint()
  const p = spawn(ZHIAN, ['serve', ...store.args, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const over = new Promise((done) => p.on('exit', done))
  const port = await new Promise((done, fail) => {
    let text = ''
    p.stdout.on('data', (d) => {
      text += d
      const at = /http:\/\/[^:]+:(\d+)/.exec(text)
      if (at) done(Number(at[1]))
    })
    over.then(() => fail(new Error('the server ended')))
  })
  const s = { port, pid: p.pid, stop: () => (p.kill('SIGTERM'), over) }
  await get(s, '/healthz')
  s.first_ms = Number(process.hrtime.bigint() - began) / 1e6
  return s
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** One GET: { status, body, ms }. */
export function get(server, path, token) {
  const began = process.hrtime.bigint()
  return new Promise((done, fail) => {
    const headers = token ? { authorization: `Bearer ${token}` } : {}
    const r = request({ agent, port: server.port, host: '127.0.0.1', path, headers }, (a) => {
      const parts = []
      a.on('data', (d) => parts.push(d))
      a.on('end', () => done({ status: a.statusCode, body: Buffer.concat(parts).toString(), ms: Number(process.hrtime.bigint() - began) / 1e6 }))
    })
    r.on('error', fail)
    r.end()
  })
}

/** Resident memory of a process in MiB: now, and at its highest. */
export function memory(pid) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (key) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(text)?.[1] ?? 0) / 1024
  return { rss: of('VmRSS'), anon: of('RssAnon'), file: of('RssFile'), peak: of('VmHWM') }
}

/** CPU seconds a process has used. */
export function cpu(pid) {
  const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(f[11]) + Number(f[12])) / 100
}

/** Managers of a province, a city, a county and a station: [{ level, org, token, area }]. */
export function staff(store, areas = ['140000', '141100', '141121', '141121100']) {
  const text = tool('bench_staff', store, store.dir, ...areas)
  return text.trim().split('\n').map((l) => JSON.parse(l))
}

/** Runs a command and tells its seconds and its peak memory in MiB (of GNU time's kind, from /proc). */
export function timed(args) {
  return new Promise((done) => {
    const began = process.hrtime.bigint()
    const p = spawn(ZHIAN, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = '', err = '', top = { peak: 0, anon: 0 }
    const watch = setInterval(() => {
      try {
        const m = memory(p.pid)
        top = { peak: Math.max(top.peak, m.peak), anon: Math.max(top.anon, m.anon) }
      } catch { /* ended */ }
    }, 20)
    p.stdout.on('data', (d) => (out += d))
    p.stderr.on('data', (d) => (err += d))
    p.on('close', (code) => {
      clearInterval(watch)
      done({ code, out, err, seconds: Number(process.hrtime.bigint() - began) / 1e9, ...top })
    })
  })
}
