// Proves the layers: every #include of src/ is one that tools/layers.def allows.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { report, root, sources, withoutComments } from './clib.mjs'

function readRules() {
  const rules = { layers: [], may: {}, arrows: {}, also: {}, vendors: [] }
  const add = {
    layer: ([name]) => rules.layers.push(name),
    may: ([name, ...below]) => (rules.may[name] = below),
    arrow: ([name, ...others]) => (rules.arrows[name] = others),
    public: ([name, ...headers]) => (rules.also[name] = headers),
    vendor: ([header, ...files]) => rules.vendors.push({ header, files }),
  }
  for (const line of readFileSync(join(root, 'tools/layers.def'), 'utf8').split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/)
    if (word && !word.startsWith('#')) add[word](rest)
  }
  return rules
}

const rules = readRules()
const findings = []

/** Circles in a graph {node: [below]}: each as a line. */
function circles(graph, what) {
  const state = {}
  const visit = (n, trail) => {
    if (state[n] === 'done') return
    if (state[n] === 'open') return void findings.push(`${what}: circle ${[...trail, n].join(' → ')}`)
    state[n] = 'open'
    for (const m of graph[n] ?? []) visit(m, [...trail, n])
    state[n] = 'done'
  }
  for (const n of Object.keys(graph)) visit(n, [])
}

const matches = (path, glob) =>
  new RegExp(`^${glob.replace(/[.+]/g, '\\$&').replace(/\*/g, '[^/]*')}$`).test(path)

const layerOf = (path) => path.match(/^src\/(\w+)\//)?.[1]
const featureOf = (path) => path.match(/^src\/feature\/(\w+)\//)?.[1]

function checkVendor(path, header) {
  for (const v of rules.vendors) {
    const hit = v.header.endsWith('/') ? header.startsWith(v.header) : header === v.header
    if (hit && !v.files.some((f) => matches(path, f))) return `vendor header <${header}> stays in ${v.files.join(', ')}`
  }
  return ''
}

function checkFeature(path, header) {
  const from = featureOf(path)
  const [, other, name] = header.match(/^feature\/(\w+)\/(.+)$/) ?? []
  if (!other || other === from) return ''
  if (from && !(rules.arrows[from] ?? []).includes(other)) return `no arrow ${from} → ${other}`
  const open = [`${other}.h`, 'ops.def', ...(rules.also[other] ?? [])]
  return open.includes(name) ? '' : `${header} is private to ${other}`
}

function checkLayer(path, header) {
  const from = layerOf(path)
  const [, to] = header.match(/^(\w+)\//) ?? []
  if (!to || !from || to === from || !rules.layers.includes(to)) return ''
  return rules.may[from].includes(to) ? '' : `${from} may not include ${to}`
}

/** main.c is the door alone; generated headers (sql/…) belong to db. */
function checkInclude(path, header, system) {
  if (system) return checkVendor(path, header)
  if (path === 'src/main.c' && !header.startsWith('cli/')) return 'main.c only hands over to cli'
  return checkLayer(path, header) || checkFeature(path, header)
}

circles(rules.may, 'layers')
circles(rules.arrows, 'features')
let count = 0
for (const { path, text } of sources('src', /\.(c|h|def)$/)) {
  withoutComments(text).split('\n').forEach((line, n) => {
    const m = line.match(/^\s*#\s*include\s+([<"])([^>"]+)[>"]/)
    if (!m) return
    count++
    const bad = checkInclude(path, m[2], m[1] === '<')
    if (bad) findings.push(`${path}:${n + 1}: ${bad}`)
  })
}
process.exit(report('layers', findings, `${count} includes`))
