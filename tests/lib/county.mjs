// A county of its own: a test store of number 0 with made-up firms of one area, people with passwords, and
// one firm with everything that can hang on a firm. And what people read of it, without ids, by credit code.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bin, zhian } from './cli.mjs'
import { Caller } from './client.mjs'
import { root } from './run.mjs'
import { serve } from './store.mjs'

export const WORD = 'Bamboo&Moon-7412'
const TODAY = '2026-11-02'
const picture = readFileSync(join(root, 'tests/api/picture.png'))
const photo = readFileSync(join(root, 'tests/api/photo.png'))

export function ok(args, how) {
  const r = zhian(args, how)
  assert.equal(r.code, 0, `zhian ${args.join(' ')}: ${r.code}\n${r.err}${r.out}`)
  return r
}

/** Sends and wants an answer below 300. */
export async function ask(who, method, path, how) {
  const r = await who.send(method, path, how)
  assert.ok(r.status < 300, `${who.login} ${method} ${path}: ${r.status} ${JSON.stringify(r.body)}`)
  return r.body
}

/** An account of an authority with a password of its own. */
export async function staff(store, login, role, area, name = '岑县员') {
  const out = ok(['user', 'add', login, ...store.args, '--name', name, '--role', role, '--org', area]).out
  const once = out.match(/一次性密码 (\S+?)（/)[1]
  return async (server) => {
    const who = await new Caller(server.url, login).signIn(once)
    await ask(who, 'POST', '/api/v1/session/password', { body: { old_password: once, new_password: WORD } })
    return new Caller(server.url, login).signIn(WORD)
  }
}

async function fillFirm(server, manager, firm, users) {
  const people = `/api/v1/firms/${firm.id}/people`
  const officer = new Caller(server.url, users.officer)
  await ask(manager, 'POST', people, { body: { post: 'officer', name: '温如玉', phone: users.phone, id_no: '11010519491231002x', full_time: true } })
  await ask(manager, 'POST', people, { body: { post: 'director', name: '禾总监', phone: '13900000001', doc_no: '任〔2026〕1号' } })
  const invite = await ask(manager, 'POST', `/api/v1/firms/${firm.id}/invites`, { body: { post: 'officer', person: '温如玉', phone: users.phone } })
  await ask(manager, 'POST', `/api/v1/firms/${firm.id}/invites`, { body: { post: 'director', person: '禾总监' } })
  await ask(officer, 'POST', '/api/v1/invites/redeem', { body: { code: invite.code, login: users.officer, password: WORD } })
  await officer.signIn(WORD)
  const list = await ask(officer, 'POST', `/api/v1/firms/${firm.id}/risklist`, { body: { template: 'daily_cement', areas: [{ name: '原料库', items: [
    { code: '1', text: `${users.officer} 有验收记录`, key: true }, { code: '2', text: '库房不漏雨 🧱' }] }] } })
  const daily = (day, body) => ask(officer, 'POST', `/api/v1/firms/${firm.id}/daily/${day}`, { body: { risklist: list.id, ...body } })
  const fine = [{ code: '1', result: 'normal' }, { code: '2', result: 'na' }]
  const first = await daily(TODAY, { key: 'k1', answers: fine })
  const again = await daily(TODAY, { key: 'k2', correct: true, reason: '漏记了一项', answers: [{ code: '1', result: 'problem' }, { code: '2', result: 'na' }],
    problems: [{ code: '1', what: '缺一车验收记录', measure: '停用这一车', severity: '较大', fixer: '仓库 老赵' }] })
  assert.equal(again.version, 2)
  const file = (bytes, query) => ask(officer, 'POST', `/api/v1/firms/${firm.id}/attachments`, { query, file: { name: '照片.png', bytes } })
  await file(photo, { purpose: 'photo', owner_kind: 'hazard', owner: String(again.hazards[0]) })
  await file(picture, { purpose: 'photo', owner_kind: 'daily', owner: String(first.id) })
  const hazard = `/api/v1/hazards/${again.hazards[0]}/steps/fix`
  await ask(officer, 'POST', hazard, { headers: { 'If-Match': '"1"' }, body: { text: '补了记录' } })
}

async function fillCounty(server, manager, users) {
  const admitted = await ask(manager, 'GET', '/api/v1/firms', { query: { state: 'admitted', abnormal: '00', kind: 'producer', limit: '5' } })
  const [firm, stopped, graded] = admitted.items
  await fillFirm(server, manager, firm, users)
  await ask(manager, 'POST', `/api/v1/firms/${firm.id}/attachments`, { query: { purpose: 'licence' }, file: { name: '营业执照.png', bytes: picture } })
  await ask(manager, 'POST', `/api/v1/firms/${stopped.id}/suspensions`, { body: { from_day: TODAY, reason: '检修' } })
  const view = await manager.send('GET', `/api/v1/firms/${graded.id}`)
  await ask(manager, 'PATCH', `/api/v1/firms/${graded.id}`, { headers: { 'If-Match': view.headers.get('etag') },
    body: { supervisor: '岑监管', supervisor_phone: '13800001111', remark: `改过 ${users.officer}` } })
  await ask(manager, 'POST', `/api/v1/firms/${graded.id}/grade-changes`, { body: { to_grade: 'A', reason_code: 'local', reason: '结合地方实际', expires: '2027-06-30' } })
  await ask(manager, 'POST', '/api/v1/views', { body: { list: 'firms', name: `视图 ${users.officer}`, shared: true, spec: { filters: { kind: 'producer' }, sort: 'name' } } })
  return { firm: firm.uscc, stopped: stopped.uscc, graded: graded.uscc }
}

/** A county's store: {args, dir, area, manager, users, special}. manager and officer sign in with WORD. */
export async function makeCounty(dir, { area, firms = 60, days = 5, seed = '1', manager, officer, phone = '13835812345' }) {
  const store = { args: ['--data', dir], dir, area, manager, officer }
  ok(['init', ...store.args, '--test'])
  ok(['generate', ...store.args, '--firms', String(firms), '--days', String(days), '--org', area, '--seed', seed])
  ok(['user', 'add', 'sysadmin', ...store.args, '--name', '县系统管理员', '--role', 'sysadmin'])
  const first = await staff(store, manager, 'manager', area)
  const server = await serve(bin, store)
  try {
    store.special = await fillCounty(server, await first(server), { officer, phone })
  } finally {
    await server.stop()
  }
  return store
}

/* --- what people read ------------------------------------------------------------------------- */

const IDS = new Set(['id', 'firm', 'org', 'risklist', 'number', 'source_ref', 'owner', 'product_id', 'hazards', 'invite', 'sup_org', 'grade_override',
  'created_by', 'by_account', 'actor', 'ref', 'jseq', 'account', 'org_path', 'p2', 'p3', 'proposed_by', 'decided_by', 'next', 'template_version'])

/** What a history says of where an entry comes from, without what a merge adds to it. */
const came = (via) => (typeof via === 'string' ? via.replace(/(；|^)原库存证 \d+$/, '') || null : via)

/** Without ids; whether there is one is still said. */
export function bare(v) {
  if (Array.isArray(v)) return v.map(bare)
  if (v === null || typeof v !== 'object') return v
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, IDS.has(k) ? x !== null && x !== undefined : k === 'via' ? came(x) : bare(x)]))
}

/** Every page of a list. */
export async function all(who, path, query = {}) {
  const items = []
  for (let cursor = ''; ;) {
    const page = await ask(who, 'GET', path, { query: { limit: '200', ...query, ...(cursor ? { cursor } : {}) } })
    items.push(...page.items)
    cursor = page.next
    if (!cursor) return items
  }
}

const text = (x) => JSON.stringify(x)
const sorted = (list) => [...list].sort((x, y) => (text(x) < text(y) ? -1 : 1))

/** What hangs on one firm. */
async function firmContent(who, id, days) {
  const at = `/api/v1/firms/${id}`
  const out = { record: bare(await ask(who, 'GET', at)) }
  out.people = sorted(bare((await ask(who, 'GET', `${at}/people`)).items).map((p) => ({ ...p, invite: undefined })))
  out.stops = bare((await ask(who, 'GET', `${at}/suspensions`)).items)
  const list = await who.send('GET', `${at}/risklist`)
  out.risklist = list.status === 200 ? bare(list.body) : list.status
  for (const day of days) {
    const r = await who.send('GET', `${at}/daily/${day}`)
    out[day] = r.status === 200 ? bare(r.body) : r.status
  }
  out.files = []
  for (const f of (await ask(who, 'GET', `${at}/attachments`)).items) {
    const bytes = await ask(who, 'GET', `/api/v1/attachments/${f.id}`)
    out.files.push(JSON.stringify([bare(f), createHash('sha256').update(bytes).digest('hex')]))
  }
  out.files.sort()
  return out
}

/** All that the account reads: every firm by code, hazards, board, counts. whole: with what hangs on each firm. */
export async function contents(who, days, whole = () => true) {
  const out = { firms: {}, content: {}, hazards: [], board: {} }
  for (const f of await all(who, '/api/v1/firms')) {
    out.firms[f.uscc] = bare(f)
    if (whole(f)) out.content[f.uscc] = await firmContent(who, f.id, days)
  }
  for (const h of await all(who, '/api/v1/hazards')) out.hazards.push([bare(h), bare(await ask(who, 'GET', `/api/v1/hazards/${h.id}`))])
  out.hazards = sorted(out.hazards)
  for (const day of days) out.board[day] = bare(await ask(who, 'GET', '/api/v1/board', { query: { day } }))
  out.counts = bare(await ask(who, 'GET', '/api/v1/firms/count'))
  return out
}
