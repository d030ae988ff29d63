// Runs the benches and keeps what they measured: node bench/run.mjs [NAME…] (./dev bench).
//
// A bench is a program bench/NAME.mjs that prints one JSON object a line: {name, bar, good, …} with
// the figure as `ratio` (to a ceiling measured in the same run) or as `value` with `unit`. C programs
// bench/bench_*.c are built first. Results go to bench/results/DATE-COMMIT.json.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const here = join(root, 'bench')
const LIBRARY = /(^run|[-.](lib|util))\.mjs$/

function build() {
  const programs = readdirSync(here).filter((f) => /^bench_.*\.c$/.test(f))
  const targets = programs.map((f) => `build/release/bench/${f.slice(0, -2)}`)
  execFileSync('make', ['-s', '-j2', 'CONF=release', ...targets], { cwd: root, stdio: 'inherit' })
}

/** The JSON objects a bench prints; its other lines pass through. */
function runBench(file) {
  return new Promise((done) => {
    const results = []
    let rest = ''
    const p = spawn('node', [join(here, file)], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    const take = (line) => {
      if (line.startsWith('{')) results.push(JSON.parse(line))
      else if (line) console.log(`  ${line}`)
    }
    p.stdout.on('data', (d) => {
      const lines = (rest + d).split('\n')
      rest = lines.pop()
      lines.forEach(take)
    })
    p.on('close', (code) => {
      take(rest)
      if (code) results.push({ name: file.replace('.mjs', ''), good: false, error: `ended with ${code}` })
      done(results)
    })
  })
}

const number = (v) => typeof v === 'string' ? v : (typeof v === 'number' ? (Math.abs(v) >= 100 ? Math.round(v).toLocaleString('en') : String(+v.toPrecision(3))) : '–')

function show(r) {
  const figure = r.error ?? (r.value !== undefined ? `${number(r.value)} ${r.unit ?? ''}` : `× ${number(r.ratio)} of the ceiling`)
  const bar = r.bar === undefined ? '' : `bar ${number(r.bar)}`
  console.log(`${r.good === false ? 'MISS' : 'ok  '} ${String(r.name).padEnd(28)} ${figure.padEnd(28)} ${bar}`)
}

function machine() {
  const cpu = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown'
  return { cpu, cores: availableParallelism(), memory_mib: Math.round(totalmem() / 1048576) }
}

const names = process.argv.slice(2)
const files = readdirSync(here)
  .filter((f) => f.endsWith('.mjs') && !LIBRARY.test(f))
  .filter((f) => !names.length || names.some((n) => f.includes(n)))
  .sort()

build()
const results = []
for (const f of files) {
  console.log(f.replace('.mjs', ''))
  const found = await runBench(f)
  found.forEach(show)
  results.push(...found)
}
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
const at = new Date().toISOString()
const out = join(here, 'results', `${at.slice(0, 10)}-${commit}.json`)
const before = existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')).results : []
const kept = before.filter((b) => !results.some((r) => r.name === b.name))
mkdirSync(dirname(out), { recursive: true })
writeFileSync(out, `${JSON.stringify({ at, commit, machine: machine(), results: [...kept, ...results] }, null, 1)}\n`)
const missed = results.filter((r) => r.good === false).length
console.log(`\n${out.slice(root.length + 1)}\n${results.length - missed} reached, ${missed} missed`)
process.exit(missed ? 1 : 0)
