#!/usr/bin/env node
// Base backup and log archive of a PostgreSQL store under load: the server is lost, and everything
// acknowledged whose log has left the machine is there again, proven.
import { execFileSync, spawnSync } from 'node:child_process'
import { chownSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import assert from 'node:assert/strict'
import { Caller } from '../lib/client.mjs'
import { owner, startCluster, startOn } from '../lib/postgres.mjs'
import { makeStore, serve, NOW } from '../lib/store.mjs'
import { root } from '../lib/run.mjs'

const bin = resolve(root, process.argv[2] ?? 'build/release/zhian')
const env = { ...process.env, ZHIAN_NOW: NOW }
const who = owner()
const place = mkdtempSync(join(tmpdir(), 'zhian-archive-'))
const vault = join(place, 'vault')
const script = join(place, 'backup.sh') // where the server's user may read it
mkdirSync(vault)
copyFileSync(join(root, 'deploy/postgresql/backup.sh'), script)
for (const d of [place, vault]) if (who.uid) chownSync(d, who.uid, who.gid)

const cluster = await startCluster(['-c', 'archive_mode=on', '-c', `archive_command=${script} archive ${vault} %p %f`])
const run = (...args) => execFileSync(script, args, { ...who, cwd: place, env: { ...env, PGBIN: cluster.bin }, encoding: 'utf8' }).trim()
const store = makeStore(bin, cluster)
let restored

async function add(caller, name) {
  const r = await caller.send('POST', '/api/v1/firms', {
    body: { kind: 'producer', name, town: '141121100', legal_person: '岑归档', entry_reason: ['10'], staff: 30, revenue: 400 },
  })
  assert.equal(r.status, 200, JSON.stringify(r.body))
}

try {
  const server = await serve(bin, store)
  const clerk = await new Caller(server.url, 'ws.clerk').signIn()
  for (let i = 0; i < 10; i++) await add(clerk, `文水县归档前${i}厂`)
  run('base', vault, '-h', '127.0.0.1', '-p', String(cluster.port), '-U', 'zhian')
  for (let i = 0; i < 10; i++) await add(clerk, `文水县归档后${i}厂`)
  await server.stop()
  cluster.sql('postgres', 'SELECT pg_switch_wal()')
  for (let i = 0; i < 100 && cluster.sql('postgres', 'SELECT last_archived_wal IS NULL OR failed_count > 0 FROM pg_stat_archiver').trim() === 't'; i++)
    await new Promise((done) => setTimeout(done, 100))
  await new Promise((done) => setTimeout(done, 500))
  process.kill(cluster.pid, 'SIGKILL')

  const data = run('restore', vault, join(place, 'restored')).split('\n').at(-1)
  restored = await startOn(cluster.bin, place, data)
  for (let i = 0; i < 100 && restored.sql('postgres', 'SELECT pg_is_in_recovery()').trim() === 't'; i++)
    await new Promise((done) => setTimeout(done, 100))
  const n = restored.sql(store.database, "SELECT count(*) FROM firm WHERE name LIKE '文水县归档%'").trim()
  assert.equal(n, '20')
  const v = spawnSync(bin, ['verify', '--data', store.dir, '--db', restored.uri(store.database)], { env, encoding: 'utf8' })
  assert.equal(v.status, 0, v.stdout + v.stderr)
  assert.throws(() => run('restore', vault, data), 'a folder that is there is not overwritten')

  run('base', vault, '-h', '127.0.0.1', '-p', String(restored.port), '-U', 'zhian')
  run('prune', vault, '1')
  assert.equal(readdirSync(vault).filter((f) => f.startsWith('base-')).length, 1)
  console.log('a lost server came back from its base backup and archive')
} finally {
  await restored?.stop()
  rmSync(store.dir, { recursive: true, force: true })
  await cluster.stop()
  rmSync(place, { recursive: true, force: true })
}
