// Runs the API cases: data files against a demonstration store, each on a fresh copy.
//
//   node tests/api/run.mjs [--bin build/release/zhian] [--db postgresql] [--touched OUT.json]
//                          [FILE.json…]
//
// A case is {"name", "steps": […]}; tests/api/README.md tells what a step may say.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { Caller } from '../lib/client.mjs'
import { differences, substitute, valueAt } from '../lib/match.mjs'
import { copyStore, makeStore, serve } from '../lib/store.mjs'
import { startCluster } from '../lib/postgres.mjs'
import { finish, root, tell } from '../lib/run.mjs'

const args = process.argv.slice(2)
function option(name, fallback) {
  const i = args.indexOf(`--${name}`)
  return i < 0 ? fallback : args.splice(i, 2)[1]
}
const bin = resolve(root, option('bin', 'build/release/zhian'))
const onPostgres = option('db', '') === 'postgresql'
const touchedOut = option('touched', '')
const here = join(root, 'tests/api')
const files = args.length
  ? args.map((a) => resolve(a))
  : readdirSync(here).filter((f) => f.endsWith('.json')).sort().map((f) => join(here, f))

const touched = new Set()

async function callerOf(run, login) {
  const name = login ?? ''
  if (!run.callers.has(name)) {
    const c = new Caller(run.url, name)
    run.callers.set(name, name ? await c.signIn() : c)
  }
  return run.callers.get(name)
}

function requestOf(step) {
  const { query, headers, body, raw, file } = step
  const request = { query, headers, body, raw }
  if (file) {
    const bytes = file.text !== undefined ? Buffer.from(file.text) : readFileSync(resolve(here, file.path))
    request.file = { name: file.name ?? basename(file.path ?? 'file'), bytes }
  }
  return request
}

function headerFaults(got, want = {}) {
  return Object.entries(want).flatMap(([k, v]) =>
    differences(got.get(k) ?? undefined, v, `header ${k}`)
  )
}

function faultsOf(answer, expect) {
  const bad = []
  const statuses = [expect.status ?? 200].flat()
  if (!statuses.includes(answer.status)) bad.push(`status ${answer.status}, expected ${statuses}`)
  if (expect.json !== undefined) bad.push(...differences(answer.body, expect.json))
  for (const path of expect.absent ?? []) {
    if (valueAt(answer.body, path) !== undefined) bad.push(`${path} should be absent`)
  }
  const all = () => (Buffer.isBuffer(answer.body) ? answer.body.toString() : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? ''))
  for (const text of expect.without ?? []) if (all().includes(text)) bad.push(`the answer tells "${text}"`)
  for (const text of expect.with ?? []) if (!all().includes(text)) bad.push(`the answer lacks "${text}"`)
  return [...bad, ...headerFaults(answer.headers, expect.headers)]
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

/** One step; repeated until it holds where it says so ("wait": seconds). */
async function doStep(run, rawStep) {
  const step = substitute(rawStep, run.vars)
  const [method, path] = step.op.split(' ')
  const caller = await callerOf(run, step.as)
  const last = Date.now() + (step.wait ?? 0) * 1000
  let answer, bad
  do {
    answer = await caller.send(method, path, requestOf(step))
    touched.add(`${method} ${path}`)
    bad = faultsOf(answer, step.expect ?? {})
    if (bad.length && Date.now() < last) await sleep(200)
  } while (bad.length && Date.now() < last)
  if (bad.length) {
    throw new Error(`${step.op} as ${step.as ?? 'nobody'}: ${bad.join('\n  ')}\n  answer: ${JSON.stringify(answer.body)?.slice(0, 600)}`)
  }
  for (const [name, at] of Object.entries(step.save ?? {})) run.vars[name] = savedValue(answer, at)
}

function savedValue(answer, at) {
  const header = at.match(/^header:(.+)$/)
  const value = header ? answer.headers.get(header[1]) : valueAt(answer.body, at)
  if (value === undefined || value === null) throw new Error(`the answer has no ${at} to save`)
  return value
}

async function runSteps(run, steps) {
  for (const [i, step] of steps.entries()) {
    try {
      await doStep(run, step)
    } catch (e) {
      throw new Error(`step ${i + 1}${step.name ? ` (${step.name})` : ''}: ${e.message}`)
    }
  }
}

/** The server must end well: leaks, races and undefined behaviour found on the way count here. */
function endFaults(how, log) {
  if (how.code === 0) return ''
  return `the server ended with ${how.signal ?? how.code}:\n${log.split('\n').slice(-60).join('\n')}`
}

async function runCase(base, path) {
  const data = JSON.parse(readFileSync(path, 'utf8'))
  const store = copyStore(base)
  const from = Date.now()
  let server
  let why = ''
  try {
    server = await serve(bin, store)
    await runSteps({ url: server.url, callers: new Map(), vars: { ...data.vars } }, data.steps)
  } catch (e) {
    why = e.cause ? `${e.message}: ${e.cause}` : e.message
  } finally {
    if (server) why = [why, endFaults(await server.stop(), server.log())].filter(Boolean).join('\n')
    store.remove()
  }
  tell(!why, `${onPostgres ? 'api-pg' : 'api'}/${basename(path, '.json')}: ${data.name}`, (Date.now() - from) / 1000, why)
}

const cluster = onPostgres ? await startCluster() : undefined
const base = makeStore(bin, cluster)
try {
  for (const f of files) await runCase(base, f)
} finally {
  base.remove()
  await cluster?.stop()
}
if (touchedOut) writeFileSync(touchedOut, JSON.stringify([...touched].sort(), null, 1))
process.exit(finish())
