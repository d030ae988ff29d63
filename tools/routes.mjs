// Past one database: every statement on a table that is sharded by firm carries what it would be routed
// by (the firm, an org path, or the daily key, which holds the firm), or says why it fans out:
//
//   -- fans out: REASON        a comment of the statement in src/sql/query/*.sql
//
// docs/scale.md tells what follows. The list engine's statements carry an org path by construction.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { report } from './clib.mjs'

const SHARDED = new Set(['firm', 'product', 'person', 'paper_check', 'grade_change', 'attachment', 'daily', 'hazard',
  'risklist', 'suspension', 'event', 'site', 'firm_doc', 'supplier', 'assessment', 'post_gap', 'duty_gap', 'firm_search'])
const TABLES = /\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)/g
/** How a statement is routed; the first that fits. */
const ROUTES = [
  ['firm', /\bfirm\s*=\s*:|:firm\b|\bfirm\.id\s*=\s*:/],
  ['org path', /\borg_path\b|\bpath\s*(=|>=|<)\s*:|:path\b/],
  ['firm by its id', /\b(?:FROM|UPDATE|INTO)\s+firm\b[\s\S]*\bid\s*=\s*:id|INTO firm\b|\bfirm_search \(rowid\b|\browid\s*=\s*:id/],
  ['firm by its daily key', /\bdaily\b[\s\S]*\bid\s*(>=|=)\s*:(first|id)\b/],
  ['record by its id', /\bWHERE\s+(?:\w+\.)?id\s*=\s*:id\b/],
  ['walk of the whole store by id', /\bid\s*>\s*:\w+[\s\S]*ORDER BY id LIMIT/],
]
const WHOLE = 'walk of the whole store by id'

const dir = 'src/sql/query'
const findings = []
const counts = new Map()
let fansOut = 0
for (const file of readdirSync(dir).filter((f) => f.endsWith('.sql')).sort()) {
  const blocks = readFileSync(join(dir, file), 'utf8').split(/^-- (?=name: |part: )/m).filter((b) => b.startsWith('name: '))
  for (const block of blocks) {
    const name = /^name: (\w+)/.exec(block)[1]
    const text = block.split('\n').slice(1).filter((l) => !l.startsWith('--')).join('\n')
    if (![...text.matchAll(TABLES)].some((m) => SHARDED.has(m[1]))) continue
    const said = /^-- fans out: \S+/m.test(block)
    const route = ROUTES.find(([, re]) => re.test(text))?.[0]
    if (said) fansOut++
    if (said && route && route !== WHOLE) findings.push(`${dir}/${file}: ${name} says it fans out and is routed by ${route}`)
    if (!said && !route) findings.push(`${dir}/${file}: ${name} has no firm, org path or daily key, and does not say why`)
    if (!said && route) counts.set(route, (counts.get(route) ?? 0) + 1)
  }
}
process.exit(report('routes', findings, `${[...counts].map(([k, n]) => `${n} by ${k}`).join(', ')}; ${fansOut} fan out`))
