// What the first visit of each client costs, compressed: the budgets of tools/web/budget.mjs as figures.
import { execFileSync } from 'node:child_process'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const BARS = { desk: 380, phone: 180 }
const out = execFileSync('node', [join(root, 'tools/web/budget.mjs'), '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
for (const r of JSON.parse(out.split('\n').find((l) => l.startsWith('[')))) {
  const value = +(r.first / 1024).toFixed(1)
  console.log(JSON.stringify({ name: `${r.mode} first load`, value, unit: 'KB gzip', bar: `≤ ${BARS[r.mode]} KB`, good: value <= BARS[r.mode] }))
}
