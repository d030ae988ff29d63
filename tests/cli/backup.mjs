// The backup drill: taken while people work, on both engines, put back onto the other one with the
// same answers; encrypted; proved without restoring; damaged in every way; cut off anywhere.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, readdirSync, renameSync,
  rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { answers, upload } from '../lib/answers.mjs'
import { bin, zhian } from '../lib/cli.mjs'
import { Caller } from '../lib/client.mjs'
import { startCluster } from '../lib/postgres.mjs'
import { root } from '../lib/run.mjs'
import { NOW, copyStore, makeStore, serve } from '../lib/store.mjs'

const dir = mkdtempSync(join(tmpdir(), 'zhian-backup-'))
const temp = join(dir, 'temp') // TMPDIR of every command: nothing may stay in it
const env = { ...process.env, ZHIAN_NOW: NOW, TMPDIR: temp }
const CHINESE = /[\u4e00-\u9fff]/
const FRAME = 4 + (1 << 20) + 32
const HEAD = 104
const cluster = await startCluster()
const demo = makeStore(bin)
const big = join(dir, 'big') // long enough to be cut off on the way
const secret = join(dir, 'secret')
const other = join(dir, 'other-secret')
const sealed = ['--passphrase-file', secret]
let databases = 0
let names = 0

mkdirSync(temp)
writeFileSync(secret, '晋地三月有春风 2026\n', { mode: 0o600 })
writeFileSync(other, '完全不同的一句话 2027\n', { mode: 0o600 })

const fresh = (name) => join(dir, `${name}-${++names}`)
const flags = (encrypted) => (encrypted ? ['--encrypt', ...sealed] : [])
const open = (path) => (path.endsWith('.zhb') ? sealed : [])

function run(args) {
  const r = zhian(args, { env: { TMPDIR: temp } })
  assert.deepEqual(readdirSync(temp), [], `zhian ${args.join(' ')} left something in TMPDIR`)
  return r
}

function ok(args) {
  const r = run(args)
  assert.equal(r.code, 0, `zhian ${args.join(' ')}: ${r.code}\n${r.err}${r.out}`)
  return r
}

function refused(code, args) {
  const r = run(args)
  assert.equal(r.code, code, `zhian ${args.join(' ')}: ${r.code}\n${r.err}${r.out}`)
  assert.match(r.err + r.out, CHINESE)
  return r
}

function database() {
  const name = `b${++databases}`
  cluster.create(name)
  return cluster.uri(name)
}

/** A backup of a store: its path. */
function backup(store, encrypted = false) {
  const out = fresh('backup') + (encrypted ? '.zhb' : '')
  ok(['backup', ...store.args, '--out', out, ...flags(encrypted)])
  return out
}

const check = (path) => run(['restore', '--check', '--from', path, ...open(path), '--json'])

/** The objects that a check prints: findings, then the outcome. */
function checked(path, code) {
  const r = check(path)
  assert.equal(r.code, code, `${path}: ${r.code}\n${r.err}${r.out}`)
  const lines = r.out.trimEnd().split('\n').map((l) => JSON.parse(l))
  return { outcome: lines.at(-1), findings: lines.slice(0, -1) }
}

/** A whole backup: what its check says. */
function sound(path) {
  const { outcome, findings } = checked(path, 0)
  assert.deepEqual(findings, [])
  assert.equal(outcome.findings, 0)
  return outcome
}

/** A backup as a store of its own; `db`: onto that database. */
function restore(path, db) {
  const to = fresh('restored')
  const args = ['--data', to, ...(db ? ['--db', db] : [])]
  ok(['restore', '--from', path, ...args, ...open(path)])
  ok(['verify', ...args])
  assert.equal(statSync(join(to, 'keys')).mode & 0o777, 0o700)
  return { dir: to, args }
}

function head(store) {
  const file = fresh('heads')
  ok(['seal', 'export', ...store.args, '--out', file])
  return readFileSync(file, 'utf8').split('\n').filter((l) => !l.startsWith('made ')).join('\n')
}

function files(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile())
    .map((f) => join(f.parentPath ?? f.path, f.name))
}

const leftovers = (out) => readdirSync(dir).filter((n) => n.startsWith(`${out.split('/').at(-1)}`))

/** A picture that no other is like. */
function picture(n) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const out = Buffer.alloc(body.length + 8)
    out.writeUInt32BE(data.length, 0)
    body.copy(out, 4)
    out.writeUInt32BE(crc(body), body.length + 4)
    return out
  }
  const top = Buffer.alloc(13)
  top.writeUInt32BE(8, 0)
  top.writeUInt32BE(8, 4)
  top.set([8, 2], 8)
  const rows = Buffer.alloc(8 * 25)
  for (let i = 0; i < rows.length; i++) rows[i] = i % 25 ? (n * 37 + i * 11) & 255 : 0
  rows.writeUInt32BE(n, 1)
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', top), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

function crc(bytes) {
  if (crc32) return crc32(bytes)
  let c = ~0
  for (const b of bytes) {
    c ^= b
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  }
  return ~c >>> 0
}

/** People at work: firms and their scans, one after the other, until stop(). */
function work(url, label) {
  const done = { firms: [], scans: [] }
  let going = true
  const end = (async () => {
    const clerk = await new Caller(url, 'ws.clerk').signIn()
    for (let i = 0; going; i++) {
      const firm = await clerk.send('POST', '/api/v1/firms', {
        body: { kind: 'producer', name: `文水县${label}${i}厂`, town: '141121100', legal_person: '岑备份', entry_reason: ['10'], staff: 30, revenue: 400 } })
      assert.equal(firm.status, 200, JSON.stringify(firm.body))
      done.firms.push(firm.body.id)
      const scan = await clerk.send('POST', `/api/v1/firms/${firm.body.id}/attachments`, { query: { purpose: 'licence' }, file: { name: '营业执照.png', bytes: picture(i + label.length * 1000) } })
      assert.equal(scan.status, 200, JSON.stringify(scan.body))
      done.scans.push(scan.body.id)
    }
  })()
  return { done, stop: () => ((going = false), end) }
}

/** Starts a command and ends it with the signal at its n-th line of progress; null when it ended first. */
function cut(args, n, signal = 'SIGKILL') {
  return new Promise((over) => {
    const p = spawn(bin, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let err = ''
    let sent = false
    p.stderr.on('data', (d) => {
      err += d
      if (sent || err.split('\n').length <= n) return
      sent = true
      p.kill(signal)
    })
    p.on('close', (code, by) => over(by === 'SIGKILL' || code === 130 ? { code, err } : null))
  })
}

const limited = (kib, args) => spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f ${kib}; exec "$0" "$@"`, bin, ...args], { cwd: root, env, encoding: 'utf8' })

/** Runs a command on a terminal and types a line at each question. */
function typed(command, answers_) {
  return new Promise((over) => {
    const p = spawn('script', ['-qec', `${bin} ${command}`, '/dev/null'], { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] })
    let out = ''
    let given = 0
    p.stdout.on('data', (d) => {
      out += d
      while (given < answers_.length && (out.match(/：/g) ?? []).length > given) {
        const line = `${answers_[given++]}\n`
        setTimeout(() => p.stdin.write(line), 100) // the question comes before the terminal is made quiet
      }
    })
    p.on('close', (code) => over({ code, out }))
  })
}

/** Flips one bit of a file for as long as fn runs. */
function flipped(path, at, fn) {
  const byte = Buffer.alloc(1)
  const fd = openSync(path, 'r+')
  readSync(fd, byte, 0, 1, at)
  byte[0] ^= 1 << at % 8
  writeSync(fd, byte, 0, 1, at)
  closeSync(fd)
  try {
    fn()
  } finally {
    const back = openSync(path, 'r+')
    byte[0] ^= 1 << at % 8
    writeSync(back, byte, 0, 1, at)
    closeSync(back)
  }
}

const tests = {
  async 'sqlite, backed up, put back onto postgresql and onto sqlite: the same answers'() {
    const before = await answers(demo, scan.id)
    for (const encrypted of [false, true]) {
      const path = backup(demo, encrypted)
      const said = sound(path)
      assert.ok(said.files >= 4 && said.records > 1000 && said.manifest && said.kind === 'demo')
      assert.ok(head(demo).includes(said.head), 'the head of the seals is told')
      for (const db of [database(), null]) {
        const store = restore(path, db)
        assert.equal(head(store), head(demo))
        assert.deepEqual(await answers(store, scan.id, scan.cookie), before)
      }
    }
  },
  async 'postgresql under load, backed up, put back onto sqlite'() {
    const store = makeStore(bin, cluster)
    const server = await serve(bin, store)
    const people = work(server.url, '值守')
    for (const encrypted of [false, true]) {
      while (people.done.scans.length < 20 * (1 + encrypted)) await new Promise((done) => setTimeout(done, 50))
      const { firms, scans } = { firms: [...people.done.firms], scans: [...people.done.scans] }
      const out = fresh('loaded') + (encrypted ? '.zhb' : '')
      const p = spawn(bin, ['backup', ...store.args, '--out', out, ...flags(encrypted)], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
      let told = ''
      for (const s of [p.stdout, p.stderr]) s.on('data', (d) => (told += d))
      assert.equal(await new Promise((done) => p.on('close', done)), 0, told)
      assert.ok(people.done.firms.length > firms.length, 'people went on working meanwhile')
      sound(out)
      const there = restore(out)
      const back = await serve(bin, there)
      const ws = await new Caller(back.url, 'ws').signIn()
      for (const id of firms) assert.equal((await ws.send('GET', `/api/v1/firms/${id}`)).status, 200, 'written before: in it')
      for (const id of scans) assert.equal((await ws.send('GET', `/api/v1/attachments/${id}`)).status, 200)
      await back.stop()
    }
    await people.stop()
    assert.match(ok(['backup', ...store.args, '--out', fresh('served')]).out, /没有加密/)
    await server.stop()
    const before = await answers(store, people.done.scans.at(-1))
    const later = restore(backup(store, true))
    assert.equal(head(later), head(store))
    assert.deepEqual(await answers(later, people.done.scans.at(-1)), before)
    store.remove()
  },
  async 'sqlite under load'() {
    const store = copyStore(demo)
    const server = await serve(bin, store)
    const people = work(server.url, '忙碌')
    for (const encrypted of [false, true]) {
      const path = backup(store, encrypted) // blocks this process, not the server
      sound(path)
      restore(path)
      while (people.done.scans.length < 10 * (1 + encrypted)) await new Promise((done) => setTimeout(done, 20))
    }
    await people.stop()
    await server.stop()
    store.remove()
  },
  'a flipped bit of any file, a missing and a strange file are named'() {
    const path = backup({ args: ['--data', demo.dir] })
    const all = files(path)
    assert.ok(all.some((f) => f.includes('/files/')) && all.some((f) => f.endsWith('keys/ring')))
    for (const file of all) {
      const name = file.slice(path.length + 1)
      const size = statSync(file).size
      const spots = name === 'zhian.db' ? [0, 18, 30, 5000, size >> 1, size - 1] : name === 'manifest' ? [0, 20, size >> 1, size - 3, size - 1] : [0, size >> 1, size - 1]
      for (const at of spots) {
        flipped(file, at, () => {
          const { findings, outcome } = checked(path, 5)
          assert.ok(findings.some((f) => f.name === name && CHINESE.test(f.what)), `${name} at ${at}: ${JSON.stringify(findings)}`)
          assert.equal(outcome.findings, findings.length)
        })
      }
      flipped(file, size >> 1, () => {
        const to = fresh('never')
        assert.match(refused(5, ['restore', '--from', path, '--data', to]).out, new RegExp(name))
        assert.ok(!existsSync(to) && !leftovers(to).length)
      })
      renameSync(file, `${file}.away`)
      cpSync(`${file}.away`, join(dir, 'aside'))
      rmSync(`${file}.away`)
      if (name !== 'manifest') assert.ok(checked(path, 5).findings.some((f) => f.name === name), name)
      cpSync(join(dir, 'aside'), file)
      chmodSync(file, 0o600)
    }
    sound(path)
    writeFileSync(join(path, 'zhian.db-journal'), 'x')
    assert.match(checked(path, 5).findings[0].what, /多出 1 个文件/)
  },
  'an older backup, without a manifest: what can be is checked'() {
    const path = backup({ args: ['--data', demo.dir] })
    rmSync(join(path, 'manifest'))
    assert.match(ok(['restore', '--check', '--from', path]).out, /没有清单/)
    const picture_ = files(join(path, 'files'))[0]
    flipped(picture_, 30, () => assert.match(checked(path, 5).findings[0].name, /^files\//))
    rmSync(picture_)
    assert.match(checked(path, 5).findings[0].what, /不在备份里/)
    const bytes = readFileSync(join(path, 'zhian.db'))
    const at = bytes.indexOf('XK08-001-90001')
    assert.ok(at > 0)
    flipped(join(path, 'zhian.db'), at, () => assert.ok(checked(path, 5).findings.some((f) => /存证/.test(f.what))))
  },
  'an encrypted backup: cut off, changed, shuffled, longer'() {
    const path = backup({ args: ['--data', demo.dir] }, true)
    const size = statSync(path).size
    const whole = readFileSync(path)
    assert.equal(whole.indexOf('文水演示水泥厂'), -1)
    assert.equal(whole.indexOf('zhian-master'), -1, 'the keys are inside and cannot be read')
    assert.ok(size > HEAD + 4 * FRAME)
    for (const at of [0, 9, 20, 30, 50, 80, 103, HEAD, HEAD + 3, HEAD + 4, HEAD + FRAME - 1, HEAD + FRAME, HEAD + 3 * FRAME + 77, size - 1]) {
      flipped(path, at, () => assert.match(checked(path, 5).findings[0].what, at < HEAD ? /头/ : /第 \d+ 块/, `at ${at}`))
    }
    flipped(path, HEAD + 2 * FRAME + 9, () => assert.match(checked(path, 5).findings[0].what, /第 3 块/))
    const parts = (...list) => Buffer.concat([whole.subarray(0, HEAD), ...list.map((i) => whole.subarray(HEAD + i * FRAME, HEAD + (i + 1) * FRAME))])
    const count = Math.ceil((size - HEAD) / FRAME)
    const order = [...Array(count).keys()]
    const bad = {
      'cut in a chunk': whole.subarray(0, size - 100), 'cut between chunks': parts(...order.slice(0, -1)), 'the head alone': whole.subarray(0, HEAD),
      'half a head': whole.subarray(0, 50), 'one left out': parts(...order.slice(0, 1), ...order.slice(2)), 'two changed places': parts(1, 0, ...order.slice(2)),
      'one twice': parts(0, ...order), 'a byte more': Buffer.concat([whole, Buffer.from('x')]), nothing: Buffer.alloc(0),
    }
    assert.ok(parts(...order).equals(whole))
    for (const [what, bytes] of Object.entries(bad)) {
      writeFileSync(path, bytes)
      const { findings } = checked(path, 5)
      assert.ok(findings[0].name === path && CHINESE.test(findings[0].what), what)
      const to = fresh('never')
      refused(5, ['restore', '--from', path, '--data', to, ...sealed])
      assert.ok(!existsSync(to) && !leftovers(to).length, what)
    }
    writeFileSync(path, whole)
    sound(path)
  },
  async 'passphrases: the wrong one, files, the terminal'() {
    const path = backup({ args: ['--data', demo.dir] }, true)
    const to = fresh('never')
    for (const args of [['--data', to], ['--check']]) {
      assert.match(refused(7, ['restore', '--from', path, ...args, '--passphrase-file', other]).err, /口令不对/)
      assert.ok(!existsSync(to) && !leftovers(to).length)
    }
    const file = join(dir, 'pass')
    const out = fresh('never')
    const wrong = (code, text, mode = 0o600) => {
      writeFileSync(file, text)
      chmodSync(file, mode)
      refused(code, ['backup', '--data', demo.dir, '--out', out, '--encrypt', '--passphrase-file', file])
      assert.ok(!existsSync(`${out}.zhb`) && !leftovers(out).length)
    }
    wrong(6, '太短的口令\n')
    wrong(6, '\n')
    wrong(6, 'x'.repeat(1025))
    wrong(4, '晋地三月有春风 2026\n', 0o644)
    refused(3, ['backup', '--data', demo.dir, '--out', out, '--encrypt', '--passphrase-file', join(dir, 'absent')])
    refused(2, ['backup', '--data', demo.dir, '--out', out, ...sealed]) // not said to encrypt
    const alone = spawnSync('setsid', ['-w', bin, 'restore', '--check', '--from', path], { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    assert.equal(alone.status, 2)
    assert.match(alone.stderr, /passphrase-file/)
    const asked = fresh('asked')
    const r = await typed(`backup --data ${demo.dir} --out ${asked} --encrypt`, ['终端上输入的一句长口令二', '终端上输入的一句长口令二'])
    assert.equal(r.code, 0, r.out)
    assert.doesNotMatch(r.out, /终端上/, 'what is typed is not shown')
    writeFileSync(file, '终端上输入的一句长口令二')
    chmodSync(file, 0o600)
    ok(['restore', '--check', '--from', `${asked}.zhb`, '--passphrase-file', file])
    const differ = await typed(`backup --data ${demo.dir} --out ${out} --encrypt`, ['终端上输入的一句长口令二', '终端上输入的二句长口令二'])
    assert.equal(differ.code, 6, differ.out)
    assert.match(differ.out, /不同/)
    assert.ok(!leftovers(out).length)
  },
  'a target that holds something is refused and left alone'() {
    const path = backup({ args: ['--data', demo.dir] })
    const full = fresh('full')
    mkdirSync(full)
    writeFileSync(join(full, 'letter'), 'mine')
    refused(4, ['restore', '--from', path, '--data', full])
    refused(4, ['backup', '--data', demo.dir, '--out', full])
    writeFileSync(join(full, 'letter.zhb'), 'mine')
    refused(4, ['backup', '--data', demo.dir, '--out', join(full, 'letter'), ...flags(true)])
    assert.deepEqual(readdirSync(full), ['letter', 'letter.zhb'])
    assert.equal(readFileSync(join(full, 'letter.zhb'), 'utf8'), 'mine')
    const empty = fresh('empty')
    mkdirSync(empty)
    ok(['restore', '--from', path, '--data', `${empty}/`])
    ok(['verify', '--data', empty])
    refused(4, ['restore', '--from', path, '--data', empty])
    const db = database()
    const first = restore(path, db)
    for (const from of [path, backup({ args: ['--data', big] })]) {
      const to = fresh('never')
      assert.match(refused(4, ['restore', '--from', from, '--data', to, '--db', db]).err, /目标库/)
      assert.ok(!existsSync(to) && !leftovers(to).length)
    }
    ok(['verify', ...first.args])
    refused(3, ['restore', '--from', join(dir, 'nothing'), '--data', fresh('never')])
    refused(3, ['backup', '--data', demo.dir, '--out', join(dir, 'no', 'such', 'folder')])
    refused(6, ['restore', '--from', path, '--data', fresh('never'), '--db', 'mysql://x/y'])
    refused(2, ['restore', '--from', path])
    refused(2, ['restore', '--check'])
  },
  async 'kill -9 and Ctrl-C: nothing looks whole, the next run goes through'() {
    const db = database()
    ok(['move', '--data', big, '--to', db]) // its keys stay where they are
    const sources = [['--data', big], ['--data', big, '--db', db]]
    for (const source of sources) for (const encrypted of [false, true]) for (const [signal, n] of [['SIGKILL', 1], ['SIGKILL', 4], ['SIGINT', 2], ['SIGTERM', 3]]) {
      const out = fresh('cut') + (encrypted ? '.zhb' : '')
      const args = ['backup', ...source, '--out', out, ...flags(encrypted)]
      const r = await cut(args, n, signal)
      assert.ok(r, `${args.join(' ')}: ended before line ${n}`)
      assert.ok(!existsSync(out))
      const left = leftovers(out)
      if (signal !== 'SIGKILL') {
        assert.equal(r.code, 130)
        assert.deepEqual(left, [])
        assert.ok(!existsSync(join(big, 'tmp/backup')))
      }
      for (const name of left) {
        const half = join(dir, name)
        assert.notEqual(run(['restore', '--check', '--from', half, ...sealed]).code, 0)
        assert.notEqual(run(['restore', '--from', half, '--data', fresh('never'), ...sealed]).code, 0)
      }
      if (n === 1) {
        ok(args)
        assert.ok(!existsSync(`${out}.part`))
        sound(out)
      }
    }
  },
  async 'a restore that is cut off'() {
    const path = backup({ args: ['--data', big] }, true)
    const db = database()
    const to = fresh('cut-pg')
    const args = ['restore', '--from', path, '--data', to, '--db', db, ...sealed]
    for (const n of [3, 6, 9, 13]) {
      assert.ok(await cut(args, n), `ended before line ${n}`)
      assert.ok(!existsSync(to))
    }
    ok(args)
    ok(['verify', '--data', to, '--db', db])
    const there = fresh('cut-sqlite')
    const stopped = await cut(['restore', '--from', path, '--data', there, ...sealed], 2, 'SIGINT')
    assert.ok(stopped && !leftovers(there).length)
    assert.ok(await cut(['restore', '--check', '--from', path, ...sealed], 1, 'SIGINT'))
    assert.deepEqual(readdirSync(temp), [], 'a check that was stopped leaves nothing')
  },
  'a full disk is told, and nothing is left'() {
    const db = database()
    ok(['move', '--data', big, '--to', db])
    for (const source of [['--data', big], ['--data', big, '--db', db]]) for (const encrypted of [false, true]) for (const kib of [4, 3000]) {
      const out = fresh('full')
      const r = limited(kib, ['backup', ...source, '--out', out, ...flags(encrypted)])
      assert.equal(r.status, 1, r.stderr)
      assert.match(r.stderr, /磁盘空间不足/)
      assert.deepEqual(leftovers(out), [])
      assert.ok(!existsSync(join(big, 'tmp/backup')))
    }
    for (const encrypted of [false, true]) {
      const path = backup({ args: ['--data', big] }, encrypted)
      const to = fresh('full')
      const r = limited(3000, ['restore', '--from', path, '--data', to, ...open(path)])
      assert.equal(r.status, 1, r.stderr)
      assert.match(r.stderr, CHINESE)
      assert.deepEqual(leftovers(to), [])
      const c = limited(3000, ['restore', '--check', '--from', path, ...open(path)])
      assert.equal(c.status, encrypted ? 1 : 0, c.stderr)
      assert.deepEqual(readdirSync(temp), [])
    }
  },
  async 'a server that is lost on the way'() {
    const db = database()
    ok(['move', '--data', big, '--to', db])
    const out = fresh('lost')
    const args = ['backup', '--data', big, '--db', db, '--out', out]
    const p = spawn(bin, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let err = ''
    const end = new Promise((done) => p.on('close', done))
    const there = new Promise((done) => p.stderr.on('data', (d) => {
      const before = err.split('\n').length > 3
      err += d
      if (!before && err.split('\n').length > 3) done(p.kill('SIGSTOP'))
    }))
    await there
    cluster.sql('postgres', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${db.split('/').at(-1)}'`)
    p.kill('SIGCONT')
    assert.equal(await end, 8, err)
    assert.match(err, CHINESE)
    assert.deepEqual(leftovers(out), [])
    ok(args)
    sound(out)
  },
  'what is damaged in the store already is backed up, and told'() {
    const store = copyStore(demo)
    const [one, two] = [files(join(store.dir, 'files'))[0], fresh('told')]
    appendFileSync(one, 'x')
    const r = refused(5, ['backup', ...store.args, '--out', two])
    assert.match(r.out, /原件已损坏/)
    assert.ok(existsSync(join(two, 'manifest')), 'a backup of the rest is better than none')
    rmSync(one)
    assert.match(refused(5, ['backup', ...store.args, '--out', fresh('told')]).out, /原件已丢失/)
    assert.match(refused(5, ['backup', ...store.args, '--out', fresh('told'), ...flags(true)]).out, /原件已丢失/)
    store.remove()
  },
  'half an attachment and hidden files stay out'() {
    const store = copyStore(demo)
    const folder = join(files(join(store.dir, 'files'))[0], '..')
    writeFileSync(join(folder, 'ab.req-1'), 'half')
    writeFileSync(join(store.dir, 'jobs', '.nfs0001'), 'gone')
    writeFileSync(join(store.dir, 'jobs', '7.xlsx'), 'a result')
    writeFileSync(join(store.dir, 'keys', 'ring.new'), 'half')
    for (const encrypted of [false, true]) {
      const there = restore(backup(store, encrypted)).dir
      const got = files(there).map((f) => f.slice(there.length + 1))
      assert.ok(got.includes('jobs/7.xlsx'))
      assert.ok(!got.some((f) => /req-1|nfs|ring\.new|manifest|backup\.db|unfinished/.test(f)), got.join(' '))
    }
    store.remove()
  },
  'the nightly unit makes a backup and proves it'() {
    const unit = readFileSync(join(root, 'deploy/zhian-backup.service'), 'utf8').replaceAll('\\\n', ' ')
    const line = unit.match(/^ExecStart=\/bin\/sh -euc '(.*)'$/m)[1].replaceAll('$$', '$').replaceAll('%%', '%')
    const place = fresh('nightly')
    mkdirSync(place)
    writeFileSync(join(place, 'passphrase'), readFileSync(secret), { mode: 0o600 })
    const night = (store) => spawnSync('sh', ['-euc', line.replaceAll('/usr/local/bin/zhian', bin).replaceAll('/var/backups/zhian', place)],
      { cwd: root, env: { ...env, STORE: `--data ${store}`, CREDENTIALS_DIRECTORY: place }, encoding: 'utf8' })
    const r = night(demo.dir)
    assert.equal(r.status, 0, r.stderr)
    assert.match(r.stdout, /备份完好/)
    const made = readdirSync(place).filter((n) => n.endsWith('.zhb'))
    assert.equal(made.length, 1)
    sound(join(place, made[0]))
    rmSync(join(place, made[0]))
    assert.equal(night(join(dir, 'absent')).status, 3, 'a backup that fails fails the unit')
  },
  async 'two at once: the second is refused'() {
    const out = fresh('both')
    const args = ['backup', '--data', big, '--out', out]
    const p = spawn(bin, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] })
    await new Promise((done) => p.stderr.once('data', done))
    p.kill('SIGSTOP')
    assert.match(refused(8, args).err, /另一个备份正在进行/)
    p.kill('SIGCONT')
    assert.equal(await new Promise((done) => p.on('close', done)), 0)
    sound(out)
  },
  'a small part of a large encrypted file is missing'() {
    const path = backup({ args: ['--data', big] }, true)
    truncateSync(path, statSync(path).size - 1)
    assert.match(checked(path, 5).findings[0].what, /第 \d+ 块/)
  },
}

let failed = 0
let scan
try {
  scan = await upload(demo)
  ok(['init', '--data', big, '--test'])
  ok(['generate', '--data', big, '--firms', '4000', '--days', '8', '--seed', '3'])
  for (const [name, test] of Object.entries(tests).filter(([n]) => n.includes(process.argv[2] ?? ''))) {
    const from = Date.now()
    try {
      await test()
      console.log(`ok   ${name}  ${((Date.now() - from) / 1000).toFixed(1)} s`)
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
