#!/usr/bin/env node
// A full disk: a clear answer (507), nothing corrupted, and service goes on when there is room again.
// Needs the right to mount a small file system; says so and ends well where it has none.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync, statfsSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import assert from 'node:assert/strict'
import { Caller } from '../lib/client.mjs'
import { serve, NOW } from '../lib/store.mjs'
import { root } from '../lib/run.mjs'

const bin = resolve(root, process.argv[2] ?? 'build/release/zhian')
const env = { ...process.env, ZHIAN_NOW: NOW }
const mount = mkdtempSync(join(tmpdir(), 'zhian-disk-'))
if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'zhian-test', mount]).status !== 0) {
  rmSync(mount, { recursive: true })
  console.log('left out: this user may not mount a file system')
  process.exit(0)
}
const store = { dir: join(mount, 'store'), args: ['--data', join(mount, 'store')] }
const filler = join(mount, 'filler')

function free() {
  const s = statfsSync(mount)
  return s.bavail * s.bsize
}

async function create(caller, i) {
  return caller.send('POST', '/api/v1/firms', {
    body: { kind: 'producer', name: `文水县满盘${i}厂`, town: '141121100', legal_person: '岑满盘', remark: '备'.repeat(8000) },
  })
}

try {
  execFileSync(bin, ['init', '--data', store.dir, '--demo'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const server = await serve(bin, store)
  const caller = await new Caller(server.url, 'ws.clerk').signIn()
  writeFileSync(filler, Buffer.alloc(Math.max(0, free() - 600_000)))
  const acked = []
  let refused = null
  for (let i = 0; i < 400 && !refused; i++) {
    const r = await create(caller, i)
    if (r.status === 200) acked.push(r.body.id)
    else refused = r
  }
  assert.ok(refused, 'the disk never filled up')
  assert.equal(refused.status, 507, JSON.stringify(refused.body))
  assert.match(refused.body.detail, /磁盘/)
  const read = await caller.send('GET', '/api/v1/firms', { query: { limit: '1' } })
  assert.equal(read.status, 200, 'reading goes on')
  unlinkSync(filler)
  const again = await create(caller, 'again')
  assert.equal(again.status, 200, 'writing goes on once there is room')
  acked.push(again.body.id)
  for (const id of acked) assert.equal((await caller.send('GET', `/api/v1/firms/${id}`)).status, 200)
  assert.deepEqual(await server.stop(), { code: 0, signal: null })
  const v = spawnSync(bin, ['verify', '--data', store.dir], { env, encoding: 'utf8' })
  assert.equal(v.status, 0, v.stdout + v.stderr)
  console.log(`${acked.length} acknowledged, then 507, then service again`)
} finally {
  spawnSync('umount', [mount])
  rmSync(mount, { recursive: true, force: true })
}
