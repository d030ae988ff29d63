#!/usr/bin/env node
// Years of records: months that are made ahead, given up, verified one by one; the same commands with
// the same answers on both engines, and on PostgreSQL as parts of tables: an older store is divided
// with its rows, a row without its part finds it later, giving up deletes no row, and whoever drops
// a part by hand is found.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import assert from 'node:assert/strict'
import { startCluster } from '../lib/postgres.mjs'
import { root } from '../lib/run.mjs'

const bin = resolve(root, process.argv[2] ?? 'build/release/zhian')
const WRITTEN = ['2023-09-20', '2024-08-20', '2025-07-20', '2026-06-20'] // days on which rows are made
const DAYS = 80
const TODAY = '2029-11-05'
const cluster = await startCluster()
const scratch = mkdtempSync(join(tmpdir(), 'zhian-test-'))
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
const place = (name, db) => ({ name, args: ['--data', join(scratch, name), ...(db ? ['--db', cluster.uri(name)] : [])] })
const lite = place('lite')
const pg = place('years', true)
const sql = (text, name = pg.name) => cluster.sql(name, text).trim()

function run(store, args, { day = TODAY, code = 0, text } = {}) {
  const r = spawnSync(bin, [args[0], ...store.args, ...args.slice(1)], { env: { ...process.env, ZHIAN_NOW: `${day}T09:00:00+08:00` }, encoding: 'utf8', timeout: 120_000 })
  const said = r.stdout + r.stderr
  assert.equal(r.status, code, `${store.name}: ${args.join(' ')}: ${said}`)
  if (text) assert.match(said, text, `${store.name}: ${args.join(' ')}`)
  return r.stdout
}

const both = (args, how) => {
  const [a, b] = [lite, pg].map((store) => run(store, args, how))
  assert.equal(a, b, args.join(' '))
  return a
}
const json = (text) => text.trim().split('\n').map((line) => JSON.parse(line))
const settle = (store, day) => run(store, ['retire', '--before', '2023-01', '--name', '无'], { day }) // a command that writes nothing

const parts = (table) => sql(`SELECT string_agg(substr(c.relname, ${table.length + 2}) || ' ' || pg_get_expr(c.relpartbound, c.oid), '\n' ORDER BY c.relname)
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = '${table}'::regclass`).split('\n')
const partNames = (table) => parts(table).map((p) => p.split(' ')[0])
const prints = () => ['daily', 'duty_count', 'journal'].map((t) => sql(`SELECT count(*) || md5(string_agg(t::text, ';' ORDER BY t)) FROM ${t} t`))
const rests = () => sql('SELECT (SELECT count(*) FROM daily_rest) + (SELECT count(*) FROM duty_count_rest)')

const monthsBack = (day, n) => {
  const d = new Date(`${day}T00:00:00Z`)
  d.setUTCDate(1)
  d.setUTCMonth(d.getUTCMonth() - n)
  return d.toISOString().slice(0, 7)
}

function fill() {
  cluster.create(pg.name)
  for (const store of [lite, pg]) {
    run(store, ['init', '--test'], { day: '2023-05-10' })
    WRITTEN.forEach((day, i) => run(store, ['generate', '--firms', '12', '--days', String(DAYS), '--seed', String(i + 1)], { day }))
    settle(store) // opens the days since then, which come before their parts
    settle(store)
  }
}

/** Every row lies in the part of its month, and the months ahead are there. */
function divided() {
  for (const [table, day] of [['daily', "date '2023-01-01' + (id >> 38)::int"], ['duty_count', "date '1970-01-01' + day::int"]]) {
    assert.equal(sql(`SELECT count(*) FROM ${table} WHERE tableoid::regclass::text <> '${table}_' || to_char(${day}, 'YYYY_MM')`), '0', table)
    for (const ahead of [0, 1, 2, 3]) assert.ok(partNames(table).includes(monthsBack(TODAY, -ahead).replace('-', '_')), `${table}: ${ahead} months ahead`)
    assert.ok(!partNames(table).includes(monthsBack(TODAY, -4).replace('-', '_')), `${table}: no further`)
  }
  assert.equal(rests(), '0')
  const written = ['2023-05', ...WRITTEN.map((d) => d.slice(0, 7)), TODAY.slice(0, 7)]
  assert.deepEqual(partNames('journal'), written.map((m) => m.replace('-', '_')))
  assert.equal(sql(`SELECT count(*) FROM journal WHERE tableoid::regclass::text <>
    'journal_' || to_char(timestamp '1970-01-01' + (at + 28800000) * interval '1 millisecond', 'YYYY_MM')`), '0')
}

/** What takes back the schema's steps from the months on. */
function undone() {
  const at = join(root, 'src/sql/schema')
  const text = readdirSync(at).sort().filter((f) => f >= '0008').map((f) => readFileSync(join(at, f), 'utf8')).join('\n')
  const each = (pattern, line) => [...text.matchAll(pattern)].map(line).join('')
  return each(/^ALTER TABLE (\w+) ADD COLUMN (\w+)/gm, ([, t, c]) => `ALTER TABLE ${t} DROP COLUMN ${c};`)
    + each(/^CREATE TABLE (\w+)/gm, ([, t]) => `DROP TABLE ${t};`) + each(/^CREATE (?:UNIQUE )?INDEX (\w+)/gm, ([, i]) => `DROP INDEX IF EXISTS ${i};`)
}

/** A store of the schema before months: tables in one piece. Its rows are divided, none is lost or altered. */
function older() {
  const before = prints()
  const again = (t, key) => `CREATE TABLE ${t}_flat (LIKE ${t}, PRIMARY KEY (${key})); INSERT INTO ${t}_flat SELECT * FROM ${t}; DROP TABLE ${t};
    ALTER TABLE ${t}_flat RENAME TO ${t}; ALTER TABLE ${t} RENAME CONSTRAINT ${t}_flat_pkey TO ${t}_pkey;`
  sql(`${again('daily', 'id')} ${again('duty_count', 'level, day, path')} ${again('journal', 'id')}
    CREATE INDEX journal_firm ON journal (firm, id) WHERE note IS NOT NULL AND firm IS NOT NULL;
    ${undone()} DELETE FROM schema_migration WHERE number >= 8`)
  assert.equal(sql("SELECT count(*) FROM pg_inherits WHERE inhparent IN ('daily'::regclass, 'journal'::regclass)"), '0')
  settle(pg)
  assert.deepEqual(prints(), before)
  divided()
  assert.equal(sql("SELECT count(*) FROM pg_indexes WHERE indexname = 'journal_firm' OR indexname ~ '^journal_.*firm_id'"), String(parts('journal').length + 1))
  run(pg, ['verify'])
}

/** Rows that came before their part lie in the rest, are read like any, and move when the part is made. */
function restless() {
  const before = prints()
  sql('ALTER TABLE daily DETACH PARTITION daily_2025_06; INSERT INTO daily SELECT * FROM daily_2025_06; DROP TABLE daily_2025_06')
  assert.notEqual(rests(), '0')
  run(pg, ['verify'])
  settle(pg)
  assert.deepEqual(prints(), before)
  divided()
}

function months() {
  const whole = json(both(['verify', '--json'])).at(-1)
  assert.equal(whole.findings, 0)
  const names = ['2023-05', ...WRITTEN.map((d) => d.slice(0, 7))]
  const each = names.map((m) => json(both(['verify', '--month', m, '--json'])).at(-1))
  assert.equal(each.reduce((n, v) => n + v.journal, 0), whole.journal, 'every row is some month\'s')
  assert.ok(each.every((v) => v.journal > 0 && v.seals > 0 && v.findings === 0))
  const august = json(both(['verify', '--month', '2024-08', '--json'])).at(-1)
  assert.equal(august.records, Number(sql("SELECT count(*) FROM daily_2024_08")))
  assert.ok(august.records > 100)
  for (const wrong of ['2024-13', '2024', '24-01']) both(['verify', '--month', wrong], { code: 2, text: /2026-11/ })
}

/** What does not agree in one month is found in that month, and no other month is to blame. */
function monthFindings() {
  const undo = sql('SELECT note FROM (SELECT answers AS note FROM daily_2025_07 ORDER BY id LIMIT 1) x')
  sql("UPDATE daily SET answers = answers || '1' WHERE id = (SELECT min(id) FROM daily_2025_07)")
  run(pg, ['verify', '--month', '2025-07'], { code: 5, text: /日管控记录.*内容与存证不符/ })
  run(pg, ['verify', '--month', '2025-06'])
  sql(`UPDATE daily SET answers = '${undo}' WHERE id = (SELECT min(id) FROM daily_2025_07)`)
  sql("UPDATE journal SET rid = 'x' || coalesce(rid, '') WHERE id = (SELECT max(id) - 5 FROM journal_2024_08)")
  run(pg, ['verify', '--month', '2024-08'], { code: 5, text: /批次内的存证条目与封存时不同/ })
  run(pg, ['verify', '--month', '2025-07'])
  sql("UPDATE journal SET rid = nullif(substr(rid, 2), '') WHERE id = (SELECT max(id) - 5 FROM journal_2024_08)")
  run(pg, ['verify'])
}

/** The floor is five years; looking changes nothing; the person who answers for it is asked for. */
function refusals() {
  const before = prints()
  both(['retire', '--before', '2024-12', '--name', '王经办'], { code: 4, text: /没有都满保存期限.*--before 2024-11/ })
  both(['retire', '--before', '2024-12', '--check'], { code: 4, text: /没有都满保存期限/ })
  both(['retire', '--before', '2024-09'], { code: 2, text: /--name/ })
  both(['retire', '--before', 'gestern', '--check'], { code: 2, text: /--before/ })
  const seen = json(both(['retire', '--before', '2024-09', '--check', '--json']))
  assert.deepEqual(seen.at(-1), { months: seen.length - 1, records: Number(sql("SELECT count(*) FROM daily WHERE id < (date '2024-09-01' - date '2023-01-01')::bigint << 38")), checked: true })
  assert.deepEqual(prints(), before)
  return seen
}

/** Somebody reads a table and does not come to an end; gives back how to make him. */
async function hold(table) {
  const asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
  const held = spawn(join(cluster.bin, 'psql'), ['-h', '127.0.0.1', '-p', String(cluster.port), '-U', 'zhian', '-d', pg.name,
    '-qc', `BEGIN; SELECT count(*) FROM ${table}; SELECT pg_sleep(600)`], { stdio: 'ignore' })
  while (sql(asleep) !== '1') await sleep(50)
  return async () => {
    held.kill('SIGKILL')
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
    while (sql(asleep) !== '0') await sleep(50)
  }
}

/** Several programs at the turn of the month, and a reader who holds it up: each does its work, one part is made. */
async function together() {
  const env = { ...process.env, ZHIAN_NOW: '2030-01-05T09:00:00+08:00' }
  const one = () => new Promise((done) => spawn(bin, ['retire', ...pg.args, '--before', '2023-01', '--name', '无'], { env, stdio: 'ignore' }).on('close', done))
  assert.deepEqual(await Promise.all([one(), one(), one(), one()]), [0, 0, 0, 0])
  assert.equal(partNames('journal').at(-1), '2030_01')
  assert.ok(partNames('daily').includes('2030_04'))
  const letGo = await hold('journal')
  run(pg, ['user', 'add', 'spaet', '--name', '晚', '--role', 'auditor'], { day: '2030-02-05' })
  assert.equal(partNames('journal').at(-1), '2030_01', 'nobody is made to wait')
  await letGo()
  settle(pg, '2030-02-06')
  assert.equal(partNames('journal').at(-1), '2030_02')
  settle(pg, '2030-02-06')
  assert.equal(rests(), '0')
  run(pg, ['verify'], { day: '2030-02-06' })
}

/** A year goes as parts: no row is deleted, no part that stays is rewritten, nothing else changes. */
async function retire(seen) {
  const files = () => sql("SELECT string_agg(relname || ':' || relfilenode, ',' ORDER BY relname) FROM pg_class WHERE relkind = 'r' AND relname ~ '^(daily|journal|duty_count)_' AND relname !~ '^daily_(2023|2024_0[1-8])'")
  const kept = files()
  const counters = sql("SELECT count(*) || ':' || sum(due) FROM duty_count")
  sql("SELECT pg_stat_reset()")
  const letGo = await hold('daily')
  run(pg, ['retire', '--before', '2024-09', '--name', '王经办'], { code: 8, text: /长时间读取/ })
  assert.equal(sql('SELECT count(*) FROM retired'), '0')
  await letGo()
  const said = json(both(['retire', '--before', '2024-09', '--name', '王经办', '--json']))
  assert.deepEqual(said.map((m) => m.month), seen.map((m) => m.month))
  assert.deepEqual(said.map((m) => m.records), seen.map((m) => m.records))
  await sleep(200) // the statistics of ended sessions
  assert.equal(sql("SELECT coalesce(sum(n_tup_del), 0) FROM pg_stat_all_tables WHERE relname ~ '^daily'"), '0')
  assert.equal(files(), kept)
  assert.equal(sql("SELECT count(*) || ':' || sum(due) FROM duty_count"), counters)
  assert.equal(partNames('daily').filter((n) => seen.some((m) => m.month?.replace('-', '_') === n)).length, 0)
  const noted = sql("SELECT count(*) FROM journal WHERE kind = 24 AND note LIKE '%王经办%'")
  assert.equal(noted, String(seen.length - 1))
}

/** What was given up is told as such, never as missing. */
function told() {
  const firm = json(both(['list', 'firms', '--limit', '1', '--json']))[0]
  const id = (firm.items?.[0] ?? firm).id
  for (const call of [['daily_get', `firm=${id}`, 'day=2024-08-10'], ['daily_month', `firm=${id}`, 'month=2024-08'], ['board_firms', 'day=2024-08-10', 'status=done']])
    both(['call', ...call], { code: 3, text: /已满保存期限并按规定清退/ })
  assert.ok(Number(json(both(['call', 'board_get', 'day=2024-08-10', '--json']))[0].total[0].due) > 0, 'the counters stay')
}

function retired(seen) {
  const v = json(both(['verify', '--json'])).at(-1)
  assert.equal(v.findings, 0)
  assert.equal(v.retired, seen.at(-1).records)
  const m = json(both(['verify', '--month', '2024-08', '--json'])).at(-1)
  assert.ok(m.retired > 100 && m.findings === 0)
  both(['retire', '--before', '2024-09', '--name', '王经办'], { text: /没有日管控记录/ })
  both(['verify'], { text: /已按保存期限清退/ })
}

/** Only the act of the program excuses what is missing. */
function byHand() {
  cluster.create('hand', pg.name)
  const hand = { name: 'hand', args: ['--data', join(scratch, pg.name), '--db', cluster.uri('hand')] }
  const n = Number(sql('SELECT count(*) FROM daily_2025_06'))
  sql('DROP TABLE daily_2025_06', 'hand')
  const said = json(run(hand, ['verify', '--json'], { code: 5 }))
  assert.equal(said.at(-1).findings, n)
  // a row that says the month was retired, but that no journal row knows
  sql(`INSERT INTO retired SELECT 2100000 + 2025 * 12 + 5, 21, '2025-06', ${n}, at, 0, '无', jseq FROM retired LIMIT 1`, 'hand')
  run(hand, ['verify'], { code: 5, text: /清退.*存证中没有这条记录的登记/ })
  run(hand, ['verify', '--month', '2025-07'], { code: 5, text: /清退.*存证中没有这条记录的登记/ })
  cluster.drop('hand')
  // a record that went before its month did
  cluster.create('hand', pg.name)
  sql('DELETE FROM daily WHERE id = (SELECT min(id) FROM daily_2025_06)', 'hand')
  run(hand, ['verify'], { code: 5, text: /登记过的记录不见了/ })
  run(hand, ['retire', '--before', '2025-07', '--name', '李经办'], { day: '2030-08-05' })
  run(hand, ['verify'], { code: 5, day: '2030-08-05', text: /清退登记的条数与存证不符/ })
  cluster.drop('hand')
}

/** Moved either way, with what was retired, a store has the parts its rows need. */
function moved() {
  const to = place('moved', true)
  cluster.create('moved')
  const r = spawnSync(bin, ['move', '--from', `sqlite:${join(scratch, 'lite/zhian.db')}`, '--to', cluster.uri('moved'), '--to-data', join(scratch, 'moved')],
    { env: { ...process.env, ZHIAN_NOW: `${TODAY}T09:00:00+08:00` }, encoding: 'utf8' })
  assert.equal(r.status, 0, r.stdout + r.stderr)
  assert.equal(sql('SELECT (SELECT count(*) FROM daily_rest) + (SELECT count(*) FROM duty_count_rest)', 'moved'), '0')
  const bounds = (name) => sql("SELECT string_agg(relname || pg_get_expr(relpartbound, oid), '\n' ORDER BY relname) FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE 'journal%'", name)
  assert.equal(bounds('moved'), bounds(pg.name))
  assert.equal(run(to, ['verify', '--json']), run(pg, ['verify', '--json']))
}

try {
  fill()
  divided()
  older()
  restless()
  months()
  monthFindings()
  const seen = refusals()
  await retire(seen)
  retired(seen)
  told()
  byHand()
  moved()
  await together()
  console.log(`${parts('daily').length} parts of daily, ${parts('journal').length} of the journal; ${seen.at(-1).records} records of ${seen.length - 1} months retired`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
  await cluster.stop()
}
