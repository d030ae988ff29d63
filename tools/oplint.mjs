// Every operation row carries a Chinese help text and a permission that exists, its path is a plural
// noun's under /api/v1 with every ":x" a path field of its input, its name is unique; rows without
// sign-in (PERM_NONE) are the reviewed ones; the interface document tells every row.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { report, root, sources, withoutComments } from './clib.mjs'

const OPEN = new Set(['session_create', 'claim_ask', 'claim_look', 'invite_look', 'invite_redeem', 'site_get', 'openapi_get'])
const ROW = /\bOP\(\s*(\w+),\s*(\w+),\s*"([^"]+)",\s*(PERM_\w+),\s*([\w|\s]+),\s*(\w+),\s*(\w+),\s*((?:"[^"]*"\s*)+)\)/g

const findings = []
const perms = new Set(['PERM_NONE', 'PERM_ANY'])
for (const m of readFileSync(join(root, 'src/core/perms.def'), 'utf8').matchAll(/^ROW\((PERM_\w+)/gm)) perms.add(m[1])

const rows = []
for (const { path, text } of sources('src/feature', /ops\.def$/)) {
  const plain = withoutComments(text)
  const found = [...plain.matchAll(ROW)]
  const written = (plain.match(/^\s*OP\(/gm) ?? []).length
  if (found.length !== written) findings.push(`${path}: ${written - found.length} rows cannot be read`)
  for (const [, name, method, route, perm, flags, input, output, help] of found) {
    rows.push({ path, name, method, route, perm, flags, input, output, help })
  }
}

const fields = new Map()
for (const { text } of sources('src/feature', /fields\.def$/)) {
  for (const m of withoutComments(text).matchAll(/#define\s+(\w+)_FIELDS\(F, S\)((?:[^\n]*\\\n)*[^\n]*)/g)) {
    fields.set(m[1].toLowerCase(), m[2])
  }
}

function checkRow(r, seen) {
  const say = (text) => findings.push(`${r.path}: ${r.name}: ${text}`)
  if (seen.has(r.name)) say('the name is taken')
  if (!perms.has(r.perm)) say(`unknown permission ${r.perm}`)
  if (r.perm === 'PERM_NONE' && !OPEN.has(r.name)) say('open to anyone, and not among the reviewed rows of tools/oplint.mjs')
  if (!/[\u4e00-\u9fff]/.test(r.help)) say('no Chinese help')
  if (!/^\/api\/v1(\/(:?[a-z][a-z0-9_]*(-[a-z0-9]+)*|openapi\.json))+$/.test(r.route)) say(`odd path ${r.route}`)
  if (r.method === 'GET' && /OP_WRITE/.test(r.flags)) say('GET must not write')
  if (r.method !== 'GET' && /OP_READ|OP_LIST/.test(r.flags) && !/OP_WRITE/.test(r.flags)) say('a read is GET')
  for (const [, name] of r.route.matchAll(/:(\w+)/g)) {
    const text = fields.get(r.input)
    if (text && !new RegExp(`F\\(S, ${name},[^)]*F_PATH`).test(text)) say(`:${name} is no path field of ${r.input}`)
  }
}

const seen = new Set()
for (const r of rows) {
  checkRow(r, seen)
  seen.add(r.name)
}

const document = join(root, 'web/openapi.json')
if (existsSync(document)) {
  const told = new Set()
  for (const ops of Object.values(JSON.parse(readFileSync(document, 'utf8')).paths)) {
    for (const op of Object.values(ops)) told.add(op.operationId)
  }
  for (const r of rows) if (!told.has(r.name)) findings.push(`${r.path}: ${r.name}: not in openapi.json`)
}
const open = rows.filter((r) => r.perm === 'PERM_NONE').map((r) => r.name)
process.exit(report('operations', findings, `${rows.length} rows; without sign-in: ${open.join(', ')}`))
