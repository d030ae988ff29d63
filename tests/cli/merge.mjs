// Two counties that both call themselves number 0, with the same ids for different things, taken over into a
// province: on SQLite and on PostgreSQL. Everything is there with the same content; counters equal what can be
// listed; scope holds; what collides is told or refused; what is cut off leaves nothing.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bin, zhian } from '../lib/cli.mjs'
import { Caller } from '../lib/client.mjs'
import { WORD, all, ask, contents, makeCounty, ok, staff } from '../lib/county.mjs'
import { startCluster } from '../lib/postgres.mjs'
import { root } from '../lib/run.mjs'
import { NOW, makeStore, serve } from '../lib/store.mjs'

const dir = mkdtempSync(join(tmpdir(), 'zhian-merge-'))
const cluster = await startCluster()
const sqlite = (d) => `sqlite:${join(d, 'zhian.db')}`
const DAYS = ['2026-10-29', '2026-10-30', '2026-10-31', '2026-11-01', '2026-11-02']
const CHINESE = /[\u4e00-\u9fff]/
let databases = 0

function refused(code, args) {
  const r = zhian(args)
  assert.equal(r.code, code, `zhian ${args.join(' ')}: ${r.code}\n${r.err}${r.out}`)
  assert.match(r.err, CHINESE)
  return r
}

/** An empty province: {args, to}. */
function province(name, pg = false) {
  const d = join(dir, name)
  const uri = pg ? cluster.uri(`p${++databases}`) : sqlite(d)
  if (pg) cluster.create(`p${databases}`)
  const args = ['--data', d, ...(pg ? ['--db', uri] : [])]
  ok(['init', ...args, '--test'])
  return { dir: d, args, to: ['--to', uri, '--to-data', d] }
}

const from = (county) => ['--from', sqlite(county.dir), '--data', county.dir]
const merge = (county, target, ...more) => ['merge', ...from(county), ...target.to, ...more]
const copy = (county, name) => {
  const d = join(dir, name)
  execFileSync('cp', ['-a', county.dir, d])
  return { ...county, dir: d, args: ['--data', d] }
}

/** Every byte that a store consists of, to prove that nothing was written. */
const bytes = (d) => readdirSync(d, { recursive: true, withFileTypes: true }).filter((f) => f.isFile() && !/-(wal|shm)$/.test(f.name))
  .map((f) => [f.name, readFileSync(join(f.parentPath ?? f.path, f.name), 'base64')]).sort()
const proof = (store) => JSON.parse(ok(['verify', ...store.args, '--json']).out)

async function served(store, fn) {
  const server = await serve(bin, store)
  try {
    return await fn(server)
  } finally {
    await server.stop()
  }
}

const sign = (server, login) => new Caller(server.url, login).signIn(WORD)
const special = (county) => (f) => Object.values(county.special).includes(f.uscc)
const read = (store, county, login = county.manager) =>
  served(store, async (server) => contents(await sign(server, login), DAYS, special(county)))

/** Every number of the board against the firms that can be listed behind it, which the lists judge from the records. */
async function recount(server, login, areas) {
  const who = await sign(server, login)
  const orgs = (await ask(who, 'GET', '/api/v1/board', { query: { day: DAYS[0] } })).items
  let seen = 0
  for (const day of DAYS) {
    for (const org of [undefined, ...orgs.filter((o) => o.due).map((o) => o.org)]) {
      const query = { day, ...(org ? { org: String(org) } : {}) }
      const total = (await ask(who, 'GET', '/api/v1/board', { query })).total[0]
      for (const status of ['due', 'done', 'zero', 'problem', 'late', 'missing', 'excused']) {
        const listed = (await all(who, '/api/v1/board/firms', { ...query, status })).length
        assert.equal(listed, total[status], `${areas} ${day} ${org} ${status}`)
        seen += listed
      }
    }
  }
  assert.ok(seen > 200, 'there was something to count')
  const count = (await ask(who, 'GET', '/api/v1/firms/count')).items
  const firms = await all(who, '/api/v1/firms')
  assert.equal(count.reduce((n, r) => n + r.total, 0), firms.length)
  assert.equal(count.reduce((n, r) => n + r.admitted, 0), firms.filter((f) => f.state === 'admitted').length)
}

/** Both counties in a province: everything, for the right people only. */
async function bothAre(target, a, b, wanted, login) {
  await served(target, async (server) => {
    for (const county of [a, b]) {
      const own = await sign(server, county.manager)
      assert.deepEqual(await contents(own, DAYS, special(county)), wanted.get(county), county.area)
      const other = county === a ? b : a
      const seen = await all(own, '/api/v1/firms')
      assert.ok(seen.length === 60 && seen.every((f) => f.uscc.slice(2, 8) === county.area), 'its own firms and no other')
      const foreign = await all(await sign(server, login), '/api/v1/firms', { q: Object.values(other.special)[0] })
      assert.equal(foreign.length, 1, 'the province finds it by its code')
      assert.equal((await own.send('GET', `/api/v1/firms/${foreign[0].id}`)).status, 404)
      const officer = await sign(server, county.officer === b.officer && a.officer === b.officer ? `x.${b.officer}` : county.officer)
      const mine = await ask(officer, 'GET', '/api/v1/own-firm')
      assert.equal(mine.record.uscc, county.special.firm)
    }
    await recount(server, login, `${a.area} ${b.area}`)
  })
}

const a = await makeCounty(join(dir, 'a'), { area: '141121', seed: '1', manager: 'ws.mgr', officer: 'ws.wen' })
const b = await makeCounty(join(dir, 'b'), { area: '141122', seed: '2', manager: 'jc.mgr', officer: 'jc.wen', phone: '13700009999' })
const wanted = new Map([[a, await read(a, a)], [b, await read(b, b)]])

const tests = {
  'the counties have the same ids for different things'() {
    const ids = (c) => ok(['list', 'firms', ...c.args, '--limit', '100', '--json']).out.trim().split('\n').map((l) => JSON.parse(l))
    const [x, y] = [ids(a), ids(b)]
    assert.equal(x.length, 60)
    assert.ok(x.filter((f) => y.some((g) => g.id === f.id && g.uscc !== f.uscc)).length > 50)
  },
  async 'two counties into a province on SQLite and on PostgreSQL'() {
    for (const pg of [false, true]) {
      const p = province(`both-${pg}`, pg)
      const sx = await staff(p, 'sx.mgr', 'manager', '140000')
      await served(p, sx)
      for (const county of [a, b]) {
        const before = bytes(county.dir)
        const r = JSON.parse(ok(merge(county, p, '--json')).out)
        assert.equal(r.result, 'merged')
        assert.equal(r.counts.firm, 60)
        assert.ok(r.counts.daily > 150 && r.counts.person === 2 && r.counts.hazard === 1 && r.counts.attachment === 3 && r.counts.account === 2)
        assert.deepEqual(r.left_account.map((l) => l.from), ['sysadmin'])
        assert.equal(r.invite.length, 1, 'whoever has not used his code yet is named')
        assert.deepEqual(bytes(county.dir), before, 'the source is as it was')
      }
      const v = proof(p)
      assert.ok(v.findings === 0 && v.unsealed === 0 && v.seals >= 3)
      await bothAre(p, a, b, wanted, 'sx.mgr')
      assert.equal(proof(p).findings, 0)
    }
  },
  async 'history, people and numbers read as before'() {
    const p = province('read')
    ok(merge(a, p))
    const told = (server, store) => async (uscc) => {
      const who = await sign(server, store.manager)
      const [f] = await all(who, '/api/v1/firms', { q: uscc })
      return (await ask(who, 'GET', `/api/v1/firms/${f.id}/history`)).items
    }
    const short = (i) => [i.at, i.actor_name, i.op, JSON.parse(JSON.stringify(i.note)).label, JSON.stringify(i.note.text)]
    for (const uscc of Object.values(a.special)) {
      const was = await served(a, (s) => told(s, a)(uscc))
      const now = await served(p, (s) => told(s, a)(uscc))
      assert.equal(now[0].note.label, '并入')
      assert.match(now[0].note.text, /由库 [0-9a-f]{32} 并入.*批次头 [0-9a-f]{16}/)
      assert.deepEqual(now.slice(1).map(short), was.map(short))
      assert.ok(now.slice(1).every((i) => /原库存证 \d+$/.test(i.via)))
    }
    await served(p, async (server) => {
      const who = await sign(server, a.manager)
      const [f] = await all(who, '/api/v1/firms', { q: a.special.firm })
      const people = (await ask(who, 'GET', `/api/v1/firms/${f.id}/people`)).items
      const wen = people.find((x) => x.name === '温如玉')
      const clear = await ask(who, 'POST', `/api/v1/firms/${f.id}/people/${wen.id}/unmask`, { body: { purpose: 'contact' } })
      assert.deepEqual([clear.phone, clear.id_no], ['13835812345', '11010519491231002X'])
      assert.equal((await new Caller(server.url, 'sysadmin').send('POST', '/api/v1/session', { body: { login: 'sysadmin', password: WORD } })).status, 401)
    })
  },
  async 'the merged store is written to as any other'() {
    const p = province('write')
    ok(merge(a, p))
    await served(p, async (server) => {
      const officer = await sign(server, a.officer)
      const own = await ask(officer, 'GET', '/api/v1/own-firm')
      const list = await ask(officer, 'GET', `/api/v1/firms/${own.id}/risklist`)
      const r = await ask(officer, 'POST', `/api/v1/firms/${own.id}/daily/2026-11-02`, { body: { risklist: list.id, key: 'k9', correct: true, reason: '再更正',
        answers: [{ code: '1', result: 'normal' }, { code: '2', result: 'normal' }] } })
      assert.equal(r.version, 3)
      const who = await sign(server, a.manager)
      await ask(who, 'POST', `/api/v1/firms/${own.id}/invites`, { body: { post: 'director', person: '禾总监' } })
      await recount(server, a.manager, a.area)
    })
    assert.equal(proof(p).findings, 0)
  },
  async 'the same source twice changes nothing; one that went on is refused'() {
    const p = province('twice')
    const c = copy(a, 'twice-a')
    ok(merge(c, p))
    const before = bytes(p.dir)
    assert.match(ok(merge(c, p)).out, /已经并入过/)
    assert.equal(JSON.parse(ok(merge(c, p, '--json')).out).result, 'before')
    assert.deepEqual(bytes(p.dir), before)
    ok(['call', 'firm_create', ...c.args, '--as', c.manager, '--body', JSON.stringify({ kind: 'seller', name: '文水县后来店', town: '141121100' })])
    assert.match(refused(4, merge(c, p)).err, /以前并入过/)
    assert.deepEqual(bytes(p.dir), before)
    const q = province('twice-q')
    ok(merge(p, q)) // what was merged before is known there too
    assert.match(ok(merge(b, q)).out, /已并入/)
    assert.match(refused(4, merge(copy(p, 'twice-copy'), p)).err, /同一个库/)
    const r = province('twice-r')
    ok(merge(a, r))
    assert.match(refused(4, merge(p, r)).err, /也在目标里|两边/)
  },
  'check writes nothing in either store and tells what would come'() {
    const p = province('check')
    const before = [bytes(a.dir), bytes(p.dir)]
    const r = JSON.parse(ok(merge(a, p, '--check', '--json')).out)
    assert.ok(r.result === 'check' && r.counts.firm === 60 && r.counts.daily > 150 && r.left_account.length >= 1)
    assert.match(ok(merge(a, p, '--check')).out, /可以并入.*单位 60/s)
    assert.deepEqual([bytes(a.dir), bytes(p.dir)], before)
  },
  async 'a login that is taken: refused, or renamed and told'() {
    const p = province('login')
    await staff(p, b.manager, 'clerk', '140000')
    const before = bytes(p.dir)
    const r = refused(4, merge(b, p))
    assert.match(r.out, /登录名冲突（1）[\s\S]*jc\.mgr/)
    assert.deepEqual(bytes(p.dir), before)
    refused(2, merge(b, p, '--prefix', '交城'))
    const told = JSON.parse(ok(merge(b, p, '--prefix', '141122', '--json')).out)
    assert.deepEqual(told.login.map((l) => l.to), ['141122.jc.mgr'])
    await served(p, async (server) => {
      assert.equal((await all(await sign(server, '141122.jc.mgr'), '/api/v1/firms')).length, 60)
      assert.equal((await new Caller(server.url, 'jc.mgr').send('POST', '/api/v1/session', { body: { login: 'jc.mgr', password: WORD } })).status, 401)
    })
  },
  async 'the same firm in both: refused with a list, joined, or two sites'() {
    const c = copy(a, 'same-c') // of the same firms, another store
    const other = await makeCounty(join(dir, 'same-o'), { area: '141121', seed: '1', days: 3, manager: 'o.mgr', officer: 'o.wen' })
    const wantedOther = await read(other, other)
    const p = province('same')
    const sx = await staff(p, 'sx.mgr', 'manager', '140000')
    await served(p, sx)
    ok(merge(other, p))
    const before = bytes(p.dir)
    const r = refused(4, merge(c, p, '--json'))
    const same = JSON.parse(r.out).same_firm
    assert.ok(same.length === 60 && same.every((s) => /（9[12]141121TTTT/.test(s.from)))
    assert.deepEqual(bytes(p.dir), before)
    const both = copy({ ...other, ...p }, 'same-both')
    ok(['merge', ...from(c), '--to', sqlite(both.dir), '--same-firm', 'both'])
    assert.equal(JSON.parse(ok(['call', 'firm_list', ...both.args, '--as', 'sx.mgr', 'limit=1', 'total=true']).out).total, 120)
    assert.equal(proof(both).findings, 0)
    await served(both, (server) => recount(server, 'sx.mgr', 'two sites'))
    const told = JSON.parse(ok(merge(c, p, '--same-firm', 'keep-target', '--json')).out)
    assert.ok(told.joined_firm.length === 60 && told.counts.firm === 0 && told.counts.daily > 50 && told.counts.daily_left > 50 && told.counts.hazard === 1)
    assert.equal(proof(p).findings, 0)
    await served(p, async (server) => {
      await recount(server, 'sx.mgr', 'joined')
      const who = await sign(server, 'o.mgr')
      const now = await contents(who, DAYS, special(other))
      const days = (x) => x.content[other.special.firm]
      for (const day of DAYS.slice(2)) assert.deepEqual(days(now)[day], days(wantedOther)[day], 'what the target had stays')
      assert.deepEqual(days(now).risklist, days(wantedOther).risklist, 'the list in use stays in use')
      assert.deepEqual(days(now).people, days(wantedOther).people)
      assert.equal(now.hazards.length, 2)
      const was = wanted.get(a).content[a.special.firm]
      for (const day of DAYS.slice(0, 2)) assert.deepEqual(days(now)[day].versions, was[day].versions, 'what it lacked was attached')
      assert.equal((await new Caller(server.url, a.officer).send('POST', '/api/v1/session', { body: { login: a.officer, password: WORD } })).status, 401)
    })
  },
  async 'authorities and definitions of its own, firms without a code'() {
    const own = { parent: 'p', level: 4, name: '文水县机动执法中队', area: '141121', areas: ['141121100016'] }
    const withOwn = async (county, name, title, login) => {
      const c = copy(county, name)
      const sx = await staff(c, 'top.mgr', 'manager', '140000')
      await served(c, async (server) => {
        const who = await sx(server)
        const t = await ask(who, 'GET', '/api/v1/templates/daily_cement')
        await ask(who, 'POST', '/api/v1/templates/daily_cement/versions', { body: { title, body: t.body, reason: '本县修订', from_version: t.version } })
        const officer = await sign(server, c.officer)
        const firm = (await ask(officer, 'GET', '/api/v1/own-firm')).id
        const list = await ask(officer, 'GET', `/api/v1/firms/${firm}/risklist`)
        const saved = await ask(officer, 'POST', `/api/v1/firms/${firm}/risklist`, { body: { template: 'daily_cement', from_edition: list.edition, areas: list.areas } })
        assert.equal(saved.template_version, t.version + 1)
      })
      ok(['user', 'add', login, ...c.args, '--name', '甲', '--role', 'clerk', '--org', '141121'])
      return c
    }
    const x = await withOwn(a, 'own-a', '甲县水泥清单', 'ws.own')
    const y = await withOwn(b, 'own-b', '乙县水泥清单', 'jc.own')
    const bureau = JSON.parse(ok(['call', 'org_list', ...x.args, 'q=文水县市场监督管理局']).out).items.find((o) => o.area === '141121')
    const squad = JSON.parse(ok(['call', 'org_create', ...x.args, '--body', JSON.stringify({ ...own, parent: bureau.id })]).out)
    assert.equal(squad.level, 4)
    ok(['call', 'firm_create', ...x.args, '--as', a.manager, '--body', JSON.stringify({ kind: 'seller', name: '文水县无码小店', town: '141121100', entity_type: '个体工商户' })])
    const p = province('own')
    const before = JSON.parse(ok(['call', 'template_get', ...p.args, 'template=daily_cement']).out)
    const one = JSON.parse(ok(merge(x, p, '--json')).out)
    assert.deepEqual([one.made_org.length, one.made_org[0].from, one.template.length], [1, own.name, 1])
    assert.match(one.temp_code[0].from, /^LS\d{12}$/)
    assert.notEqual(one.temp_code[0].to, one.temp_code[0].from)
    const two = JSON.parse(ok(merge(y, p, '--prefix', 'jc', '--json')).out)
    assert.deepEqual(two.login.map((l) => l.to), ['jc.top.mgr'])
    assert.deepEqual([one.template[0].to, two.template[0].to], ['第 2 版', '第 3 版'])
    const now = JSON.parse(ok(['call', 'template_get', ...p.args, 'template=daily_cement']).out)
    assert.deepEqual([now.version, now.title, now.state], [before.version, before.title, 'active'], 'the province keeps its own in force')
    for (const [c, version] of [[x, 2], [y, 3]]) {
      const list = await served(p, async (server) => {
        const officer = await sign(server, c.officer)
        return ask(officer, 'GET', `/api/v1/firms/${(await ask(officer, 'GET', '/api/v1/own-firm')).id}/risklist`)
      })
      assert.equal(list.template_version, version)
    }
    const squads = JSON.parse(ok(['call', 'org_list', ...p.args, `q=${own.name}`]).out).items
    assert.ok(squads.length === 1 && squads[0].areas.includes('141121100016'))
    assert.equal(proof(p).findings, 0)
  },
  'trees that contradict each other are refused with a list'() {
    const p = province('tree', true)
    const db = `p${databases}`
    cluster.sql(db, "UPDATE org SET parent = (SELECT id FROM org WHERE area = '140100' AND level = 2) WHERE area = '141121' AND level = 3")
    const r = refused(4, merge(a, p))
    assert.match(r.out, /机构对不上（1）[\s\S]*文水县市场监督管理局（141121）/)
    assert.equal(cluster.sql(db, 'SELECT count(*) FROM firm').trim(), '0')
  },
  async 'days that only the source had opened are counted for the firms that were there'() {
    const p = province('days', true)
    const db = `p${databases}`
    await served(p, await staff(p, 'sx.mgr', 'manager', '140000'))
    ok(['generate', ...p.args, '--firms', '40', '--days', '5', '--org', '141122', '--seed', '9'])
    const sums = () => cluster.sql(db, "SELECT day, path, due, excused, done, late, zero, problem FROM duty_count WHERE path LIKE '0001.0011.0003.%' AND due <> 0 ORDER BY day, path")
    const before = sums()
    for (const t of ['duty_day', 'duty_count']) cluster.sql(db, `DELETE FROM ${t} WHERE day < DATE '2026-10-31' - DATE '1970-01-01'`)
    assert.notEqual(sums(), before)
    ok(merge(a, p))
    assert.equal(sums(), before, 'what was owed and filed by the firms that were there')
    await served(p, (server) => recount(server, 'sx.mgr', 'days'))
    assert.equal(proof(p).findings, 0)
  },
  async 'a source that is written to meanwhile is not taken'() {
    const c = join(dir, 'busy')
    ok(['init', '--data', c, '--test'])
    ok(['generate', '--data', c, '--firms', '6000', '--days', '12', '--org', '141121'])
    const p = province('busy-p')
    const args = ['merge', '--from', sqlite(c), '--data', c, ...p.to]
    const child = spawn(bin, args, { cwd: root, env: { ...process.env, ZHIAN_NOW: NOW }, stdio: ['ignore', 'ignore', 'pipe'] })
    let err = ''
    const over = new Promise((done) => child.on('close', (code) => done(code)))
    let held = false
    await new Promise((done) => child.stderr.on('data', (d) => {
      err += d
      if (held || !/单位：/.test(err)) return
      held = true
      child.kill('SIGSTOP')
      done()
    }))
    ok(['call', 'firm_create', '--data', c, '--body', JSON.stringify({ kind: 'seller', name: '文水县中途店', town: '141121100' })])
    child.kill('SIGCONT')
    assert.equal(await over, 8, err)
    assert.match(err, /并入期间来源又写入/)
    assert.equal(JSON.parse(ok(['call', 'firm_list', ...p.args, 'limit=1', 'total=true']).out).total, 0)
    assert.equal(JSON.parse(ok([...args, '--json']).out).counts.firm, 6001)
  },
  async 'kill -9 on the way leaves nothing; the same command does it'() {
    const c = join(dir, 'long')
    ok(['init', '--data', c, '--test'])
    ok(['generate', '--data', c, '--firms', '12000', '--days', '25', '--org', '141121'])
    for (const pg of [false, true]) {
      const p = province(`cut-${pg}`, pg)
      const args = ['merge', '--from', sqlite(c), '--data', c, ...p.to]
      for (const [place, later] of [[/查验来源/, 0], [/单位：/, 0], [/单位：/, 200], [/日管控：/, 0]]) {
        assert.equal(await cut(args, place, later), '', `${place} ${later}`)
        const v = proof(p)
        assert.equal(v.findings, 0)
        assert.equal(JSON.parse(ok(['call', 'firm_list', ...p.args, 'limit=1', 'total=true']).out).total, 0)
        if (pg) await new Promise((done) => setTimeout(done, 7000)) // until the killed one counts as gone
      }
      const r = JSON.parse(ok([...args, '--json']).out)
      assert.equal(r.counts.firm, 12000)
      assert.equal(JSON.parse(ok(['call', 'firm_list', ...p.args, 'limit=1', 'total=true']).out).total, 12000)
      assert.equal(JSON.parse(ok([...args, '--json']).out).result, 'before')
    }
  },
  async 'a source on PostgreSQL'() {
    const db = `s${++databases}`
    cluster.create(db)
    ok(['move', ...from(a), '--to', cluster.uri(db), '--to-data', join(dir, 'source-pg')])
    for (const pg of [false, true]) {
      const p = province(`from-pg-${pg}`, pg)
      ok(['merge', '--from', cluster.uri(db), '--data', join(dir, 'source-pg'), ...p.to])
      assert.deepEqual(await read(p, a), wanted.get(a))
      assert.equal(proof(p).findings, 0)
    }
    assert.match(ok(['verify', '--data', join(dir, 'source-pg'), '--db', cluster.uri(db)]).out, /相符/)
  },
  async 'a target that is served on a server is refused'() {
    const p = province('served', true)
    await served(p, async () => {
      await new Promise((done) => setTimeout(done, 2500))
      assert.match(refused(8, merge(a, p)).err, /目标还在提供服务/)
    })
  },
  'a month that the target has given up takes no records'() {
    const p = province('given-up')
    ok(['generate', ...p.args, '--firms', '20', '--days', '20'])
    const later = zhian(['retire', ...p.args, '--before', '2026-11', '--name', '王经办'], { env: { ZHIAN_NOW: '2032-01-05T09:00:00+08:00' } })
    assert.equal(later.code, 0, later.err)
    const before = proof(p)
    assert.match(refused(4, merge(a, p)).err, /已清退 2026-10 的记录/)
    assert.deepEqual(proof(p), before)
  },
  'what cannot be taken over is refused, and nothing is written'() {
    const p = province('bad')
    const before = bytes(p.dir)
    const keys = copy(a, 'bad-keys')
    rmSync(join(keys.dir, 'keys'), { recursive: true })
    cpSync(join(b.dir, 'keys'), join(keys.dir, 'keys'), { recursive: true })
    assert.match(refused(5, merge(keys, p)).err, /密钥/)
    const file = copy(a, 'bad-file')
    const folder = join(file.dir, 'files')
    const one = readdirSync(folder, { recursive: true }).find((f) => f.length > 40)
    rmSync(join(folder, one))
    assert.match(refused(4, merge(file, p)).out, /附件缺失/)
    const old = `o${++databases}`
    cluster.create(old)
    ok(['move', ...from(a), '--to', cluster.uri(old), '--to-data', join(dir, 'bad-old')])
    cluster.sql(old, 'DELETE FROM schema_migration WHERE number = (SELECT max(number) FROM schema_migration)')
    assert.match(refused(4, ['merge', '--from', cluster.uri(old), '--data', join(dir, 'bad-old'), ...p.to]).err, /来源：.*数据库/)
    const altered = copy(a, 'bad-row')
    const db = readFileSync(join(altered.dir, 'zhian.db'))
    for (let at = -1; (at = db.indexOf('任〔2026〕1号', at + 1)) >= 0;) db[at + 6] ^= 1
    writeFileSync(join(altered.dir, 'zhian.db'), db)
    assert.match(refused(5, merge(altered, p)).err, /内容与存证不符/)
    const demo = makeStore(bin)
    assert.match(refused(4, ['merge', '--from', sqlite(demo.dir), ...p.to]).err, /性质不同/)
    demo.remove()
    refused(3, ['merge', '--from', sqlite(join(dir, 'nowhere')), ...p.to])
    refused(2, ['merge', '--from', sqlite(a.dir)])
    refused(2, [...merge(a, p), '--same-firm', 'maybe'])
    refused(2, ['merge', ...from(a), '--to', 'postgresql://x/y'])
    assert.ok(!existsSync(join(dir, 'nowhere')))
    assert.deepEqual(bytes(p.dir), before)
  },
}

/** Starts a merge and kills it so many ms after its progress reads so; what it said when it ended first. */
function cut(args, place, later) {
  return new Promise((done) => {
    const p = spawn(bin, args, { cwd: root, env: { ...process.env, ZHIAN_NOW: NOW }, stdio: ['ignore', 'ignore', 'pipe'] })
    let err = ''
    p.stderr.on('data', (d) => {
      err += d
      if (place.test(err)) setTimeout(() => p.kill('SIGKILL'), later)
    })
    p.on('close', (code) => done(code === null ? '' : `it ended with ${code} before it was cut off: ${err.slice(-300)}`))
  })
}

let failed = 0
const only = process.argv.slice(2)
try {
  for (const [name, test] of Object.entries(tests)) {
    if (only.length && !only.some((w) => name.includes(w))) continue
    try {
      await test()
      console.log(`ok   ${name}`)
    } catch (e) {
      failed++
      console.log(`FAIL ${name}: ${e.message}\n${e.stack}`)
    }
  }
} finally {
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)
