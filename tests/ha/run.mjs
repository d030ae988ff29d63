#!/usr/bin/env node
// Failover on one machine (./dev test-ha; not part of CI): etcd, Patroni with a synchronous standby,
// HAProxy and three application nodes under a constant load of submissions, and every fault that
// must not lose or double one of them. Runs on loopback in temporary folders; everything started is
// ended by its process id.
//
//   node tests/ha/run.mjs [--rate N] [--etcd 1|3] [--keep] [SCENARIO…]
//
// Figures go to bench/results/ha-DATE.json when all scenarios ran. --keep leaves the logs.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { root } from '../lib/run.mjs'
import { Cluster } from './cluster.mjs'
import { Load } from './load.mjs'
import { Node, install, makeNet } from './nodes.mjs'
import { scenarios } from './scenarios.mjs'
import { sleep, stopAll, who } from './process.mjs'

const args = process.argv.slice(2)
const option = (name, otherwise) => (args.includes(name) ? Number(args.splice(args.indexOf(name), 2)[1]) : otherwise)
const RATE = option('--rate', 25)
const ETCDS = option('--etcd', 3)
const keep = args.includes('--keep')
const wanted = args.filter((a) => !a.startsWith('--'))
const FIRMS = 20_000
const say = (text) => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`)
const today = () => new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10)

/** What the scenarios work on. */
class Bench {
  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), 'zhian-ha-'))
    this.results = []
    this.say = say
  }

  run(program, argv, env = {}) {
    return execFileSync(program, argv, { ...who, cwd: this.dir, encoding: 'utf8', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', ...env }, stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 })
  }

  async start() {
    this.cluster = new Cluster(this.dir)
    this.net = makeNet()
    await this.cluster.start(this.net ? ['127.0.0.1', this.net.host] : ['127.0.0.1'], ETCDS, 2)
    say(`databases run: ${(await this.cluster.primary()).name} is the primary`)
    this.subjects = this.makeStore(install(this.dir))
    say(`${this.subjects.length} firms may submit`)
    await this.startNodes()
    this.load = new Load({ ...this.clients(), rate: RATE, day: today() })
    this.load.start()
    await sleep(8000)
  }

  makeStore(bin) {
    const uri = this.cluster.uri()
    const store = join(this.dir, 'shared/store')
    const tool = (name) => {
      copyFileSync(join(root, 'build/release/bench', name), join(this.dir, name))
      return join(this.dir, name)
    }
    this.run(bin, ['init', '--data', store, '--db', uri, '--test'])
    this.run(bin, ['generate', '--data', store, '--db', uri, '--firms', String(FIRMS), '--days', '1', '--seed', '3'])
    const list = join(this.dir, 'shared/subjects')
    this.run(tool('bench_daily'), ['prepare', store, String(FIRMS), list], { BENCH_DB_URI: uri })
    this.board = JSON.parse(this.run(tool('bench_staff'), [store, '140000'], { BENCH_DB_URI: uri })).token
    return readFileSync(list, 'utf8').trim().split('\n').map((l) => l.split(' ')).map(([firm, , risklist, , , token]) => ({ firm, risklist: Number(risklist), token }))
  }

  async startNodes() {
    const direct = this.cluster.uri()
    this.nodes = [new Node(this.dir, 'node1', direct), new Node(this.dir, 'node2', ''), new Node(this.dir, 'node3', this.net ? this.cluster.uri(this.net.host) : direct, this.net)]
    await this.nodes[0].start()
    await this.nodes[2].start()
    this.nodes[1].port = this.nodes[1].port ?? await (await import('../lib/postgres.mjs')).freePort()
    await this.cluster.startProxy(this.nodes)
    this.nodes[1].uri = this.cluster.proxyUri()
    await this.nodes[1].start()
  }

  /** Clients know the three nodes and the proxy before them. */
  clients() {
    const list = JSON.parse(readFileSync(join(root, 'data/templates/daily_lists/sales_small.json'), 'utf8'))
    const answers = list.body.areas.flatMap((a) => a.items.map((i) => ({ code: i.code, result: 'normal' })))
    const urls = [...this.nodes.map((n) => n.url), `http://127.0.0.1:${this.cluster.ports.web}`]
    return { urls, subjects: this.subjects, answers, board: this.board }
  }

  /** What the database holds of what was acknowledged: {acknowledged, lost, doubled}. */
  async count() {
    const acked = new Map(this.load.acked)
    const db = await this.cluster.primary()
    const kept = new Map()
    let doubled = 0
    for (const line of this.cluster.psql(db, 'zhian', 'zhian', "SELECT firm, key FROM daily WHERE key LIKE 'ha-%'").split('\n').filter(Boolean)) {
      const [firm, key] = line.split('|')
      doubled += kept.has(firm)
      kept.set(firm, key)
    }
    const journal = Number(this.cluster.psql(db, 'zhian', 'zhian', "SELECT count(*) - count(DISTINCT ref) FROM journal WHERE op = 'daily_submit'"))
    let lost = 0
    for (const [firm, key] of acked) lost += kept.get(firm) !== key
    return { acknowledged: acked.size, lost, doubled: doubled + journal }
  }

  note(name, figures, bars) {
    const good = bars.every(([, ok]) => ok)
    this.results.push({ name, good, ...figures, bars: bars.map(([text, ok]) => `${ok ? 'ok' : 'MISSED'}: ${text}`) })
    say(`${good ? 'ok  ' : 'FAIL'} ${name} ${JSON.stringify(figures)}${good ? '' : ` — ${bars.filter(([, ok]) => !ok).map(([t]) => t).join('; ')}`}`)
  }

  /** The whole run: everything acknowledged is there once, counters and proof agree. */
  async finish() {
    const left = await this.load.drain()
    const sums = await this.count()
    const db = await this.cluster.primary()
    const number = (text) => Number(this.cluster.psql(db, 'zhian', 'zhian', text))
    const rows = number(`SELECT count(*) FROM daily WHERE day = (DATE '${this.load.day}' - DATE '1970-01-01')`)
    const board = number(`SELECT done FROM duty_count WHERE level = 1 AND day = (DATE '${this.load.day}' - DATE '1970-01-01')`)
    let proof = ''
    try {
      this.run(join(this.dir, 'zhian'), ['verify', '--data', join(this.dir, 'shared/store'), '--db', this.cluster.uri()])
    } catch (e) {
      proof = String(e.stdout).slice(-500)
    }
    this.note('whole run', { ...sums, unanswered: left, rows_of_the_day: rows, board_done: board, refused: this.load.refused.length, answers: this.load.answersSeen, reads: this.load.reads }, [
      ['nothing acknowledged is lost', sums.lost === 0], ['nothing stands twice', sums.doubled === 0], ['everything asked was acknowledged in the end', left === 0],
      ['the board equals a recount', rows === board], [`verify finds nothing ${proof}`, !proof], [`nobody is refused ${JSON.stringify(this.load.refused.slice(0, 3))}`, this.load.refused.length === 0],
    ])
  }

  save() {
    const git = (...a) => execFileSync('git', a, { cwd: root, encoding: 'utf8' }).trim()
    const version = (program, flag) => execFileSync(program, [flag], { encoding: 'utf8' }).split('\n')[0]
    const about = { date: new Date().toISOString(), commit: git('rev-parse', '--short', 'HEAD'), cpu: cpus()[0]?.model, cores: availableParallelism(), memory_gib: Math.round(totalmem() / 2 ** 30), node: process.version,
      patroni: version('patroni', '--version'), etcd: version('etcd', '--version'), haproxy: version('haproxy', '-v'), rate_per_s: RATE, etcd_members: ETCDS, namespaces: !!this.net }
    const file = join(root, `bench/results/ha-${about.date.slice(0, 10)}.json`)
    writeFileSync(file, `${JSON.stringify({ about, results: this.results }, null, 2)}\n`)
    say(`figures: ${file.slice(root.length + 1)}`)
  }

  /** Once, whoever asks. */
  stop() {
    return (this.stopping ??= this.end())
  }

  async end() {
    if (this.load) this.load.over = true
    clearInterval(this.load?.clock)
    for (const n of this.nodes ?? []) await n.process?.stop()
    await this.cluster?.stop()
    await stopAll()
    this.net?.remove()
    if (keep) say(`logs: ${this.dir}`)
    else rmSync(this.dir, { recursive: true, force: true })
  }
}

const bench = new Bench()
const chosen = scenarios.filter((s) => !wanted.length || wanted.some((w) => s.name.includes(w)))
let failed = false
for (const s of ['SIGINT', 'SIGTERM']) process.once(s, () => void bench.stop().then(() => process.exit(1)))
try {
  await bench.start()
  for (const s of chosen) {
    say(`--- ${s.name}`)
    await s(bench)
  }
  await bench.finish()
  failed = bench.results.some((r) => !r.good)
  if (!wanted.length) bench.save()
} catch (e) {
  failed = true
  console.error(e)
} finally {
  await bench.stop()
}
process.exit(failed ? 1 : 0)
