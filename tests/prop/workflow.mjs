// The entry workflow against its definition: a random walk of many accounts over many firms takes
// exactly the transitions that data/templates/workflow_firm.json draws, and whatever is refused
// changes nothing. The definitions themselves: every state can be reached and known.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../lib/run.mjs'
import { Caller } from '../lib/client.mjs'
import { NOW, makeStore, serve } from '../lib/store.mjs'

const bin = process.env.ZHIAN_BIN ?? join(root, 'build/release/zhian')
const STEPS = 900
const LEVELS = ['', '省', '市', '县', '所']
const ACCOUNTS = ['sx', 'll', 'ws', 'ws.clerk', 'ws.fengcheng', 'ws.fengcheng', 'jc', 'wsq.officer', 'sysadmin']

let seed = 20261102
const random = (n) => {
  seed = (seed * 1103515245 + 12345) % 2147483648
  return Math.floor((seed / 2147483648) * n)
}
const pick = (list) => list[random(list.length)]

const templates = join(root, 'data/templates')
const load = (f) => JSON.parse(readFileSync(join(templates, f), 'utf8')).body

/** From the first state every state can be reached, but those another procedure sets ("by"); every
 * transition starts and ends in one. */
function checkDefinition(file) {
  const flow = load(file)
  const known = new Set(flow.states.map((s) => s.code))
  const reached = new Set([flow.initial])
  for (const t of flow.transitions) {
    for (const s of [...t.from, t.to]) assert.ok(known.has(s), `${file}: ${t.code} names the unknown state ${s}`)
  }
  for (let before = 0; before !== reached.size;) {
    before = reached.size
    for (const t of flow.transitions) if (t.from.some((s) => reached.has(s))) reached.add(t.to)
  }
  for (const { code: s, by } of flow.states) assert.ok(by || reached.has(s), `${file}: ${s} cannot be reached`)
  console.log(`${file}: ${known.size} states, ${flow.transitions.length} transitions`)
}

for (const f of readdirSync(templates).filter((n) => n.startsWith('workflow_'))) checkDefinition(f)

const flow = load('workflow_firm.json')
const ACTIONS = [...flow.transitions.map((t) => t.code), 'destroy']
const store = makeStore(bin)
execFileSync(bin, ['import', 'ledger', join(root, 'tests/samples/ledger_production_wenshui.xlsx'), '--data', store.dir,
  '--kind', 'production', '--org', '141121'], { env: { ...process.env, ZHIAN_NOW: NOW }, stdio: 'ignore' })
const server = await serve(bin, store)

/** What the definition says about an actor's step: the statuses that may answer it. */
function verdict(actor, firm, action) {
  if (!actor.session.org) return { may: false, statuses: [403, 404] }
  if (!actor.sees(firm)) return { may: false, statuses: [404] }
  const t = flow.transitions.find((x) => x.code === action)
  if (!t) return { may: false, statuses: [404, 422, 403] }
  const levels = t.levels_from?.[firm.state] ?? t.levels
  const bad = []
  if (!t.from.includes(firm.state)) bad.push(409)
  if (!actor.session.perms.includes(t.perm) || !levels.includes(LEVELS[actor.session.level])) bad.push(403)
  return bad.length ? { may: false, statuses: bad } : { may: true, to: t.to, statuses: [200, 403, 422] }
}

const BODY = {
  review: { opinion: '到场核对，情况属实', paper_match: true },
  return: { reason: '资料不全', opinion: '请补' },
  admit: { opinion: '同意入库', uscc_reason: '早期代码', paper_note: '已核' },
}

async function stateOf(firm) {
  const r = await judge.caller.send('GET', `/api/v1/firms/${firm.id}`)
  assert.equal(r.status, 200)
  return r.body
}

async function step(actor, firm, action, taken) {
  const before = await stateOf(firm)
  firm.state = before.state ?? before.record.state
  const v = verdict(actor, firm, action)
  const r = await actor.caller.send('POST', `/api/v1/firms/${firm.id}/steps/${action}`, {
    headers: { 'If-Match': `"${before.version}"` },
    body: BODY[action] ?? {},
  })
  const what = `${actor.caller.login} ${action} of a firm in ${firm.state}: ${r.status}`
  assert.ok(v.statuses.includes(r.status), `${what}, expected ${v.statuses}: ${JSON.stringify(r.body).slice(0, 300)}`)
  const after = await stateOf(firm)
  const state = after.state ?? after.record.state
  if (r.status === 200) {
    assert.equal(state, v.to, what)
    taken.set(action, (taken.get(action) ?? 0) + 1)
  } else {
    assert.equal(state, firm.state, `${what}, and yet it moved`)
    assert.equal(after.version, before.version, `${what}, and yet something was written`)
  }
  return r.status
}

async function actorOf(login, firms) {
  const caller = await new Caller(server.url, login).signIn()
  const session = (await caller.send('GET', '/api/v1/session')).body
  const seen = new Set()
  for (const f of firms) {
    if ((await caller.send('GET', `/api/v1/firms/${f.id}`)).status === 200) seen.add(f.id)
  }
  return { caller, session, sees: (f) => seen.has(f.id) }
}

let judge
try {
  judge = await actorOf('sx', [])
  const firms = []
  for (const q of [{ q: '文水' }, { state: 'draft' }, { state: 'reviewed' }, { state: 'returned' }]) {
    const r = await judge.caller.send('GET', '/api/v1/firms', { query: { ...q, limit: '200', columns: 'state,town_name' } })
    const rows = r.body.items.filter((i) => !q.q || (i.state === 'submitted' && i.town_name === '凤城镇'))
    firms.push(...rows.slice(0, q.q || q.state === 'draft' ? 8 : 2).map((i) => ({ id: i.id })))
  }
  const actors = []
  for (const login of ACCOUNTS) actors.push(await actorOf(login, firms))
  const station = actors[ACCOUNTS.indexOf('ws.fengcheng')]
  assert.ok(firms.filter((f) => station.sees(f)).length >= 5, 'the station has firms to review')
  const taken = new Map()
  const answers = {}
  for (let i = 0; i < STEPS; i++) {
    const status = await step(pick(actors), pick(firms), pick(ACTIONS), taken)
    answers[status] = (answers[status] ?? 0) + 1
  }
  console.log(`transitions taken: ${JSON.stringify([...taken])}; answers: ${JSON.stringify(answers)}`)
  for (const t of flow.transitions) assert.ok(taken.has(t.code), `the walk takes ${t.code}`)
} finally {
  await server.stop()
  store.remove()
}
