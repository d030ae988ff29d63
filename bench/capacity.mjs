// How cost grows with the work: stores of 10,000, 100,000 and 1,000,000 firms, each made, measured and
// removed, on the engine of the run; the table of docs/capacity.md is written from it. Only when named.
//
// BENCH_SIZES=FIRMSxDAYS,… chooses the stores; disk needed: about 2.5 GB a million firms and 0.35 GB a million
// days, on PostgreSQL about twice that, and as much again for the backup, which is left out where there is no room.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DIR, ENGINE, cluster, dropStore, freshStore, get, quantile, root, serve, settle, staff, tell, timed, tool, zhian } from './store.lib.mjs'

const SIZES = (process.env.BENCH_SIZES ?? '10000x30,100000x30,1000000x5').split(',').map((s) => s.split('x').map(Number))
const SUBMIT = 8000, WARM = 1500, ASKS = 40
const DOC = join(root, 'docs/capacity.md')

const list = JSON.parse(readFileSync(join(root, 'data/templates/daily_lists/sales_small.json'), 'utf8'))
const codes = list.body.areas.flatMap((a) => a.items.map((i) => i.code)).join(',')
const LISTS = ['limit=20', 'sort=name', 'grade=A&sort=name', 'state=returned&total=true', `q=${encodeURIComponent('水泥')}`]

const bytesOf = (path) => statSync(path).isDirectory() ? readdirSync(path).reduce((s, f) => s + bytesOf(join(path, f)), 0) : statSync(path).size
const sizeOf = (store) => cluster ? Number(cluster.sql(store.database, 'SELECT pg_database_size(current_database())')) : bytesOf(store.dir)

/** p95 over every level and kind of page, in ms. */
async function pages(server, people, paths) {
  const ms = []
  for (const who of people) {
    for (const path of paths) {
      await get(server, path, who.token)
      for (let i = 0; i < ASKS; i++) {
        const r = await get(server, path, who.token)
        if (r.status !== 200) throw new Error(`${path}: ${r.status} ${r.body}`)
        ms.push(r.ms)
      }
    }
  }
  return +quantile(ms, 0.95).toFixed(1)
}

async function well(args) {
  const r = await timed(args)
  if (r.code) throw new Error(`${args[0]}: ${r.err.slice(-500)}`)
  return r
}

/** Seconds of a copy that can be restored: the program's own, or the server's dump; null: no room for it. */
async function backup(store, size) {
  const { bavail, bsize } = statfsSync(DIR)
  if (bavail * bsize < size * 1.1) return null
  const out = join(DIR, 'capacity.backup')
  rmSync(out, { recursive: true, force: true })
  const began = Date.now()
  if (cluster) execFileSync(join(cluster.bin, 'pg_dump'), ['-Fc', '-Z1', '-f', out, cluster.uri(store.database)])
  else await well(['backup', ...store.args, '--out', out])
  rmSync(out, { recursive: true, force: true })
  return +((Date.now() - began) / 1000).toFixed(1)
}

async function one(firms, days) {
  const store = freshStore('capacity')
  const began = Date.now()
  zhian('generate', ...store.args, '--firms', String(firms), '--days', String(days), '--seed', '1')
  const made = (Date.now() - began) / 1000
  const file = join(DIR, 'capacity.txt')
  const { prepared } = JSON.parse(tool('bench_daily', store, 'prepare', store.dir, SUBMIT + WARM, file))
  settle(store)
  const size = sizeOf(store)
  const people = staff(store)
  const server = await serve(store)
  const load = (from, n) => JSON.parse(tool('bench_daily', store, 'load', `127.0.0.1:${server.port}`, file, from, n, codes))
  load(0, WARM)
  const submit = load(WARM, Math.min(prepared - WARM, SUBMIT))
  const lists = await pages(server, people, LISTS.map((q) => `/api/v1/firms?${q}`))
  const board = await pages(server, people, ['/api/v1/board'])
  await server.stop()
  const out = join(DIR, 'capacity.xlsx')
  const exported = await well(['export', 'ledger', ...store.args, '--org', '141100', '--form', 'view', '--columns', 'name,uscc,kind,state,grade,org_name,legal_person,site_address', '--out', out])
  rmSync(out, { force: true })
  const v = await well(['verify', ...store.args, '--json'])
  const records = JSON.parse(v.out.trim().split('\n').pop()).records
  const r = { firms, days, records, size_gb: +(size / 1e9).toFixed(2), generate_s: Math.round(made), submit_s: Math.round(submit.rate), submit_p99_ms: submit.p99_ms, list_p95_ms: lists, board_p95_ms: board, export_s: +exported.seconds.toFixed(1), verify_s: +v.seconds.toFixed(1), backup_s: await backup(store, size) }
  dropStore(store)
  return r
}

const n = (v) => v.toLocaleString('en')
const row = (r) => `| ${n(r.firms)} | ${r.days} | ${n(r.records)} | ${r.size_gb} | ${r.generate_s} | ${n(r.submit_s)} (${r.submit_p99_ms}) | ${r.list_p95_ms} | ${r.board_p95_ms} | ${r.export_s} | ${r.verify_s} | ${r.backup_s ?? 'no room'} |`
const HEAD = `| firms | days | records | store GB | made s | submissions/s (p99 ms) | list p95 ms | board p95 ms | export of a city s | verify s | backup s |
|---|---|---|---|---|---|---|---|---|---|---|`

const rows = []
for (const [firms, days] of SIZES) {
  const r = await one(firms, days)
  rows.push(r)
  tell({ name: `capacity ${n(firms)} firms`, value: r.submit_s, unit: 'submissions/s', ...r })
}
if (existsSync(DOC)) {
  const mark = new RegExp(`(<!-- ${ENGINE} -->\n)[^]*?(<!-- end -->)`)
  writeFileSync(DOC, readFileSync(DOC, 'utf8').replace(mark, (_, a, b) => `${a}${[HEAD, ...rows.map(row)].join('\n')}\n${b}`))
}
