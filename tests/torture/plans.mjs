#!/usr/bin/env node
// On a store with years of months every statement of the day's work reads the months it asks for and no
// other. The server explains each plan it has run (auto_explain), whatever plan it chose; what is
// counted are the parts of a table that were opened, not those a plan merely knew of.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import assert from 'node:assert/strict'
import { Caller } from '../lib/client.mjs'
import { startCluster } from '../lib/postgres.mjs'
import { makeStore, serve, NOW } from '../lib/store.mjs'
import { root } from '../lib/run.mjs'

const bin = resolve(root, process.argv[2] ?? 'build/release/zhian')
const DAYS = 900
const MONTHS = 24
const TIMES = 8 // the server settles on a plan after five
const settings = { session_preload_libraries: 'auto_explain', 'auto_explain.log_min_duration': 0, 'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off', 'auto_explain.log_format': 'json', logging_collector: 'on', log_directory: 'log', log_filename: 'plans.log' }
const cluster = await startCluster(Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`]))
const store = makeStore(bin, cluster)
const sql = (text) => cluster.sql(store.database, text).trim()
let server

// How many parts of one table a statement may open, where it is not one: a pattern, the number, why.
const MORE = [
  [/max\(id\).* FROM journal$/, 1, ''],
  [/j\.firm = .*ORDER BY j\.id/s, MONTHS, 'the history of a firm: by its index, newest month first, until the page is full'],
  [/FROM journal j LEFT JOIN account .*j\.id < /s, 3, 'the audit page: from the newest month back, until the page is full'],
  [/FROM journal WHERE id > /, 2, 'the sealer: from the last batch on'],
]
// Statements of the day's work; each must have been seen.
const HOT = {
  'submission reads': /FROM firm f JOIN org o ON o\.id = f\.org LEFT JOIN risklist r/,
  'submission writes': /^INSERT INTO daily /,
  'journal row': /^INSERT INTO journal /,
  counters: /^INSERT INTO duty_count .* VALUES/,
  'journal number': /max\(id\), .* FROM journal WHERE id >= /,
  'newest version': /FROM daily WHERE id >= \$1 AND id <= \$2 ORDER BY id DESC LIMIT 1/,
  'by key': /FROM daily WHERE id >= \$1 AND id <= \$2 AND key = /,
  'one record': /FROM daily WHERE id = \$1/,
  versions: /FROM daily d LEFT JOIN risklist r/,
  'board, own': /FROM duty_count WHERE level = /,
  'board, children': /FROM org o LEFT JOIN duty_count n/,
  'board, firms by record or firm': /LEFT JOIN daily d ON/,
  'audit page': /FROM journal j LEFT JOIN account a ON a\.id = j\.actor WHERE j\.id < /,
}

/** The journal as if it had been written over the months: the parts of equal numbers of rows. */
function divideJournal() {
  sql(`DO $$ DECLARE n bigint; each bigint; m int; d date; BEGIN
    SELECT max(id) INTO n FROM journal; each := n / ${MONTHS};
    ALTER TABLE journal DETACH PARTITION journal_2026_11;
    FOR m IN 0..${MONTHS - 1} LOOP
      d := (date '2026-11-01' - make_interval(months => ${MONTHS - 1} - m))::date;
      EXECUTE format('CREATE TABLE journal_%s%s PARTITION OF journal FOR VALUES FROM (%s) TO (%s)', to_char(d, 'YYYY_MM'),
        CASE WHEN m = ${MONTHS - 1} THEN '_2' ELSE '' END,
        CASE WHEN m = 0 THEN 'MINVALUE' ELSE (m * each)::text END, CASE WHEN m = ${MONTHS - 1} THEN 'MAXVALUE' ELSE ((m + 1) * each)::text END);
    END LOOP;
    INSERT INTO journal SELECT * FROM journal_2026_11; DROP TABLE journal_2026_11; END $$`)
}

async function ask(who, method, path, how) {
  const r = await who.send(method, path, how)
  assert.equal(r.status, 200, `${method} ${path}: ${JSON.stringify(r.body)}`)
  return r.body
}

/** What a firm does on its day. */
async function firmDays(url) {
  const ws = await new Caller(url, 'ws').signIn()
  const officer = await new Caller(url, 'wsq.officer').signIn()
  const firm = (await ask(ws, 'GET', '/api/v1/firms', { query: { q: '文水演示水泥厂', limit: '1' } })).items[0].id
  const list = await ask(officer, 'POST', `/api/v1/firms/${firm}/risklist`,
    { body: { template: 'daily_cement', areas: [{ name: '原料库', items: [{ code: '1', text: '有验收记录', key: true, level: '重大' }] }] } })
  const body = { risklist: list.id, answers: [{ code: '1', result: 'normal' }] }
  for (let i = 0; i < TIMES; i++) {
    await ask(officer, 'POST', `/api/v1/firms/${firm}/daily/2026-11-02`, { body: { ...body, key: `k${i}`, ...(i ? { correct: true, reason: '更正' } : {}) } })
    await ask(officer, 'POST', `/api/v1/firms/${firm}/daily/2026-11-02`, { body: { ...body, key: 'k0' } })
    await ask(officer, 'GET', `/api/v1/firms/${firm}/today`)
    await ask(officer, 'GET', `/api/v1/firms/${firm}/daily/2026-11-02`)
    await ask(officer, 'GET', `/api/v1/firms/${firm}/daily`, { query: { month: '2026-10' } })
    await ask(ws, 'GET', `/api/v1/firms/${firm}/history`)
  }
}

/** What the authorities look at, from the province to the county. */
async function boards(url) {
  for (const login of ['sx', 'll', 'ws']) {
    const who = await new Caller(url, login).signIn()
    for (let i = 0; i < TIMES; i++) {
      const day = i % 2 ? '2026-11-01' : '2025-03-12'
      await ask(who, 'GET', '/api/v1/board', { query: { day } })
      for (const status of ['due', 'done', 'zero', 'problem', 'late', 'missing', 'excused', 'pending'])
        await ask(who, 'GET', '/api/v1/board/firms', { query: { day, status, limit: '20' } })
    }
  }
  const auditor = await new Caller(url, 'auditor').signIn()
  for (let i = 0; i < TIMES; i++) await ask(auditor, 'GET', '/api/v1/audit', { query: { limit: '20' } })
}

/** The plans in the server's log: { text, plan }. */
function plans() {
  const log = readFileSync(join(cluster.data, 'log/plans.log'), 'utf8')
  return [...log.matchAll(/duration: [\d.]+ ms {2}plan:\n((?:\t.*\n)+)/g)].map((m) => {
    const p = JSON.parse(m[1].replace(/^\t/gm, ''))
    return { text: p['Query Text'], plan: p.Plan }
  })
}

/** The parts a plan has opened, by table. */
function opened(node, found = {}) {
  const m = /^(daily|journal|duty_count)_/.exec(node['Relation Name'] ?? '')
  if (m && node['Actual Loops'] > 0) (found[m[1]] ??= new Set()).add(node['Relation Name'])
  for (const below of node.Plans ?? []) opened(below, found)
  return found
}

try {
  execFileSync(bin, ['generate', ...store.args, '--firms', '40', '--days', String(DAYS)], { env: { ...process.env, ZHIAN_NOW: NOW }, stdio: 'ignore' })
  divideJournal()
  sql('ANALYZE')
  const parts = Number(sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'daily'::regclass"))
  assert.ok(parts >= MONTHS, `${parts} parts of daily`)
  const before = plans().length
  server = await serve(bin, store)
  await firmDays(server.url)
  await boards(server.url)
  const seen = plans().slice(before)
  const wide = []
  for (const { text, plan } of seen) {
    const most = MORE.find(([pattern]) => pattern.test(text))?.[1] ?? 1
    for (const [table, set] of Object.entries(opened(plan)))
      if (set.size > most) wide.push(`${set.size} parts of ${table} opened, ${most} allowed:\n${text}\n`)
  }
  assert.deepEqual([...new Set(wide)], [])
  for (const [what, pattern] of Object.entries(HOT)) assert.ok(seen.some((s) => pattern.test(s.text.replace(/\s+/g, ' '))), `not seen: ${what}`)
  assert.deepEqual(await server.stop(), { code: 0, signal: null }, server.log())
  server = undefined
  console.log(`${seen.length} plans, ${Object.keys(HOT).length} statements of the day's work, none opened a month too many of ${parts}`)
} finally {
  if (server) await server.stop()
  store.remove()
  await cluster.stop()
}
