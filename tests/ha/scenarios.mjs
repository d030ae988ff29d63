// The faults. Each breaks one thing under load, tells what clients saw until all was well again, and
// asserts its bar. To add one: a function here, in the list at the end.
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isRoot } from './cluster.mjs'
import { signal, sleep, until } from './process.mjs'

const OUTAGE_S = 30
const READS_S = 5

/** Waits until clients are acknowledged again: five in the last second. */
function acknowledged(b, seconds = 90) {
  const recent = () => b.load.ackedAt.filter((t) => t > Date.now() - 1000).length
  return until('submissions are acknowledged again', seconds, () => recent() >= 5)
}

/** What every fault ends with: figures, and nothing lost or doubled. */
async function judge(b, name, from, { outage = OUTAGE_S, reads = READS_S, ...more } = {}) {
  const seen = b.load.since(from)
  const sums = await b.count()
  b.note(name, { ...seen, lost: sums.lost, doubled: sums.doubled, ...more }, [
    [`at most ${outage} s without writes`, seen.without_writes_s <= outage],
    [`at most ${reads} s without an answered read`, seen.without_reads_s <= reads],
    ['nothing acknowledged is lost', sums.lost === 0],
    ['nothing stands twice', sums.doubled === 0],
  ])
}

async function primaryKilled(b) {
  const old = await b.cluster.primary()
  const from = Date.now()
  await old.crash()
  const promoted = await until('the standby takes over', 60, async () => {
    const p = await b.cluster.primary()
    return p && p !== old && p
  })
  const promotion = (Date.now() - from) / 1000
  await acknowledged(b)
  await sleep(5000)
  await judge(b, 'primary killed', from, { promoted: promoted.name, promoted_after_s: +promotion.toFixed(1) })
  old.start()
  const back = await b.cluster.whole()
  b.note('old primary back as standby', { seconds: +back.toFixed(1) }, [['within 60 s', back <= 60]])
}

/** Its PostgreSQL alone is killed; Patroni lives and gives up the place at once. */
async function serverKilled(b) {
  const old = await b.cluster.primary()
  const from = Date.now()
  signal(old.postmaster(), 'SIGKILL')
  await sleep(3000)
  await acknowledged(b)
  await sleep(5000)
  await judge(b, 'PostgreSQL of the primary killed', from, { primary_now: (await b.cluster.primary())?.name, was: old.name })
  await b.cluster.whole()
}

/** All of the primary's machine stands still for a while, as a paused virtual machine does. */
async function primaryFrozen(b) {
  const old = await b.cluster.primary()
  const server = old.postmaster()
  const from = Date.now()
  old.process.kill('SIGSTOP')
  signal(server, 'SIGSTOP')
  try {
    await until('the standby takes over', 60, async () => {
      const p = await b.cluster.primary()
      return p && p !== old
    })
    await acknowledged(b)
  } finally {
    signal(server, 'SIGCONT')
    old.process.kill('SIGCONT')
  }
  await sleep(8000)
  await judge(b, 'primary frozen, thawed later', from, { reads: 12 }) // silence has to be told from work first
  await b.cluster.whole()
}

async function standbyRebuilt(b) {
  const standby = await b.cluster.standby()
  let from = Date.now()
  await standby.crash()
  await sleep(3000)
  await acknowledged(b)
  await sleep(3000)
  await judge(b, 'standby killed', from)
  standby.start()
  await until('the standby answers', 60, async () => (await standby.role())?.state === 'running')
  from = Date.now()
  b.cluster.patronictl('reinit', 'zhian', standby.name, '--force')
  await sleep(2000)
  await b.cluster.whole()
  const seconds = (Date.now() - from) / 1000
  await judge(b, 'standby rebuilt (patronictl reinit)', from, { outage: 5, rebuilt_s: +seconds.toFixed(1) })
}

async function nodeKilled(b) {
  const node = b.nodes[0]
  const from = Date.now()
  node.process.kill('SIGKILL')
  await sleep(12_000)
  await judge(b, 'application node killed', from, { outage: 5 })
  await node.start()
}

async function networkCut(b) {
  if (!b.net) {
    b.say('skipped: a network namespace needs root')
    return
  }
  const from = Date.now()
  b.net.cut()
  await sleep(30_000)
  await judge(b, 'network cut between a node and the databases', from, { the_node_answered: b.load.answersOf(b.nodes[2].url, from) })
  b.net.mend()
  const mended = Date.now()
  const here = () => b.load.whereAt.get(b.nodes[2].url)
  const back = await until('the node takes submissions again', 60, () => here() > mended && (here() - mended) / 1000)
  b.note('the node that was cut off', { writes_again_after_s: +back.toFixed(1) }, [['within 20 s', back <= 20]])
}

/** Fills the primary's disk; gives back what frees it again. */
function fill(db) {
  const file = join(db.disk, 'ballast')
  const fd = openSync(file, 'a')
  for (let size = 1 << 20; size >= 4096; size >>= 2) {
    try {
      for (;;) writeSync(fd, Buffer.alloc(size))
    } catch { /* this much does not fit any more */ }
  }
  closeSync(fd)
  return () => rmSync(file, { force: true })
}

async function diskFull(b) {
  if (!isRoot) {
    b.say('skipped: a small disk needs root')
    return
  }
  const old = await b.cluster.primary()
  const from = Date.now()
  const free = fill(old)
  const timer = setInterval(() => old.space() && fill(old), 500) // what the server frees is taken as well
  await until('the standby takes over', 60, async () => {
    const p = await b.cluster.primary()
    return p && p !== old
  })
  await acknowledged(b)
  clearInterval(timer)
  await sleep(5000)
  await judge(b, "the primary's disk full", from, { reads: 10 })
  free()
  await b.cluster.whole()
}

async function etcdKilled(b) {
  const m = b.cluster.etcd[0]
  const from = Date.now()
  m.process.kill('SIGKILL')
  await sleep(12_000)
  await judge(b, 'an etcd member killed', from, { outage: 5 })
  m.start()
}

export const scenarios = [nodeKilled, networkCut, primaryKilled, standbyRebuilt, serverKilled, primaryFrozen, diskFull, etcdKilled]
