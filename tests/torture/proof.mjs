#!/usr/bin/env node
// The proof from outside: one flipped byte of a record, of an index, of the journal or of a seal is named; heads
// are checked with nothing but their file; a backup restored elsewhere gives the same answers.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import assert from 'node:assert/strict'
import { copyStore, makeStore, serve, NOW } from '../lib/store.mjs'
import { Caller } from '../lib/client.mjs'
import { root } from '../lib/run.mjs'

const bin = resolve(root, process.argv[2] ?? 'build/release/zhian')
const env = { ...process.env, ZHIAN_NOW: NOW }
const run = (...argv) => spawnSync(bin, argv, { env, encoding: 'utf8' })
const store = makeStore(bin)
const work = mkdtempSync(join(tmpdir(), 'zhian-proof-'))

/** Verifies a copy of the store after `change` has altered the database file's bytes. */
function altered(change) {
  const copy = copyStore(store)
  const file = join(copy.dir, 'zhian.db')
  const bytes = readFileSync(file)
  change(bytes)
  writeFileSync(file, bytes)
  const v = run('verify', '--data', copy.dir)
  copy.remove()
  return v
}

function places(bytes, text) {
  const needle = Buffer.from(text)
  const all = []
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) all.push(at)
  return all
}

try {
  assert.equal(run('verify', '--data', store.dir).status, 0)
  const server = await serve(bin, store)
  const caller = await new Caller(server.url, 'ws').signIn()
  const found = await caller.send('GET', '/api/v1/firms', { query: { q: '文水演示水泥厂' } })
  const id = found.body.items[0].id
  await server.stop()

  const address = '凤城镇演示路1号'
  const n = places(readFileSync(join(store.dir, 'zhian.db')), address).length
  assert.ok(n >= 2)
  let hidden = 0
  for (let i = 0; i < n; i++) {
    const v = altered((bytes) => { bytes[places(bytes, address)[i] + 1] ^= 1 })
    assert.equal(v.status, 5, `flip ${i}: ${v.stdout}${v.stderr}`)
    assert.match(v.stdout, new RegExp(`单位 ${id}`), 'the record is named')
    hidden += new RegExp(`单位 ${id}（firm）：索引 firm_site 缺少`).test(v.stdout)
  }
  assert.ok(hidden, 'an index that lacks the record is named')
  const journal = altered((bytes) => { bytes[places(bytes, '"label":"发布模板"')[0] + 12] ^= 1 })
  assert.equal(journal.status, 5)
  assert.match(journal.stdout, /批次 1/)
  const product = altered((bytes) => { bytes[places(bytes, 'XK08-001-90001')[0]] ^= 1 })
  assert.equal(product.status, 5)
  assert.match(product.stdout, /产品 \d+/)

  const heads = join(work, 'heads.txt')
  assert.equal(run('seal', 'export', '--data', store.dir, '--out', heads).status, 0)
  const good = run('seal', 'check', heads)
  assert.equal(good.status, 0, good.stdout)
  const print = good.stdout.match(/[0-9a-f]{64}/)[0]
  assert.equal(run('seal', 'check', heads, '--print', print, '--data', store.dir).status, 0)
  assert.equal(run('seal', 'check', heads, '--print', '0'.repeat(64)).status, 5)
  const text = readFileSync(heads, 'utf8')
  const broken = join(work, 'broken.txt')
  const at = text.lastIndexOf('\n', text.length - 2) - 20
  writeFileSync(broken, text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1))
  const bad = run('seal', 'check', broken)
  assert.equal(bad.status, 5)
  assert.match(bad.stdout, /第 \d+ 行/)

  const saved = join(work, 'backup')
  const fresh = join(work, 'fresh')
  assert.equal(run('backup', '--data', store.dir, '--out', saved).status, 0)
  assert.equal(run('backup', '--data', store.dir, '--out', saved).status, 4, 'an older backup is not overwritten')
  const back = run('restore', '--from', saved, '--data', fresh)
  assert.equal(back.status, 0, back.stderr)
  assert.equal(run('restore', '--from', saved, '--data', fresh).status, 4, 'a store is not overwritten')
  assert.equal(run('verify', '--data', fresh).status, 0)
  const list = (dir) => run('list', 'firms', '--data', dir, '--json').stdout
  assert.equal(list(fresh), list(store.dir))
  const damaged = readFileSync(join(saved, 'zhian.db'))
  damaged.fill(0, 0, 100)
  writeFileSync(join(saved, 'zhian.db'), damaged)
  assert.notEqual(run('restore', '--from', saved, '--data', join(work, 'never')).status, 0)

  const real = join(work, 'real')
  const init = spawnSync(bin, ['init', '--data', real], { encoding: 'utf8', env: { ...process.env, ZHIAN_NOW: '' } })
  assert.equal(init.status, 0, init.stderr)
  assert.match(init.stdout, /一次性密码/)
  const refused = run('verify', '--data', real)
  assert.notEqual(refused.status, 0, 'the clock of a real store is not set from outside')
  assert.match(refused.stderr, /ZHIAN_NOW/)
  const again = spawnSync(bin, ['init', '--data', real], { encoding: 'utf8', env: { ...process.env, ZHIAN_NOW: '' } })
  assert.equal(again.status, 4)
  assert.ok(existsSync(join(real, 'zhian.db')))
  console.log(`${n + 2} flipped bytes named; heads, backup and clock behave`)
} finally {
  store.remove()
  rmSync(work, { recursive: true, force: true })
}
