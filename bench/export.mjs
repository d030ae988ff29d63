// The export of a long ledger to xlsx (the list with 40 columns) on the command line.
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DIR, dropStore, freshStore, tell, timed, zhian } from './store.lib.mjs'

const ROWS = Number(process.env.BENCH_ROWS ?? 200000)
const BAR = 20000
const BAR_MIB = 64
const COLUMNS = ['name', 'uscc', 'temp_code', 'kind', 'state', 'grade', 'provisional', 'org_name', 'town_name', 'town', 'entity_type', 'legal_person', 'reg_address', 'site_address', 'sale_modes', 'staff', 'revenue', 'wholesale_revenue', 'stat_size', 'order_size', 'reg_size', 'grade_basis', 'sup_level', 'sup_org_name', 'director_required', 'supervisor', 'supervisor_since', 'risk_level', 'mode', 'credit_class', 'entry_reason', 'abnormal', 'rules_status', 'applicability', 'scope', 'fill_org', 'filler', 'fill_date', 'confirm_date', 'source']

const store = freshStore('export')
zhian('generate', ...store.args, '--firms', String(ROWS), '--days', '1', '--seed', '7')
const out = join(DIR, 'export.xlsx')
const runs = []
for (let i = 0; i < 2; i++) {
  const r = await timed(['export', 'ledger', ...store.args, '--org', '140000', '--form', 'view', '--columns', COLUMNS.join(','), '--out', out])
  if (r.code) throw new Error(r.err.slice(-500))
  runs.push(r)
}
const best = runs.reduce((a, r) => (r.seconds < a.seconds ? r : a))
const rate = ROWS / best.seconds
tell({ name: 'export', bar: BAR, value: Math.round(rate), unit: 'rows/s', good: rate >= BAR, rows: ROWS, columns: COLUMNS.length, seconds: runs.map((r) => +r.seconds.toFixed(1)), file_mib: +(statSync(out).size / 1048576).toFixed(1) })
tell({ name: 'export memory', bar: BAR_MIB, value: +best.peak.toFixed(1), unit: 'MiB', good: best.peak <= BAR_MIB, anonymous: +best.anon.toFixed(1) })
rmSync(out, { force: true })
dropStore(store)
