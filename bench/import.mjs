// The import of a long ledger from xlsx on the command line into a fresh store: checked, written,
// journalled, every row told in the report. The ceiling named is reading and judging alone (--check).
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DIR, freshStore, program, root, tell, timed } from './store.lib.mjs'

const ROWS = Number(process.env.BENCH_ROWS ?? 200000)
const BAR = 8000
const BAR_MIB = 64
const MODEL = join(root, 'tests/samples/ledger_production_wenshui_utf8bom.csv')

const store = freshStore('import')
const file = join(DIR, `ledger-${ROWS}.xlsx`)
const report = join(DIR, 'import.report.json')
if (!existsSync(file)) execFileSync(program('bench_ledger'), [MODEL, file, String(ROWS)])
const where = [...store.args, '--kind', 'production', '--org', '141121']
const check = await timed(['import', 'ledger', file, ...where, '--check', '--report', report])
const r = await timed(['import', 'ledger', file, ...where, '--report', report])
if (r.code || check.code) throw new Error(r.err.slice(-500) || check.err.slice(-500))
const totals = /"totals":(\{[^}]*\})/.exec(readFileSync(report).subarray(-4000).toString())?.[1]
const rate = ROWS / r.seconds
tell({ name: 'import', bar: BAR, value: Math.round(rate), unit: 'rows/s', good: rate >= BAR, rows: ROWS, seconds: +r.seconds.toFixed(1), file_mib: +(statSync(file).size / 1048576).toFixed(1), check_rows_s: Math.round(ROWS / check.seconds), share_of_check: +(check.seconds / r.seconds).toFixed(2), totals: totals && JSON.parse(totals) })
tell({ name: 'import memory', bar: BAR_MIB, value: +r.peak.toFixed(1), unit: 'MiB', good: r.peak <= BAR_MIB, anonymous: +r.anon.toFixed(1) })
rmSync(report, { force: true })
