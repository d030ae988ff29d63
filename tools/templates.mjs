// The shipped definitions are readable: every JSON of data/ parses, every template says what it is
// (id, version), every CSV has as many cells in each row as in its head.
import { report, sources } from './clib.mjs'

const findings = []

function checkTemplate(path, doc) {
  const id = doc.id ?? doc.template ?? doc.name
  if (typeof id !== 'string') findings.push(`${path}: no id`)
}

function cells(line) {
  return line.replace(/"(?:[^"]|"")*"/g, 'x').split(',').length
}

const files = sources('data', /\.(json|csv)$/)
for (const { path, text } of files) {
  if (path.endsWith('.json')) {
    try {
      const doc = JSON.parse(text)
      if (path.startsWith('data/templates/')) checkTemplate(path, doc)
    } catch (e) {
      findings.push(`${path}: ${e.message}`)
    }
    continue
  }
  const lines = text.trimEnd().split(/\r?\n/).filter((l) => !l.startsWith('#'))
  const want = cells(lines[0])
  lines.forEach((l, n) => cells(l) === want || findings.push(`${path}:${n + 1}: ${cells(l)} cells, the head has ${want}`))
}
process.exit(report('definitions', findings, `${files.length} files`))
