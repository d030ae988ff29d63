// A store that an older program made, opened by this one, on PostgreSQL (tests/unit/feature/test_setup.c does
// the same on SQLite): definitions it lacks arrive, what an authority published stays, two programs that start
// together do it once.
import assert from 'node:assert/strict'
import { bin } from '../lib/cli.mjs'
import { startCluster } from '../lib/postgres.mjs'
import { makeStore, serve } from '../lib/store.mjs'

const cluster = await startCluster()
const store = makeStore(bin, cluster)
const sql = (text) => cluster.sql(store.database, text).trim()
const versions = () => sql("SELECT name || ' ' || max(version) FROM template GROUP BY name ORDER BY name")

async function serveOnce() {
  const server = await serve(bin, store)
  const how = await server.stop()
  assert.equal(how.code, 0, server.log())
}

try {
  const first = versions()
  sql("DELETE FROM template WHERE name = 'workflow_transfer'")
  sql("UPDATE template SET body = '{\"grade\":[{\"code\":\"A\",\"label\":\"老甲级\"}]}', created_by = 77, reason = '本省调整' WHERE name = 'codes'")
  sql("UPDATE template SET body = '{\"rules\":[]}' WHERE name = 'quality_rules'")
  sql("UPDATE meta SET value = '1 00' WHERE key = 'shipped_templates'")
  await Promise.all([serveOnce(), serveOnce()])
  const now = versions()
  assert.equal(now, first.replace('codes 1', 'codes 2').replace('quality_rules 1', 'quality_rules 2'))
  const codes = JSON.parse(sql("SELECT body FROM template WHERE name = 'codes' AND version = 2"))
  assert.equal(codes.grade[0].label, '老甲级')
  assert.ok(codes.grade.length > 1 && codes.twin_state.length > 1)
  const told = () => Number(sql("SELECT count(*) FROM journal j JOIN template t ON t.jseq = j.id WHERE t.name IN ('codes', 'quality_rules', 'workflow_transfer')"))
  assert.equal(told(), 5, 'two versions retired, three published')
  await serveOnce()
  assert.equal(versions(), now, 'nothing again')
  console.log('ok: definitions of an older store on PostgreSQL')
} finally {
  store.remove()
  await cluster.stop()
}
