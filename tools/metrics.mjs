// The budgets of the sources (ARCHITECTURE.md): function length, nesting, parameters, file size,
// share of static functions. Exit 1 when a limit is passed. --list prints the longest functions.
import { bare, report, sources } from './clib.mjs'

const LIMIT = { length: 100, p95: 60, median: 15, nesting: 3, params: 6, file: 800, header: 300, fileMedian: 300, static: 65 }
// Signatures that a library dictates.
const DICTATED = new Set(['src/http/server.c handle'])
const LOOPS = new Set(['for', 'while', 'switch'])

/** Deepest control statement of a body, given as tokens; else-if chains stay on their level. */
class Nesting {
  constructor(tokens) {
    this.t = tokens
    this.i = 0
    this.max = 0
  }

  skipPair(open, close) {
    let depth = 0
    do {
      if (this.t[this.i] === open) depth++
      if (this.t[this.i] === close) depth--
      this.i++
    } while (depth > 0 && this.i < this.t.length)
  }

  block(depth) {
    this.i++
    while (this.i < this.t.length && this.t[this.i] !== '}') this.statement(depth)
    this.i++
  }

  enter(depth) {
    this.max = Math.max(this.max, depth)
    this.statement(depth)
  }

  branch(depth) {
    this.i++
    this.skipPair('(', ')')
    this.enter(depth + 1)
    if (this.t[this.i] !== 'else') return
    this.i++
    if (this.t[this.i] === 'if') this.branch(depth)
    else this.enter(depth + 1)
  }

  plain() {
    while (this.i < this.t.length && this.t[this.i] !== ';' && this.t[this.i] !== '}') {
      if (this.t[this.i] === '{') this.skipPair('{', '}')
      else if (this.t[this.i] === '(') this.skipPair('(', ')')
      else this.i++
    }
    if (this.t[this.i] === ';') this.i++
  }

  statement(depth) {
    const w = this.t[this.i]
    if (w === '{') return this.block(depth)
    if (w === 'if') return this.branch(depth)
    if (LOOPS.has(w)) {
      this.i++
      this.skipPair('(', ')')
      return this.enter(depth + 1)
    }
    if (w === 'do') {
      this.i++
      this.enter(depth + 1)
      return this.plain()
    }
    if (w === 'case' || w === 'default') {
      while (this.t[this.i] !== ':') this.i++
      this.i++
      return undefined
    }
    return this.plain()
  }
}

function nestingOf(body) {
  const n = new Nesting(body.match(/\w+|[{}();:]/g) ?? [])
  n.block(0)
  return n.max
}

function paramsOf(head) {
  const open = head.indexOf('(', head.search(/\w+\s*\(/))
  let depth = 0
  let commas = 0
  for (let i = open; i < head.length; i++) {
    if (head[i] === '(') depth++
    if (head[i] === ')' && --depth === 0) break
    if (head[i] === ',' && depth === 1) commas++
  }
  const inside = head.slice(open + 1, open + 12)
  return /^\s*(void)?\s*\)/.test(inside) ? 0 : commas + 1
}

/** Functions of a file: the house's format opens and closes them in the first column. */
function functionsOf({ path, text }) {
  const lines = bare(text).split('\n')
  const out = []
  for (let i = 0; i < lines.length; i++) {
    if (lines[i] !== '{') continue
    let start = i
    while (start > 0 && /\S/.test(lines[start - 1]) && !/[;}]\s*$/.test(lines[start - 1])) start--
    let end = i
    while (end < lines.length && lines[end] !== '}') end++
    const head = lines.slice(start, i).join(' ')
    const name = head.match(/(\w+)\s*\(/)?.[1] ?? '?'
    out.push({
      path, name, line: start + 1, length: end - start + 1, static: /\bstatic\b/.test(head),
      nesting: nestingOf(lines.slice(i, end + 1).join('\n')), params: paramsOf(head),
    })
    i = end
  }
  return out
}

const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * q)] ?? 0
const files = sources('src', /\.[ch]$/)
const code = files.filter((f) => f.path.endsWith('.c'))
const functions = code.flatMap(functionsOf)
const linesOf = (f) => f.text.split('\n').length - 1
const findings = []
const limit = (ok, text) => ok || findings.push(text)

for (const f of functions) {
  const at = `${f.path}:${f.line}: ${f.name}`
  limit(f.length <= LIMIT.length, `${at} has ${f.length} lines (${LIMIT.length})`)
  limit(f.nesting <= LIMIT.nesting, `${at} nests ${f.nesting} deep (${LIMIT.nesting})`)
  limit(f.params <= LIMIT.params || DICTATED.has(`${f.path} ${f.name}`), `${at} takes ${f.params} parameters (${LIMIT.params})`)
}
for (const f of files) {
  const max = f.path.endsWith('.h') ? LIMIT.header : LIMIT.file
  limit(linesOf(f) <= max, `${f.path} has ${linesOf(f)} lines (${max})`)
}
const length = functions.map((f) => f.length)
const measured = {
  median: quantile(length, 0.5), p95: quantile(length, 0.95), fileMedian: quantile(code.map(linesOf), 0.5),
  static: Math.floor((100 * functions.filter((f) => f.static).length) / functions.length),
}
limit(measured.median <= LIMIT.median, `median function has ${measured.median} lines (${LIMIT.median})`)
limit(measured.p95 <= LIMIT.p95, `95 % of functions have up to ${measured.p95} lines (${LIMIT.p95})`)
limit(measured.fileMedian <= LIMIT.fileMedian, `median file has ${measured.fileMedian} lines (${LIMIT.fileMedian})`)
limit(measured.static >= LIMIT.static, `${measured.static} % of functions are static (${LIMIT.static})`)

if (process.argv.includes('--list')) {
  for (const f of [...functions].sort((a, b) => b.length - a.length).slice(0, 20)) {
    console.log(`${String(f.length).padStart(4)} ${f.path}:${f.line} ${f.name}`)
  }
}
process.exit(report('metrics', findings,
  `${functions.length} functions, median ${measured.median}, p95 ${measured.p95}, longest ${Math.max(...length)}; ` +
  `${code.length} files, median ${measured.fileMedian}; static ${measured.static} %`))
