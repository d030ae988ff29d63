// Every operation × every role, from the interface document: without the permission the answer is
// 403 (401 for nobody) and never 2xx; whatever junk comes with it, the answer is a 4xx problem and
// never a 5xx.
//
//   node tests/api/matrix.mjs [--bin build/release/zhian]
import { resolve } from 'node:path'
import { Caller } from '../lib/client.mjs'
import { makeStore, serve } from '../lib/store.mjs'
import { finish, root, tell } from '../lib/run.mjs'

const at = process.argv.indexOf('--bin')
const bin = resolve(root, at < 0 ? 'build/release/zhian' : process.argv[at + 1])
const LOGINS = ['', 'sx', 'll', 'ws', 'ws.clerk', 'ws.fengcheng', 'sysadmin', 'secadmin', 'auditor', 'wsq.principal', 'wsq.officer']
const LONG = '长'.repeat(4_000)
const VALUES = [null, true, -1, 1.5, 2 ** 53, 1e300, '', 'a\u0000b', '𠮷', LONG, [], [[]], {}, { a: 1 }, "'; DROP TABLE firm; --", '2023-02-30', '9'.repeat(40)]
const RAW = ['', '{', '[]', 'null', '"x"', '{"a":'.repeat(80) + '1' + '}'.repeat(80), Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), '{"a":1}{"b":2}', '{"a":\u0000}']

function operations(doc) {
  return Object.entries(doc.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, op]) => ({ path, method: method.toUpperCase(), ...op })))
}

const fill = (path, value) => path.replace(/\{\w+\}/g, encodeURIComponent(value))
const isProblem = (r) => /problem\+json/.test(r.headers.get('content-type') ?? '') && typeof r.body?.type === 'string'
const changes = (op) => op.method !== 'GET'
// What ends the caller's own session or is there to be called by anyone.
const SPARED = new Set(['session_delete', 'session_create', 'session_end', 'seal_verify'])

async function callers(url) {
  const all = {}
  for (const login of LOGINS) {
    const c = new Caller(url, login)
    all[login] = login ? await c.signIn() : c
    const me = login ? await all[login].send('GET', '/api/v1/session') : null
    all[login].perms = new Set(me?.body.perms ?? [])
  }
  return all
}

function allowed(op, caller) {
  if (op['x-perm'] === 'none') return true
  if (op['x-perm'] === 'any') return Boolean(caller.login)
  return caller.perms.has(op['x-perm'])
}

async function permission(op, all) {
  const wrong = []
  for (const [login, caller] of Object.entries(all)) {
    if (allowed(op, caller)) continue
    const r = await caller.send(op.method, fill(op.path, '1'), changes(op) ? { body: {} } : {})
    const want = login ? 403 : 401
    if (r.status !== want) wrong.push(`${login || 'nobody'}: ${r.status} instead of ${want}`)
  }
  return wrong
}

function bodies(op) {
  const schema = op.requestBody?.content?.['application/json']?.schema
  const names = Object.keys(schema?.properties ?? {})
  const valued = VALUES.map((v) => ({ body: Object.fromEntries(names.map((n) => [n, v])) }))
  return [...valued, { body: { nonsense: 1 } }, ...RAW.map((raw) => ({ raw }))]
}

function queries(op) {
  const names = (op.parameters ?? []).filter((p) => p.in === 'query').map((p) => p.name)
  const texts = VALUES.filter((v) => typeof v !== 'object' && v !== LONG).map(String)
  return [...texts.map((t) => ({ query: Object.fromEntries(names.map((n) => [n, t])) })), { query: { nonsense: '1' } }, { query: { q: '长'.repeat(2000) } }]
}

const PATHS = ['1', '0', '-1', '999999999', '99999999999999999999', 'x', '%', '..', "'", '2026-11-02', '𠮷']

/** A request that the server may cut short when it has seen enough. */
async function ask(caller, ...request) {
  try {
    return await caller.send(...request)
  } catch (e) {
    if (e.message !== 'fetch failed') throw e
    return { cut: true }
  }
}

async function junk(op, caller) {
  const wrong = []
  const note = (what, r) => {
    if (r.cut) return // refused before the whole was read; the server's health is asked below
    const fine = r.status < 500 && (r.status < 400 || isProblem(r) || op['x-flags'].includes('file'))
    if (!fine) wrong.push(`${what}: ${r.status} ${JSON.stringify(r.body)?.slice(0, 200)}`)
  }
  for (const p of PATHS.slice(0, /\{/.test(op.path) ? PATHS.length : 1)) {
    note(`path ${p}`, await ask(caller, op.method, fill(op.path, p), changes(op) ? { body: {} } : {}))
  }
  for (const q of changes(op) ? [] : queries(op)) note(`query ${JSON.stringify(q).slice(0, 80)}`, await ask(caller, op.method, fill(op.path, '1'), q))
  for (const b of changes(op) ? bodies(op) : []) {
    note(`body ${JSON.stringify(b).slice(0, 80)}`, await ask(caller, op.method, fill(op.path, '1'), { ...b, headers: { 'If-Match': '"1"' } }))
  }
  const health = await caller.send('GET', '/healthz')
  if (health.status !== 200) wrong.push(`health: ${health.status}`)
  return wrong
}

const store = makeStore(bin)
try {
  const server = await serve(bin, store)
  const all = await callers(server.url)
  const doc = (await all[''].send('GET', '/api/v1/openapi.json')).body
  for (const op of operations(doc)) {
    const from = Date.now()
    const wrong = await permission(op, all)
    const able = Object.values(all).filter((c) => allowed(op, c))
    if (!SPARED.has(op.operationId)) for (const c of able.slice(0, 2)) wrong.push(...(await junk(op, c)))
    tell(!wrong.length, `matrix/${op.operationId}`, (Date.now() - from) / 1000, wrong.slice(0, 6).join('\n'))
  }
  const end = await server.stop()
  tell(end.code === 0, 'matrix/the server stops cleanly', undefined, JSON.stringify(end))
} finally {
  store.remove()
}
process.exitCode = finish()
