#!/usr/bin/env node
// Where the database is: wrong addresses, wrong servers and foreign databases are told clearly, with
// the exit code of the matter, and nothing is touched; passwords are never repeated.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import assert from 'node:assert/strict'
import { startCluster } from '../lib/postgres.mjs'
import { makeStore, NOW } from '../lib/store.mjs'
import { root } from '../lib/run.mjs'

const bin = resolve(root, process.argv[2] ?? 'build/release/zhian')
const cluster = await startCluster()
const store = makeStore(bin, cluster)
const scratch = mkdtempSync(join(tmpdir(), 'zhian-test-'))
let checks = 0

function tells(args, status, text, env = {}) {
  const r = spawnSync(bin, args, { env: { ...process.env, ZHIAN_NOW: NOW, ...env }, encoding: 'utf8', timeout: 60_000 })
  const said = r.stdout + r.stderr
  assert.equal(r.status, status, `${args.join(' ')}: ${said}`)
  assert.match(said, text)
  assert.doesNotMatch(said, /geheim/)
  checks++
}

const list = (db) => ['list', 'firms', '--data', store.dir, '--db', db, '--org', '140000', '--limit', '1']
const count = (sql) => cluster.sql(store.database, sql).trim()

try {
  tells(list(cluster.uri(store.database)), 0, /单位名称/)
  tells(list(cluster.uri('nosuch')), 8, /连接数据库失败/)
  tells(list('postgresql://zhian@127.0.0.1:1/x'), 8, /连接数据库失败/)
  tells(list('postgresql://%zz'), 8, /连接数据库失败/)
  tells(list('mysql://zhian:geheim@127.0.0.1/x'), 6, /sqlite:文件路径/)
  tells(list(cluster.uri(store.database)), 6, /客户端库/, { ZHIAN_LIBPQ: '/nonexistent.so' })

  // one of several hosts answers
  tells(list(`postgresql://zhian@127.0.0.1:1,127.0.0.1:${cluster.port}/${store.database}`), 0, /单位名称/)

  // a wrong password
  cluster.sql('postgres', "CREATE ROLE guest LOGIN PASSWORD 'right'")
  cluster.rules('host all guest 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n')
  tells(list(`postgresql://guest:geheim@127.0.0.1:${cluster.port}/${store.database}`), 8, /连接数据库失败.*password/)

  // an empty database is no store; a foreign one is never taken; a store is never made anew
  cluster.create('empty')
  tells(list(cluster.uri('empty')), 3, /没有找到数据库/)
  cluster.create('foreign_one')
  cluster.sql('foreign_one', 'CREATE TABLE x (a int)')
  tells(['init', '--data', join(scratch, 'a'), '--test', '--db', cluster.uri('foreign_one')], 4, /不是本程序的数据库/)
  assert.equal(cluster.sql('foreign_one', "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace").trim(), '1')
  const before = count('SELECT string_agg(key || value, \',\' ORDER BY key) FROM meta')
  tells(['init', '--data', join(scratch, 'b'), '--demo', '--db', cluster.uri(store.database)], 4, /已经有数据/)
  assert.equal(count('SELECT string_agg(key || value, \',\' ORDER BY key) FROM meta'), before)

  // text that does not compare by bytes
  cluster.sql('postgres', "CREATE DATABASE other_order TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'zh' LC_COLLATE 'C' LC_CTYPE 'C'")
  tells(['init', '--data', join(scratch, 'c'), '--test', '--db', cluster.uri('other_order')], 6, /排序规则/)

  // a schema newer than the program
  cluster.sql(store.database, "INSERT INTO schema_migration VALUES (9999, 'future', 'x')")
  tells(list(cluster.uri(store.database)), 4, /更新版本的程序/)
  assert.equal(count('SELECT count(*) FROM schema_migration WHERE number = 9999'), '1')
  console.log(`${checks} addresses told rightly`)
} finally {
  store.remove()
  rmSync(scratch, { recursive: true, force: true })
  await cluster.stop()
}
