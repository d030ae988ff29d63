// Every sample ledger through `zhian import ledger … --check --report`: verdicts, findings, values
// and totals as its expected file says; nothing is written. Then both ledgers are imported for good:
// the same file again changes nothing.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bin, zhian } from '../lib/cli.mjs'
import { differences } from '../lib/match.mjs'
import { root } from '../lib/run.mjs'
import { copyStore, makeStore } from '../lib/store.mjs'

const samples = join(root, 'tests/samples')
const read = (name) => JSON.parse(readFileSync(join(samples, name), 'utf8'))
const dir = mkdtempSync(join(tmpdir(), 'zhian-samples-'))
const base = makeStore(bin)

function run(store, file, kind, more) {
  const report = join(dir, 'report.json')
  rmSync(report, { force: true })
  const r = zhian(['import', 'ledger', join(samples, file), '--data', store.dir, '--kind', kind, '--org', '141121', '--report', report, ...more])
  return { ...r, report: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null }
}

/** What an expected file says of every row; a CSV's file tells where it differs from its workbook. */
function expectedOf(doc) {
  if (!doc.base) return doc
  const whole = read(doc.base)
  const first = whole.sheets[0].name
  const rows = whole.rows.filter((r) => r.sheet === first)
  return { ...whole, ...doc, sheets: null, rows: rows.map((r) => ({ ...r, ...doc.overrides.find((o) => o.row === r.row), sheet: undefined })) }
}

const findings = (list) => (list ?? []).map((f) => `${f.field} ${f.code}`).sort()

function rowFaults(got, want) {
  const bad = []
  if (got?.verdict !== want.verdict) return [`${got?.verdict}, expected ${want.verdict}: ${JSON.stringify(got)}`]
  for (const k of ['errors', 'warnings']) bad.push(...differences(findings(got[k]), findings(want[k]), k))
  if (want.of) bad.push(...differences(got.of?.row, want.of.row, 'of.row'))
  if (want.why) bad.push(...differences(got.why, want.why, 'why'))
  if (want.suggest) bad.push(...differences(got.suggest, want.suggest, 'suggest'))
  if (want.values) bad.push(...differences(got.values, want.values, 'values'))
  return bad
}

function check(file, expected) {
  const r = run(base, file, expected.ledger, ['--check'])
  assert.ok(r.report, `${file}: ended with ${r.code}: ${r.err}`)
  const want = expectedOf(expected)
  const bad = differences(r.report.totals, want.totals, 'totals')
  const rows = new Map(r.report.rows.map((x) => [want.sheets ? `${x.sheet}\n${x.row}` : `${x.row}`, x]))
  for (const w of want.rows) {
    const got = rows.get(want.sheets ? `${w.sheet}\n${w.row}` : `${w.row}`)
    for (const f of rowFaults(got, w)) bad.push(`${w.sheet ?? ''} row ${w.row}: ${f}`)
  }
  const known = want.sheets?.map((s) => ({ name: s.name, verdict: s.verdict })) ?? null
  if (known) bad.push(...differences(r.report.sheets.map((s) => ({ name: s.name, verdict: s.verdict })), known, 'sheets'))
  assert.deepEqual(bad.slice(0, 12), [], `${file}: ${bad.length} differences`)
  console.log(`${file}: ${want.rows.length} rows as expected`)
}

function refused() {
  const r = run(base, 'ledger_sales_wenshui.xls', 'sales', ['--check'])
  assert.notEqual(r.code, 0)
  assert.match(r.err + r.out, /xlsx/, 'says how to save the old format')
  const c = zhian(['import', 'ledger', join(root, 'Makefile'), '--data', base.dir, '--kind', 'sales', '--org', '141121', '--check'])
  assert.match(c.out + c.err, /没有台账表头/, 'a text that is no ledger is told')
}

function importedTwice() {
  const store = copyStore(base)
  try {
    for (const [file, kind] of [['ledger_production_wenshui.xlsx', 'production'], ['ledger_sales_wenshui.xlsx', 'sales']]) {
      const first = run(store, file, kind, [])
      assert.equal(first.code, 0, first.err)
      const again = run(store, file, kind, ['--check'])
      const { created = 0, created_with_warning = 0, product_added = 0 } = again.report.totals
      assert.equal(created + created_with_warning + product_added, 0, `${file} again would change something: ${JSON.stringify(again.report.totals)}`)
    }
    assert.equal(zhian(['verify', '--data', store.dir]).code, 0)
  } finally {
    store.remove()
  }
}

try {
  const before = zhian(['verify', '--data', base.dir, '--json']).out
  for (const name of readdirSync(samples).filter((f) => /^ledger.*\.expected\.json$/.test(f)).sort()) {
    const doc = read(name)
    for (const file of [doc.file, ...(doc.also_applies_to ?? [])].filter((f) => !f.endsWith('.xls'))) check(file, doc)
  }
  refused()
  assert.equal(zhian(['verify', '--data', base.dir, '--json']).out, before, 'a check writes nothing')
  importedTwice()
} finally {
  base.remove()
  rmSync(dir, { recursive: true, force: true })
}
