// Bundle budgets (ux §2), gzip -9: first load = entry + its static imports + their styles; a route =
// what opening it adds. Exit 1 when one is exceeded. --json prints the figures for the bench.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const KB = 1024
const FIRST = { desk: 380 * KB, phone: 180 * KB }
const ROUTE = 40 * KB

const sizes = new Map()
function gz(file) {
  if (!sizes.has(file)) {
    sizes.set(file, gzipSync(readFileSync(join(root, 'web/dist', file)), { level: 9 }).length)
  }
  return sizes.get(file)
}

/** All files that loading a manifest item pulls in, without lazy parts. */
function closure(manifest, key, seen = new Set()) {
  if (seen.has(key)) return new Set()
  seen.add(key)
  const item = manifest[key]
  const files = new Set([item.file, ...(item.css ?? [])])
  for (const dep of item.imports ?? []) for (const f of closure(manifest, dep, seen)) files.add(f)
  return files
}

const total = (files) => [...files].reduce((n, f) => n + gz(f), 0)
const show = (n) => `${(n / KB).toFixed(1)} KB`

function measure(mode) {
  const path = join(root, `build/web/${mode}.manifest.json`)
  if (!existsSync(path)) throw new Error(`${mode}: not built`)
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  const entry = Object.keys(manifest).find((k) => manifest[k].isEntry)
  const first = closure(manifest, entry)
  const routes = Object.keys(manifest)
    .filter((k) => manifest[k].isDynamicEntry)
    .map((k) => ({ name: k, bytes: total([...closure(manifest, k)].filter((f) => !first.has(f))) }))
  return { mode, first: total(first), routes }
}

const results = ['desk', 'phone'].map(measure)
let bad = 0
for (const r of results) {
  const over = r.first > FIRST[r.mode]
  if (over) bad++
  console.error(`${r.mode} first load ${show(r.first)} of ${show(FIRST[r.mode])}${over ? '  OVER' : ''}`)
  for (const route of r.routes.filter((x) => x.bytes > ROUTE)) {
    bad++
    console.error(`${r.mode} route ${route.name} ${show(route.bytes)} of ${show(ROUTE)}  OVER`)
  }
}
if (process.argv.includes('--json')) console.log(JSON.stringify(results))
console.log(`budget: ${bad} over`)
process.exit(bad ? 1 : 0)
