// Databases of the failover test: etcd, Patroni with its PostgreSQL, HAProxy, on free ports of the
// loopback, with the files of deploy/ha.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, programs } from '../lib/postgres.mjs'
import { root } from '../lib/run.mjs'
import { signal, sleep, start, until, who } from './process.mjs'

const HOST = '127.0.0.1'
const MOUNT = '1600m'
const deploy = (name) => readFileSync(join(root, 'deploy/ha', name), 'utf8')
export const isRoot = process.getuid() === 0
const secret = () => randomBytes(12).toString('hex')

/** Puts words and ports into a file of deploy/ha; every one must be there. */
function filled(text, words) {
  for (const [from, to] of words) {
    if (!text.includes(from)) throw new Error(`deploy/ha says nothing of ${from}`)
    text = text.replaceAll(from, to)
  }
  return text
}

function folder(path) {
  mkdirSync(path, { mode: 0o700 })
  if (who.uid !== undefined) chownSync(path, who.uid, who.gid)
  return path
}

function secretFile(path, text) {
  writeFileSync(path, text, { mode: 0o600 })
  if (who.uid !== undefined) chownSync(path, who.uid, who.gid)
  return path
}

/** A disk of its own, so that it can be full: a small file system in memory, where root may mount it. */
function disk(path) {
  folder(path)
  if (!isRoot) return null
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MOUNT},mode=700,uid=${who.uid},gid=${who.gid}`, 'zhian-ha', path])
  return () => execFileSync('umount', ['-l', path])
}

async function startEtcd(dir, n) {
  const members = []
  for (let i = 0; i < n; i++) members.push({ name: `etcd${i + 1}`, port: await freePort(), peer: await freePort() })
  const all = members.map((m) => `${m.name}=http://${HOST}:${m.peer}`).join(',')
  for (const m of members) {
    m.start = () => (m.process = start(dir, m.name, ['etcd'], { env: Object.fromEntries(filled(deploy('etcd.env'), [
      ['@NAME@', m.name], ['/var/lib/etcd/zhian', join(dir, `${m.name}.data`)], ['@CLUSTER@', all],
      [`http://@ADDRESS@:2379,http://127.0.0.1:2379`, `http://${HOST}:${m.port}`],
      ['@ADDRESS@:2379', `${HOST}:${m.port}`], ['@ADDRESS@:2380', `${HOST}:${m.peer}`],
    ]).split('\n').filter((l) => /^ETCD/.test(l)).map((l) => l.replaceAll('"', '').split(/=(.*)/s).slice(0, 2))) }))
    m.start()
  }
  const healthy = async (m) => (await ask(`http://${HOST}:${m.port}/health`))?.body.includes('true')
  for (const m of members) await until(`${m.name} is healthy`, 30, () => healthy(m))
  return members
}

/** One GET without ado; null when there is no answer. */
export async function ask(url, ms = 2000) {
  try {
    const r = await fetch(url, { signal: AbortSignal.timeout(ms) })
    return { status: r.status, body: await r.text() }
  } catch {
    return null
  }
}

class Database {
  constructor(cluster, name) {
    this.cluster = cluster
    this.name = name
    this.disk = join(cluster.dir, name)
    this.data = join(this.disk, 'data')
    this.umount = disk(this.disk)
  }

  async configure(addresses) {
    this.port = await freePort()
    this.rest = await freePort()
    const c = this.cluster
    this.config = secretFile(join(c.dir, `${this.name}.yml`), filled(deploy('patroni.yml'), [
      ['@NAME@', this.name], ['@ETCD@', c.etcd.map((m) => `${HOST}:${m.port}`).join(',')], ['@DATA@', this.data],
      ['listen: "@ADDRESS@:5432"', `listen: "${addresses.join(',')}:${this.port}"`],
      ['@ADDRESS@:5432', `${HOST}:${this.port}`], ['@ADDRESS@:8008', `${HOST}:${this.rest}`],
      ['/usr/lib/postgresql/15/bin', programs()], ['@PGPASS@', join(c.dir, `${this.name}.pgpass`)], ['@SOCKETS@', c.dir],
      ['@SUPERUSER_PASSWORD@', c.secrets.superuser], ['@REPLICATION_PASSWORD@', c.secrets.replication], ['@REST_PASSWORD@', c.secrets.rest],
      ['host replication replicator @NETWORK@', `host replication replicator ${HOST}/32`],
      ['    - host all all @NETWORK@ scram-sha-256', addresses.map((a) => `    - host all all ${a.replace(/\.\d+$/, '.0')}/24 scram-sha-256`).join('\n')],
      ['mode: automatic', 'mode: "off"'], ['max_wal_size: 2GB', 'max_wal_size: 192MB\n        shared_buffers: 128MB'], ['wal_keep_size: 6GB', 'wal_keep_size: 576MB'], ['20GB', '600MB'],
    ]))
  }

  start() {
    this.process = start(this.cluster.dir, this.name, ['patroni', this.config])
    if (this.umount) this.guard ??= start(this.cluster.dir, `${this.name}-guard`, [join(this.cluster.dir, 'guard.sh'), this.config, this.disk, '40', '3'])
  }

  /** The id of its PostgreSQL's first process; 0 when it does not run. */
  postmaster() {
    try {
      return Number(readFileSync(join(this.data, 'postmaster.pid'), 'utf8').split('\n')[0])
    } catch {
      return 0
    }
  }

  /** kill -9: Patroni first, then all of PostgreSQL, as when the machine loses its power. */
  async crash() {
    const server = this.postmaster()
    this.process.kill('SIGKILL')
    if (server) signal(server, 'SIGKILL')
    await this.process.end
  }

  async role() {
    const r = await ask(`http://${HOST}:${this.rest}/patroni`)
    const s = r && JSON.parse(r.body)
    return s ? { role: s.role, state: s.state, sync: s.sync_standby === true } : null
  }

  space() {
    const s = statfsSync(this.disk)
    return s.bavail * s.bsize
  }

  async stop() {
    const server = this.postmaster()
    if (this.guard) signal(this.guard.pid, 'SIGTERM')
    await this.process?.stop(30)
    if (server && existsSync(`/proc/${server}`)) signal(server, 'SIGKILL')
  }
}

/** Everything below the application: { databases, etcd, uris, sql, primary(), stop() }. */
export class Cluster {
  constructor(dir) {
    this.dir = dir
    chmodSync(dir, 0o755)
    if (who.uid !== undefined) chownSync(dir, who.uid, who.gid)
    this.secrets = { superuser: secret(), replication: secret(), rest: secret(), zhian: secret() }
    this.databases = []
  }

  async start(addresses, etcds, databases) {
    copyFileSync(join(root, 'deploy/ha/zhian-disk-guard.sh'), join(this.dir, 'guard.sh'))
    this.etcd = await startEtcd(this.dir, etcds)
    for (let i = 0; i < databases; i++) {
      const d = new Database(this, `db${i + 1}`)
      this.databases.push(d)
      await d.configure(addresses)
      d.start()
      await until(`${d.name} runs`, 90, async () => (await d.role())?.state === 'running')
    }
    await until('a synchronous standby', 60, () => this.standby())
    const db = await this.primary()
    this.psql(db, 'postgres', 'postgres', `CREATE ROLE zhian LOGIN PASSWORD '${this.secrets.zhian}'`)
    this.psql(db, 'postgres', 'postgres', "CREATE DATABASE zhian OWNER zhian TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
  }

  psql(db, user, name, text) {
    const password = user === 'postgres' ? this.secrets.superuser : this.secrets.zhian
    return execFileSync(join(programs(), 'psql'), ['-h', HOST, '-p', String(db.port), '-U', user, '-d', name, '-v', 'ON_ERROR_STOP=1', '-Atqc', text],
      { encoding: 'utf8', env: { ...process.env, PGPASSWORD: password, PGCONNECT_TIMEOUT: '3' }, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 })
  }

  patronictl(...args) {
    return execFileSync('patronictl', ['-c', this.databases[0].config, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }

  async find(wanted) {
    for (const d of this.databases) {
      const r = await d.role()
      if (r && wanted(r)) return d
    }
    return null
  }

  /** The one that takes writes; null for the moment. */
  primary() {
    return this.find((r) => r.role === 'master' || r.role === 'primary')
  }

  /** The one that acknowledges along with the primary. */
  standby() {
    return this.find((r) => r.role === 'replica' && r.state === 'running' && r.sync)
  }

  /** Until two stand again; the seconds it took. */
  async whole(seconds = 120) {
    const began = Date.now()
    await until('a primary and its synchronous standby', seconds, async () => (await this.primary()) && (await this.standby()))
    return (Date.now() - began) / 1000
  }

  uri(host = HOST) {
    const hosts = this.databases.map((d) => `${host}:${d.port}`).join(',')
    return `postgresql://zhian:${this.secrets.zhian}@${hosts}/zhian`
  }

  proxyUri() {
    return `postgresql://zhian:${this.secrets.zhian}@${HOST}:${this.ports.write},${HOST}:${this.ports.read}/zhian`
  }

  async startProxy(nodes) {
    this.ports = { write: await freePort(), read: await freePort(), web: await freePort() }
    const line = (name, address, rest) => `    server ${name} ${address} check${rest}`
    const databases = this.databases.map((d) => line(d.name, `${HOST}:${d.port}`, ` port ${d.rest}`)).join('\n')
    const config = join(this.dir, 'haproxy.cfg')
    writeFileSync(config, filled(deploy('haproxy.cfg'), [
      ['maxconn 20000', 'maxconn 2000'],
      ['@BIND@:5000', `${HOST}:${this.ports.write}`], ['@BIND@:5001', `${HOST}:${this.ports.read}`], ['@BIND@:8080', `${HOST}:${this.ports.web}`],
      ['@DATABASES@', databases], ['@NODES@', nodes.map((n) => line(n.name, `${n.host}:${n.port}`, '')).join('\n')],
    ]))
    this.proxy = start(this.dir, 'haproxy', ['haproxy', '-db', '-f', config])
    await sleep(1500)
  }

  async stop() {
    await this.proxy?.stop(3)
    for (const d of [...this.databases].reverse()) await d.stop()
    for (const m of this.etcd ?? []) await m.process.stop()
    for (const d of this.databases) d.umount?.()
  }
}
