// Durable daily submissions over HTTP on PostgreSQL against pgbench, which runs the statements of the
// same transaction (their text from src/sql/query) over 16 connections on the same tables: without
// the door, sessions, JSON, digests, the order of the journal and the text of the risk list. The two
// take turns. pgbench is
// measured with the counters and without (16 connections wait for one another at the province's
// row); the bar is held against the faster of the two.
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DIR, cluster, cpu, dropStore, firstDay, freshStore, median, root, serve, settle, tell, tool, zhian } from './store.lib.mjs'

const WARM = 1500 // submissions before the clock runs, as pgbench leaves connecting out
const FIRMS = Number(process.env.BENCH_DAILY_FIRMS ?? 60000)
const A_RUN = Number(process.env.BENCH_DAILY_RUN ?? Math.floor(FIRMS / 8) - WARM)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 5)
const ROUNDS = 5
const CONNECTIONS = 16
const BAR = 0.5
const EPOCH = 19358 // of the ids of daily records
const LEVELS = 4

const sql = readdirSync(join(root, 'src/sql/query')).map((f) => readFileSync(join(root, 'src/sql/query', f), 'utf8')).join('\n')
/** A named statement in one line, with values in place of some of its parameters. */
function statement(name, values = {}) {
  const text = new RegExp(`-- name: ${name}\n([^;]*);`).exec(sql)?.[1].replace(/^--.*$/gm, '').replace(/\s+/g, ' ').trim()
  if (!text) throw new Error(`no statement ${name}`)
  return `${text.replace(/:([a-z_]+)\b/g, (all, p) => values[p] ?? all)};`
}

/** The insert of a record, which the program makes from its columns. */
function insert(store, table, values) {
  const columns = cluster.sql(store.database, `SELECT column_name FROM information_schema.columns WHERE table_name = '${table}' ORDER BY ordinal_position`).trim().split('\n')
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((c) => values[c] ?? `:${c}`).join(', ')});`
}

/** pgbench's script. Firms come in an order that spreads them over the table; the day is one of its own. */
function script(store, first, step, count, day, counters) {
  const seq = '(:client_id + 1) * 1000000000000 + :day * 10000000 + :n'
  const lines = ['\\set n :n + 1', `\\set at (:n * ${CONNECTIONS} + :client_id) * 7919 % ${count}`,
    `\\set firm ${first} + :at * ${step}`, `\\set first (:day - ${EPOCH}) * 274877906944 + :firm * 16`, '\\set last :first + 15',
    `\\set seq ${seq}`, '\\set a 1 + :at % 11', '\\set b 1 + :at / 11 % 10', '\\set c 1 + :at / 110 % 10', 'BEGIN;',
    statement('duty_firm'),
    statement('journal_add', { id: ':seq', at: '1790000000000', actor: ':firm', op: "'daily_submit'", kind: '30', ref: ':first', digest: "sha256('x')", note: 'NULL', via: 'NULL', ip: "'127.0.0.1'", rid: "'0123456789ab'" }),
    insert(store, 'daily', { id: ':first', version: '1', org: '7', answers: "'111111111111'", problems: '0', zero_risk: '1', late: '0', reason: 'NULL', note: 'NULL', key: "'bench-1234567'", device_at: 'NULL', at: '1790000000000', by_account: ':firm', by_name: "'压测安全员'", jseq: ':seq' })]
  for (let level = 1; counters && level <= LEVELS; level++) {
    const path = ['0001', ':a', ':b', ':c'].slice(0, level).map((p) => p[0] === ':' ? `lpad(${p}::text, 4, '0')` : `'${p}'`).join(" || '.' || ") + " || '.'"
    lines.push(statement('duty_count_add', { level, path, due: 0, excused: 0, done: 1, late: 0, zero: 1, problem: 0 }))
  }
  const file = join(DIR, `daily-${counters ? 'counters' : 'records'}.pgbench`)
  writeFileSync(file, [...lines, 'COMMIT;', ''].join('\n'))
  return file
}

function pgbench(store, file, defines) {
  const out = execFileSync('pgbench', ['-h', '127.0.0.1', '-p', cluster.port, '-U', 'zhian', '-n', '-M', 'prepared', '-c', CONNECTIONS, '-j', '2', '-T', SECONDS,
    ...Object.entries(defines).flatMap(([k, v]) => ['-D', `${k}=${v}`]), '-f', file, store.database].map(String), { encoding: 'utf8' })
  if (/failed transactions: [1-9]/.test(out)) throw new Error(out)
  return Number(/tps = ([\d.]+)/.exec(out)[1])
}

const list = JSON.parse(readFileSync(join(root, 'data/templates/daily_lists/sales_small.json'), 'utf8'))
const codes = list.body.areas.flatMap((a) => a.items.map((i) => i.code)).join(',')
const store = freshStore('daily')
const run = (...args) => JSON.parse(tool('bench_daily', store, ...args))
const file = join(DIR, 'daily.txt')
zhian('generate', ...store.args, '--firms', String(FIRMS), '--days', '2', '--seed', '3')
const { prepared } = run('prepare', store.dir, FIRMS, file)
await firstDay(store)
settle(store)
const number = (text) => Number(cluster.sql(store.database, text))
const risklist = number('SELECT max(id) FROM risklist')
// Ids of firms lie a fixed step apart but for a few; the longest stretch of them is what pgbench asks for.
const [step, first, count] = cluster.sql(store.database, `WITH g AS (SELECT id, id - lag(id) OVER (ORDER BY id) AS d FROM firm),
  s AS (SELECT mode() WITHIN GROUP (ORDER BY d) AS d FROM g) SELECT s.d, min(id), count(*) FROM g, s GROUP BY s.d`).trim().split('|').map(Number)

const runs = []
for (let i = 0; i < ROUNDS && (i + 1) * (WARM + A_RUN) <= prepared; i++) {
  const server = await serve(store)
  const load = (from, count) => run('load', `127.0.0.1:${server.port}`, file, i * (WARM + A_RUN) + from, count, codes)
  load(0, WARM)
  const before = cpu(server.pid)
  const http = load(WARM, A_RUN)
  http.cpu = (cpu(server.pid) - before) / A_RUN
  await server.stop()
  const rates = [true, false].map((counters, k) => {
    const day = EPOCH + 3000 + i * 2 + k // days nobody uses
    return pgbench(store, script(store, first, step, count, day, counters), { n: 0, day, risklist })
  })
  runs.push({ http, counters: rates[0], records: rates[1] })
  cluster.sql(store.database, 'DELETE FROM journal WHERE id >= 1000000000000')
  cluster.sql(store.database, 'VACUUM journal')
}
const ceiling = (r) => Math.max(r.counters, r.records)
const ratios = runs.map((r) => r.http.rate / ceiling(r))
const ratio = +median(ratios).toFixed(3)
tell({ name: 'daily submission against pgbench', bar: BAR, ratio, good: ratio >= BAR, http: median(runs.map((r) => r.http.rate)), pgbench_counters: Math.round(median(runs.map((r) => r.counters))), pgbench_records: Math.round(median(runs.map((r) => r.records))), p50_ms: median(runs.map((r) => r.http.p50_ms)), p99_ms: median(runs.map((r) => r.http.p99_ms)), server_cpu_us: Math.round(median(runs.map((r) => r.http.cpu)) * 1e6), ratios: ratios.map((r) => +r.toFixed(2)), a_run: A_RUN })
dropStore(store)
