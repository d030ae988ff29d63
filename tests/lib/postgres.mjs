// A PostgreSQL cluster of the tests' own: made in a temporary folder, run by an ordinary user (the
// server refuses root), on a free port of the loopback, stopped by its process id and removed.
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LIB = '/usr/lib/postgresql'
const FAST = ['-c', 'shared_buffers=128MB', '-c', 'max_wal_size=2GB', '-c', 'max_connections=200']
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

/** The newest server's programs. */
export function programs() {
  const versions = existsSync(LIB) ? readdirSync(LIB).filter((v) => existsSync(join(LIB, v, 'bin/initdb'))) : []
  if (!versions.length) throw new Error('no PostgreSQL server: install postgresql-15')
  return join(LIB, versions.sort((a, b) => b - a)[0], 'bin')
}

/** Root hands over to the user that the package made. */
export function owner() {
  if (process.getuid() !== 0) return {}
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** A port that nobody listens on now. */
export function freePort() {
  return new Promise((done) => {
    const s = createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address()
      s.close(() => done(port))
    })
  })
}

/** A running cluster by its port: { port, bin, uri(name), sql(name, text), create(name, template), drop(name) }. */
export function joinCluster(bin, port) {
  const sql = (name, text) => execFileSync(join(bin, 'psql'), ['-h', '127.0.0.1', '-p', String(port), '-U', 'zhian', '-d', name,
    '-v', 'ON_ERROR_STOP=1', '-Atqc', text], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  return {
    bin, port, sql,
    uri: (name) => `postgresql://zhian@127.0.0.1:${port}/${name}`,
    create: (name, template = 'template0') => sql('postgres', `CREATE DATABASE ${name} TEMPLATE ${template} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' STRATEGY FILE_COPY`),
    drop: (name) => sql('postgres', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

/** Runs a server on a data folder: { port, dir, data, sql(name, text), uri(name), log(), stop() }. */
async function runServer(bin, who, dir, data, settings, kept = '') {
  const port = await freePort()
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), '-k', dir,
    '-c', 'listen_addresses=127.0.0.1', ...FAST, ...settings], { ...who, cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  server.stderr.on('data', (d) => (log = (log + d).slice(-100_000)))
  const end = new Promise((done) => server.on('close', done))
  const use = joinCluster(bin, port)
  const ready = () => {
    try { return use.sql('postgres', 'SELECT 1') } catch { return '' }
  }
  for (let i = 0; !ready(); i++) {
    if (i > 200 || server.exitCode !== null) throw new Error(`PostgreSQL did not start:\n${log}`)
    await sleep(50)
  }
  return {
    ...use, dir, data, pid: server.pid,
    log: () => log,
    async stop() {
      server.kill('SIGINT') // fast: connections are ended
      await end
      if (!kept) rmSync(dir, { recursive: true, force: true })
    },
  }
}

function folder(who) {
  const dir = mkdtempSync(join(tmpdir(), 'zhian-pg-'))
  if (who.uid) chownSync(dir, who.uid, who.gid)
  return dir
}

/** Starts a cluster: what runServer gives, create(name, template), drop(name), and rules(text). kept: the
 * folder of one that outlives its server; its parents must be open to the server's user. */
export async function startCluster(settings = [], kept = '') {
  const bin = programs()
  const who = owner()
  if (kept) mkdirSync(kept, { recursive: true })
  if (kept && who.uid) chownSync(kept, who.uid, who.gid)
  const dir = kept || folder(who)
  const data = join(dir, 'data')
  if (!existsSync(join(data, 'PG_VERSION'))) {
    execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'zhian', '-A', 'trust', '--locale=C', '-E', 'UTF8', '-N'],
      { ...who, cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] })
  }
  const server = await runServer(bin, who, dir, data, settings, kept)
  return {
    ...server,
    /** Who may connect how (pg_hba.conf), from now on. */
    rules(text) {
      writeFileSync(join(data, 'pg_hba.conf'), text)
      server.sql('postgres', 'SELECT pg_reload_conf()')
    },
  }
}

/** Starts a server on a data folder that is there: what runServer gives. */
export const startOn = (bin, dir, data, settings = []) => runServer(bin, owner(), dir, data, settings)

/** Starts a standby that follows a cluster: what runServer gives. */
export async function startStandby(cluster, settings = []) {
  const who = owner()
  const dir = folder(who)
  const data = join(dir, 'data')
  execFileSync(join(cluster.bin, 'pg_basebackup'), ['-D', data, '-R', '-c', 'fast', '-h', '127.0.0.1', '-p', String(cluster.port), '-U', 'zhian'],
    { ...who, cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] })
  return runServer(cluster.bin, who, dir, data, settings)
}
