// No SQL in C: statements stand in src/sql; only the list engine (core/list.c) and the database layer
// compose or send text of their own. And no test of the dialect outside the database layer.
import { bare, lineAt, literals, report, sources } from './clib.mjs'

const SQL = /\b(SELECT\s|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|INDEX|VIEW|TRIGGER)|DROP\s+(TABLE|INDEX)|ALTER\s+TABLE|PRAGMA\s|ORDER\s+BY|GROUP\s+BY|\sWHERE\s|\sFROM\s+\w+|VALUES\s*\()/
const DIALECT = /\b(is_(sqlite|postgres)|dialect\s*==|backend\s*==|BACKEND_\w+)\b/g
const ALLOWED = /^src\/(db\/|core\/list\w*\.c)/

const findings = []
const files = sources('src', /\.[ch]$/).filter((f) => !ALLOWED.test(f.path))
for (const { path, text } of files) {
  for (const l of literals(text)) {
    if (SQL.test(l.text)) findings.push(`${path}:${l.line}: SQL in a string: ${l.text.slice(0, 60)}`)
  }
  for (const m of bare(text).matchAll(DIALECT)) {
    findings.push(`${path}:${lineAt(text, m.index)}: asks for the dialect: ${m[0]}`)
  }
}
process.exit(report('sqltext', findings, `${files.length} files`))
