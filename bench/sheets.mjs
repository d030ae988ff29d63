// Writing, reading and judging a ledger of 200,000 rows × 59 columns without a store. What an import
// costs beyond this is the store's. Rates are per second of processor time. Memory is the peak of the whole program.
import { execFileSync } from 'node:child_process'

const ROWS = process.env.BENCH_SHEET_ROWS ?? '200000'
const BARS = { 'write xlsx': 20000, 'import xlsx': 30000, 'import csv': 40000 }
const PEAK_KIB = 64 * 1024

const out = execFileSync('build/release/bench/bench_import_rules', [ROWS], { encoding: 'utf8' })
const lines = out.trim().split('\n').map((l) => JSON.parse(l)).filter((l) => l.job)
for (const l of lines) {
  const bar = BARS[l.job]
  console.log(JSON.stringify({
    name: `sheets: ${l.job}`,
    value: l.rows_per_s,
    unit: 'rows/s',
    ...(bar ? { bar: `≥ ${bar} rows/s`, good: l.rows_per_s >= bar } : {}),
  }))
}
const peak = Math.max(...lines.map((l) => l.peak_kib))
console.log(JSON.stringify({ name: 'sheets: peak memory', value: Math.round(peak / 1024), unit: 'MiB', bar: '≤ 64 MiB', good: peak <= PEAK_KIB }))
