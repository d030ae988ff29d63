#!/usr/bin/env node
// A standby answers lists and boards, but never a user's own look at what he has just written, never
// when it has fallen behind, and its death is not noticed by anybody.
import { resolve } from 'node:path'
import assert from 'node:assert/strict'
import { Caller } from '../lib/client.mjs'
import { startCluster, startStandby } from '../lib/postgres.mjs'
import { makeStore, serve } from '../lib/store.mjs'
import { root } from '../lib/run.mjs'

const bin = resolve(root, process.argv[2] ?? 'build/release/zhian')
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
const cluster = await startCluster()
const store = makeStore(bin, cluster)
const standby = await startStandby(cluster)
let server

/** A browser: it keeps every cookie it is given. */
async function browser(login) {
  const c = await new Caller(server.url, login).signIn()
  const send = async (method, path, how) => {
    const r = await c.send(method, path, how)
    for (const set of r.headers.getSetCookie()) {
      const pair = set.split(';')[0]
      const name = pair.split('=')[0]
      c.cookie = [...c.cookie.split('; ').filter((k) => !k.startsWith(`${name}=`)), pair].join('; ')
    }
    return r
  }
  return { send, forget: () => (c.cookie = c.cookie.split('; ').filter((k) => !k.startsWith('zhian-wrote')).join('; ')) }
}

const newest = async (who) => (await who.send('GET', '/api/v1/firms', { query: { limit: '1', columns: 'name' } })).body.items[0].name
const add = async (who, name) => {
  const r = await who.send('POST', '/api/v1/firms', { body: { kind: 'producer', name, town: '141121100', legal_person: '岑备库', entry_reason: ['10'], staff: 30, revenue: 400 } })
  assert.equal(r.status, 200, JSON.stringify(r.body))
}

async function until(what, ask, seconds) {
  for (let i = 0; i < seconds * 10; i++) {
    if (await ask()) return
    await sleep(100)
  }
  assert.fail(`not within ${seconds} s: ${what}`)
}

const asked = () => Number(standby.sql('postgres', `SELECT count(*) FROM pg_stat_activity WHERE datname = '${store.database}' AND query LIKE '%FROM firm f%'`))

try {
  store.args.push('--standby', standby.uri(store.database))
  server = await serve(bin, store)
  const clerk = await browser('ws.clerk')
  const chief = await browser('ws')
  await until('the standby is asked', async () => (await newest(chief), asked() > 0), 15)

  // replay stands still: the writer sees his own, another user what the standby knows
  standby.sql('postgres', 'SELECT pg_wal_replay_pause()')
  const before = await newest(chief)
  await add(clerk, '文水县备库一号厂')
  assert.equal(await newest(clerk), '文水县备库一号厂')
  assert.equal(await newest(chief), before)
  // … until it has fallen behind
  await until('the primary answers', async () => (await newest(chief)) === '文水县备库一号厂', 15)
  standby.sql('postgres', 'SELECT pg_wal_replay_resume()')

  // the standby dies while it is asked
  await until('the standby is asked again', async () => {
    const n = asked()
    await newest(chief)
    return n > 0 && asked() > 0
  }, 15)
  process.kill(standby.pid, 'SIGKILL')
  for (let i = 0; i < 20; i++) assert.equal((await chief.send('GET', '/api/v1/firms')).status, 200)
  await add(clerk, '文水县备库二号厂')
  clerk.forget()
  assert.equal(await newest(clerk), '文水县备库二号厂')
  assert.deepEqual(await server.stop(), { code: 0, signal: null }, server.log())
  server = undefined
  console.log('own writes, lag and death of a standby')
} finally {
  if (server) await server.stop()
  await standby.stop()
  store.remove()
  await cluster.stop()
}
