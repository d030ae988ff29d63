// The database layer's unit tests against a PostgreSQL cluster: node tests/unit_pg.mjs BINARY…
import { spawnSync } from 'node:child_process'
import { startCluster } from './lib/postgres.mjs'

const cluster = await startCluster()
let failed = 0
try {
  cluster.create('unit')
  const env = { ...process.env, ZHIAN_TEST_DB: cluster.uri('unit'), PATH: `${cluster.bin}:${process.env.PATH}` }
  for (const binary of process.argv.slice(2)) {
    const r = spawnSync(binary, [], { env, stdio: 'inherit', timeout: 120_000 })
    if (r.status !== 0) failed++
  }
} finally {
  await cluster.stop()
}
process.exit(failed ? 1 : 0)
