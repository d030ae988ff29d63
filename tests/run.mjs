// All tests, in the order in which a failure is cheapest to learn:
//
//   node tests/run.mjs [--quick] [NAME…]      (./dev test builds and installs what it needs first)
//
// --quick: units, web units and API cases of the release build. NAME: only tests whose stage or
// name contains it. Logs lie in build/test-logs; the last line counts test programs and case files.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { specs } from './e2e/run.mjs'
import { finish, logs, root, runCounted, runTest, runTests, tell } from './lib/run.mjs'

const args = process.argv.slice(2)
const quick = args.includes('--quick')
const names = args.filter((a) => !a.startsWith('--'))
const wanted = (name) => !names.length || names.some((n) => name.includes(n))
const CORES = Math.min(availableParallelism(), 4)

const SANITIZE = {
  asan: { ASAN_OPTIONS: 'detect_leaks=1:strict_string_checks=1', UBSAN_OPTIONS: 'print_stacktrace=1' },
  tsan: { TSAN_OPTIONS: 'second_deadlock_stack=1:history_size=4' },
}

function list(folder, pattern) {
  const dir = join(root, folder)
  return existsSync(dir) ? readdirSync(dir).filter((f) => pattern.test(f)).sort() : []
}

function unitNames() {
  return readdirSync(join(root, 'tests/unit')).flatMap((layer) =>
    list(`tests/unit/${layer}`, /^test_.*\.c$/).map((f) => `${layer}/${f.slice(0, -2)}`)
  )
}

/** make with a configuration, as a test of its own: code that does not build fails once, by name. */
function build(conf, ...targets) {
  return runTest({
    name: `build/${conf}`,
    argv: ['make', '-s', '-k', `-j${CORES}`, `CONF=${conf}`, ...targets],
    timeout: 1200,
  })
}

async function units(conf) {
  const stage = conf === 'release' ? 'unit' : `unit-${conf}`
  const tests = unitNames().map((n) => ({
    name: `${stage}/${n}`,
    argv: [`build/${conf}/tests/${n}`],
    env: SANITIZE[conf],
  }))
  const chosen = tests.filter((t) => wanted(t.name))
  if (!chosen.length) return
  await build(conf, ...chosen.map((t) => t.argv[0]))
  await runTests(chosen, CORES)
}

async function properties() {
  const tests = list('tests/prop', /^prop_.*\.c$/).map((f) => ({
    name: `prop/${f.slice(5, -2)}`,
    argv: [`build/release/prop/${f.slice(0, -2)}`],
  }))
  const chosen = tests.filter((t) => wanted(t.name))
  if (!chosen.length) return
  await build('release', ...chosen.map((t) => t.argv[0]))
  await runTests(chosen, CORES)
}

async function web() {
  const cwd = join(root, 'web')
  const tests = [
    { name: 'web/unit', argv: ['npm', 'run', '-s', 'test'], cwd },
    { name: 'web/types', argv: ['npm', 'run', '-s', 'types'], cwd },
  ]
  await runTests(tests.filter((t) => wanted(t.name)))
}

async function api(conf) {
  const stage = conf === 'release' ? 'api' : `api-${conf}`
  if (!wanted(stage)) return
  const bin = `build/${conf}/zhian`
  if (conf !== 'release' && !(await build(conf, bin))) return
  const touched = join(logs, `touched-${conf}.json`)
  const ok = await runCounted({
    name: stage,
    argv: ['node', 'tests/api/run.mjs', '--bin', bin, '--touched', touched],
    env: SANITIZE[conf],
    timeout: conf === 'release' ? 600 : 1200,
  })
  if (conf === 'release' && (ok || existsSync(touched))) untouched(touched)
}

/** The database layer on PostgreSQL. */
async function unitsOnPostgres() {
  if (!wanted('unit-pg')) return
  const binaries = ['query', 'send', 'writer'].map((n) => `build/release/tests/db/test_${n}`)
  await build('release', ...binaries)
  await runTest({ name: 'unit-pg/db', argv: ['node', 'tests/unit_pg.mjs', ...binaries] })
}

/** The same cases, the same answers on PostgreSQL. */
async function apiOnPostgres() {
  if (!wanted('api-pg')) return
  await runCounted({
    name: 'api-pg',
    argv: ['node', 'tests/api/run.mjs', '--bin', 'build/release/zhian', '--db', 'postgresql'],
    timeout: 600,
  })
}

/** Every operation as every role with every kind of junk. */
async function matrix() {
  if (!wanted('matrix')) return
  await runCounted({ name: 'matrix', argv: ['node', 'tests/api/matrix.mjs', '--bin', 'build/release/zhian'] })
}

function templateOf(path) {
  return new RegExp(`^${path.replace(/[.+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`)
}

/** Every operation is called by at least one case; a literal path wins over one with a variable. */
function untouched(file) {
  const paths = JSON.parse(readFileSync(join(root, 'web/openapi.json'), 'utf8')).paths
  const rows = Object.entries(paths).flatMap(([path, ops]) =>
    Object.keys(ops).map((m) => ({ method: m.toUpperCase(), path, re: templateOf(path) }))
  )
  rows.sort((a, b) => a.path.split('{').length - b.path.split('{').length)
  const seen = new Set()
  for (const call of JSON.parse(readFileSync(file, 'utf8'))) {
    const [method, path] = call.split(' ')
    seen.add(rows.find((r) => r.method === method && r.re.test(path.split('?')[0])))
  }
  const missing = rows.filter((r) => !seen.has(r)).map((r) => `${r.method} ${r.path}`)
  tell(missing.length === 0, `api/every-operation (${rows.length - missing.length} of ${rows.length})`, undefined,
    `no case touches:\n${missing.join('\n')}`)
}

/** Programs that stand beside the build: folders of *.mjs and *.sh, each one test. */
async function scripts(folder, timeout) {
  const tests = list(`tests/${folder}`, /\.(mjs|sh)$/)
    .filter((f) => !/(lib|fixture|util)\.mjs$/.test(f))
    .map((f) => ({
      name: `${folder}/${f.replace(/\.\w+$/, '')}`,
      argv: [f.endsWith('.sh') ? 'sh' : 'node', join('tests', folder, f)],
      timeout,
    }))
  await runTests(tests.filter((t) => wanted(t.name)))
}

async function replay() {
  const tests = list('fuzz', /^fuzz_.*\.c$/).map((f) => {
    const name = f.slice(5, -2)
    return {
      name: `replay/${name}`,
      argv: [`build/asan/replay/fuzz_${name}`, `fuzz/corpus/${name}`],
      env: SANITIZE.asan,
    }
  })
  const chosen = tests.filter((t) => wanted(t.name))
  if (!chosen.length) return
  await build('asan', ...chosen.map((t) => t.argv[0]))
  await runTests(chosen, CORES)
}

const STAGES = [
  [units, 'release'],
  [properties],
  [scripts, 'prop', 300],
  [web],
  [api, 'release'],
  [unitsOnPostgres],
  [apiOnPostgres],
  ...(quick
    ? []
    : [
        [matrix],
        [scripts, 'cli', 600],
        [scripts, 'torture', 900],
        [async () => runTests(specs().filter((s) => wanted(s.name)))],
        [units, 'asan'],
        [replay],
        [api, 'asan'],
        [api, 'tsan'],
      ]),
]

rmSync(logs, { recursive: true, force: true })
mkdirSync(logs, { recursive: true })
for (const [stage, ...rest] of STAGES) await stage(...rest)
process.exit(finish())
