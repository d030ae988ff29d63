// Moving house: SQLite to PostgreSQL and back with the same answers and the same seal heads; kill -9 on
// the way and going on; a source that is written to between two runs, or meanwhile; what is refused.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answers, upload } from '../lib/answers.mjs'
import { bin, zhian } from '../lib/cli.mjs'
import { startCluster } from '../lib/postgres.mjs'
import { root } from '../lib/run.mjs'
import { NOW, makeStore, serve } from '../lib/store.mjs'

const dir = mkdtempSync(join(tmpdir(), 'zhian-move-'))
const cluster = await startCluster()
const demo = makeStore(bin)
const big = join(dir, 'big') // long enough to be cut off on the way
const sqlite = (d) => `sqlite:${join(d, 'zhian.db')}`
const CHINESE = /[\u4e00-\u9fff]/
const lines = (text) => text.trimEnd().split('\n')
const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
let databases = 0

function ok(args) {
  const r = zhian(args)
  assert.equal(r.code, 0, `zhian ${args.join(' ')}: ${r.code}\n${r.err}${r.out}`)
  return r
}

function refused(code, args) {
  const r = zhian(args)
  assert.equal(r.code, code, `zhian ${args.join(' ')}: ${r.code}\n${r.err}${r.out}`)
  assert.match(r.err, CHINESE)
  return r
}

function database() {
  const name = `m${++databases}`
  cluster.create(name)
  return cluster.uri(name)
}

/** The heads of a store's seals, without the line that says when they were written down. */
function heads(args) {
  const file = join(dir, 'heads')
  ok(['seal', 'export', ...args, '--out', file])
  ok(['seal', 'check', file])
  return readFileSync(file, 'utf8').split('\n').filter((l) => !l.startsWith('made '))
}

/** Everything below a folder, by name and bytes. */
function tree(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile())
    .map((f) => [f.name, readFileSync(join(f.parentPath ?? f.path, f.name), 'base64')]).sort()
}

function sameFiles(a, b, names = ['keys', 'files', 'jobs']) {
  for (const name of names) {
    assert.deepEqual(tree(join(a, name)), tree(join(b, name)), name)
    assert.equal(statSync(join(b, name)).mode & 0o777, 0o700)
  }
}

/** Starts a move and stops it with the signal at its n-th line of progress; null when it ended first. */
function cut(args, n, signal = 'SIGKILL') {
  return new Promise((done) => {
    const p = spawn(bin, ['move', ...args], { cwd: root, env: { ...process.env, ZHIAN_NOW: NOW }, stdio: ['ignore', 'ignore', 'pipe'] })
    let err = ''
    let sent = false
    const end = new Promise((over) => p.on('close', (code) => over({ code, err })))
    p.stderr.on('data', (d) => {
      err += d
      if (sent || err.split('\n').length <= n) return
      sent = true
      p.kill(signal)
      if (signal === 'SIGSTOP') done({ resume: () => (p.kill('SIGCONT'), end), later: () => (p.kill('SIGCONT'), pause(3), p.kill('SIGSTOP')) })
    })
    end.then((r) => done(r.code === null ? r : null))
  })
}

const demoWith = (name) => {
  const to = join(dir, name)
  execFileSync('cp', ['-a', demo.dir, to])
  return to
}

function addFirm(args, name) {
  ok(['call', 'firm_create', ...args, '--as', 'ws.clerk', '--body', JSON.stringify({
    kind: 'producer', name, town: '141121100', legal_person: '岑搬迁', entry_reason: ['10'], staff: 30, revenue: 400 })])
}

const tests = {
  async 'sqlite to postgresql and back: the same answers, heads and files'() {
    const scan = await upload(demo)
    const before = await answers(demo, scan.id)
    const db = database()
    const moved = join(dir, 'moved')
    const first = ok(['move', '--from', sqlite(demo.dir), '--to', db, '--to-data', moved])
    assert.match(first.out, /搬迁完成.*相符/)
    assert.match(first.err, /搬迁：/)
    assert.doesNotMatch(first.err + first.out, /\x1b|\r/, 'plain lines in a pipe')
    assert.deepEqual(heads(['--data', moved, '--db', db]), heads(['--data', demo.dir]))
    assert.match(ok(['verify', '--data', moved, '--db', db]).out, /相符/)
    sameFiles(demo.dir, moved)
    assert.deepEqual(await answers({ args: ['--data', moved, '--db', db] }, scan.id, scan.cookie), before)
    const back = join(dir, 'back')
    const r = JSON.parse(ok(['move', '--data', moved, '--db', db, '--to', sqlite(back), '--json']).out)
    assert.ok(r.rows > 500 && r.added === r.rows && r.again === 0 && r.files > 2 && r.findings === 0)
    assert.deepEqual(heads(['--data', back]), heads(['--data', moved, '--db', db]))
    ok(['verify', '--data', back])
    sameFiles(moved, back)
    assert.deepEqual(await answers({ args: ['--data', back] }, scan.id, scan.cookie), before)
  },
  async 'a backup is put back onto the other engine'() {
    const copy = join(dir, 'backup')
    const db = database()
    const there = join(dir, 'drill')
    ok(['backup', '--data', demo.dir, '--out', copy])
    ok(['move', '--from', sqlite(copy), '--to', db, '--to-data', there])
    ok(['verify', '--data', there, '--db', db])
    sameFiles(copy, there, ['keys', 'files'])
    assert.deepEqual(await answers({ args: ['--data', there, '--db', db] }), await answers(demo))
  },
  'the moved store is written to as the old one was'() {
    const from = demoWith('write')
    const db = database()
    ok(['move', '--from', sqlite(from), '--to', db]) // keys and files stay where they are
    const args = ['--data', from, '--db', db]
    addFirm(args, '文水县新居水泥厂')
    assert.match(ok(['call', 'firm_list', ...args, '--as', 'ws', 'q=新居水泥']).out, /新居/)
    ok(['verify', ...args])
    assert.doesNotMatch(ok(['call', 'firm_list', '--data', from, '--as', 'ws', 'q=新居水泥']).out, /新居/)
    refused(4, ['move', '--from', sqlite(from), '--to', db])
  },
  async 'kill -9 anywhere: half a store is refused, the same command goes on'() {
    const targets = [
      ['--to', sqlite(join(dir, 'cut')), '--data', big],
      ['--to', database(), '--data', big, '--to-data', join(dir, 'cut-pg')],
    ]
    for (const args of targets) {
      const open = args[1].startsWith('sqlite:') ? ['--data', join(dir, 'cut')] : ['--data', args[5], '--db', args[1]]
      for (const n of [1, 2, 2, 3, 6, 8, 10, 12]) {
        assert.ok(await cut(args, n), `line ${n}: the move ended before it was cut off`)
        assert.match(refused(4, ['verify', ...open]).err, /没有搬完/)
      }
      const r = JSON.parse(ok(['move', ...args, '--json']).out)
      assert.ok(r.added < r.rows && r.again === 0, JSON.stringify(r))
      assert.deepEqual(heads(open), heads(['--data', big]))
      const list = ['list', 'firms', '--limit', '300', '--json']
      assert.equal(ok([...list, ...open]).out, ok([...list, '--data', big]).out)
      const name = JSON.parse(lines(ok([...list, ...open]).out)[0]).name
      const q = ['call', 'firm_list', 'limit=50', `q=${name.slice(-4)}`]
      const found = ok([...q, ...open]).out
      assert.equal(found, ok([...q, '--data', big]).out)
      assert.ok(JSON.parse(found).items.some((f) => f.name === name), 'the search words are there')
      const again = ok(['move', ...args])
      assert.match(again.out, /已经是这个库/)
    }
  },
  async 'a source written to between two runs is followed'() {
    const from = demoWith('moving-on')
    ok(['generate', '--data', from, '--firms', '1500', '--days', '3'])
    const to = join(dir, 'followed')
    const args = ['--from', sqlite(from), '--to', sqlite(to)]
    assert.ok(await cut(args, 12), 'cut off while comparing')
    addFirm(['--data', from], '文水县后来居上厂')
    const page = JSON.parse(ok(['call', 'firm_list', '--data', from, '--as', 'ws', 'limit=1', 'q=文水演示水泥厂']).out)
    assert.equal(page.items.length, 1)
    const r = JSON.parse(ok(['move', ...args, '--json']).out)
    assert.ok(r.again >= 1, 'counters changed')
    assert.deepEqual(heads(['--data', to]), heads(['--data', from]))
    for (const q of ['后来居上', '文水演示水泥厂']) {
      assert.equal(JSON.parse(ok(['call', 'firm_list', '--data', to, '--as', 'ws', `q=${q}`]).out).items.length, 1)
    }
  },
  async 'a source written to meanwhile is not taken for moved'() {
    const from = demoWith('served')
    ok(['generate', '--data', from, '--firms', '1500', '--days', '3'])
    const to = join(dir, 'late')
    const args = ['--from', sqlite(from), '--to', sqlite(to)]
    const stopped = await cut(args, 3, 'SIGSTOP')
    addFirm(['--data', from], '文水县迟到厂')
    const r = await stopped.resume()
    assert.equal(r.code, 8, r.err)
    assert.match(r.err, /停止来源的服务/)
    refused(4, ['verify', '--data', to])
    ok(['move', ...args])
    ok(['verify', '--data', to])
    assert.match(ok(['call', 'firm_list', '--data', to, '--as', 'ws', 'q=迟到']).out, /迟到/)
  },
  async 'a source on a server that is still served is noticed'() {
    const from = demoWith('nodes')
    const db = database()
    ok(['move', '--from', sqlite(from), '--to', db])
    const args = ['--from', db, '--data', from, '--to', sqlite(join(dir, 'from-nodes'))]
    const server = await serve(bin, { args: ['--data', from, '--db', db] })
    const stopped = await cut(args, 2, 'SIGSTOP')
    await new Promise((done) => setTimeout(done, 5000)) // more than a heartbeat
    const r = await stopped.resume()
    await server.stop()
    assert.equal(r.code, 8, r.err)
    assert.match(r.err, /提供服务|又写入/)
    ok(['move', ...args])
    ok(['verify', '--data', join(dir, 'from-nodes')])
  },
  async 'a full disk and a lost connection: told, and gone on from'() {
    const full = join(dir, 'full')
    const args = ['move', '--data', big, '--to', sqlite(full)]
    const limited = spawnSync('bash', ['-c', "trap '' XFSZ; ulimit -f 4000; exec \"$0\" \"$@\"", bin, ...args], { cwd: root, env: { ...process.env, ZHIAN_NOW: NOW }, encoding: 'utf8' })
    assert.equal(limited.status, 1, limited.stderr)
    assert.match(limited.stderr, /没有搬完.*磁盘空间不足/)
    assert.ok(JSON.parse(ok([...args, '--json']).out).added > 0)
    ok(['verify', '--data', full])
    const db = database()
    const pg = ['--data', big, '--to', db, '--to-data', join(dir, 'lost')]
    const stopped = await cut(pg, 3, 'SIGSTOP')
    const there = `FROM pg_stat_activity WHERE datname = '${db.split('/').at(-1)}'`
    // between two transactions a lost connection is opened anew, and nothing is to be told
    while (cluster.sql('postgres', `SELECT count(xact_start) ${there}`).trim() === '0') stopped.later()
    cluster.sql('postgres', `SELECT pg_terminate_backend(pid) ${there}`)
    const r = await stopped.resume()
    assert.equal(r.code, 8, r.err)
    assert.match(r.err, /接着搬/)
    ok(['move', ...pg])
    ok(['verify', '--data', join(dir, 'lost'), '--db', db])
  },
  'a store has a number, and keeps its identity'() {
    const d = join(dir, 'seven')
    refused(2, ['init', '--data', d, '--test', '--store-no', '256'])
    ok(['init', '--data', d, '--test', '--store-no', '7'])
    ok(['generate', '--data', d, '--firms', '50', '--days', '2'])
    const db = database()
    ok(['move', '--data', d, '--to', db])
    const args = ['--data', d, '--db', db]
    const ids = lines(ok(['list', 'firms', ...args, '--limit', '60', '--json']).out).map((l) => JSON.parse(l).id)
    assert.ok(ids.length === 50 && ids.every((id) => Math.floor(id / 2 ** 26) === 7))
    refused(4, ['init', '--data', join(dir, 'second'), '--db', db, '--test'])
    ok(['verify', ...args])
  },
  'a target that holds something else is refused and left alone'() {
    const other = join(dir, 'other')
    ok(['init', '--data', other, '--test'])
    const before = heads(['--data', other])
    assert.match(refused(4, ['move', '--from', sqlite(demo.dir), '--to', sqlite(other)]).err, /已经有别的数据/)
    ok(['verify', '--data', other])
    assert.deepEqual(heads(['--data', other]), before)
    const db = database()
    cluster.sql(db.split('/').at(-1), 'CREATE TABLE stranger (id INT); INSERT INTO stranger VALUES (1)')
    refused(4, ['move', '--from', sqlite(demo.dir), '--to', db])
    assert.equal(cluster.sql(db.split('/').at(-1), 'SELECT count(*) FROM stranger').trim(), '1')
    const file = join(dir, 'no-store')
    mkdirSync(file)
    cpSync(join(root, 'README.md'), join(file, 'zhian.db'))
    refused(5, ['move', '--from', sqlite(demo.dir), '--to', sqlite(file)])
    const keys = join(dir, 'keys')
    mkdirSync(keys)
    cpSync(join(other, 'keys'), join(keys, 'keys'), { recursive: true })
    assert.match(refused(4, ['move', '--from', sqlite(demo.dir), '--to', database(), '--to-data', keys]).err, /密钥/)
    assert.deepEqual(tree(join(keys, 'keys')), tree(join(other, 'keys')))
  },
  async 'the half of another store is refused'() {
    const to = join(dir, 'half')
    assert.ok(await cut(['--data', big, '--to', sqlite(to)], 3))
    assert.match(refused(4, ['move', '--from', sqlite(demo.dir), '--to', sqlite(to)]).err, /另一个库/)
    assert.match(refused(4, ['move', '--from', sqlite(to), '--to', database()]).err, /没有搬完/)
  },
  'a damaged record is named on both sides and ends the move'() {
    const from = demoWith('damaged')
    const file = join(from, 'zhian.db')
    const bytes = readFileSync(file)
    bytes[bytes.indexOf('XK08-001-90001')] ^= 1
    writeFileSync(file, bytes)
    const r = zhian(['move', '--from', sqlite(from), '--to', sqlite(join(dir, 'damaged-to'))])
    assert.equal(r.code, 5, r.err)
    assert.match(r.out, /来源：产品 \d+/)
    assert.match(r.out, /目标：产品 \d+/)
  },
  'wrong use'() {
    refused(2, ['move', '--from', sqlite(demo.dir)])
    refused(2, ['move', '--from', sqlite(demo.dir), '--to', sqlite(demo.dir)])
    refused(3, ['move', '--from', sqlite(join(dir, 'absent')), '--to', sqlite(join(dir, 'x'))])
    assert.ok(!existsSync(join(dir, 'x')), 'nothing is made')
    refused(8, ['move', '--from', sqlite(demo.dir), '--to', 'postgresql://nobody@127.0.0.1:1/none'])
    assert.notEqual(zhian(['move', '--from', sqlite(demo.dir), '--to', 'mysql://x/y']).code, 0)
  },
}

let failed = 0
try {
  ok(['init', '--data', big, '--test'])
  ok(['generate', '--data', big, '--firms', '4000', '--days', '8', '--seed', '3'])
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test()
      console.log(`ok   ${name}`)
    } catch (e) {
      failed++
      console.log(`FAIL ${name}: ${e.message}\n${e.stack}`)
    }
  }
} finally {
  demo.remove()
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)
