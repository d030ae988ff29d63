// A demonstration store in a folder of its own, and a server on it, at the day of the expected
// files. Everything made here is removed, everything started is stopped by its process id.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const NOW = '2026-11-02T09:00:00+08:00'
export const PASSWORD = 'Zhian-demo-2026'

const env = { ...process.env, ZHIAN_NOW: NOW }
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

let databases = 0

/** A folder for a store and, with a cluster, a database: {dir, args, remove}. args name the store. */
function place(cluster, template) {
  const dir = mkdtempSync(join(tmpdir(), 'zhian-test-'))
  const data = join(dir, 'store')
  const name = `t${process.pid}_${++databases}`
  if (cluster) cluster.create(name, template)
  const remove = () => {
    rmSync(dir, { recursive: true, force: true })
    if (cluster) cluster.drop(name)
  }
  const args = ['--data', data, ...(cluster ? ['--db', cluster.uri(name)] : [])]
  return { dir: data, args, cluster, database: name, remove }
}

/** A demonstration store: SQLite in its folder, or a database of the cluster (lib/postgres.mjs). */
export function makeStore(bin, cluster) {
  const store = place(cluster)
  execFileSync(bin, ['init', ...store.args, '--demo'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  return store
}

/** A copy of a store that nobody has open. */
export function copyStore(store) {
  const copy = place(store.cluster, store.database)
  execFileSync('cp', ['-a', store.dir, copy.dir]) // with its modes: keys are for their owner only
  return copy
}

/** Serves a store on a free port; {url, log(), stop()}. stop answers how the program ended. */
export async function serve(bin, store) {
  const p = spawn(bin, ['serve', ...store.args, '--listen', '127.0.0.1:0'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let ended = null
  p.stdout.on('data', (d) => (out += d))
  p.stderr.on('data', (d) => (out += d))
  const end = new Promise((done) => p.on('close', (code, signal) => done((ended = { code, signal }))))
  for (let i = 0; i < 1200 && !ended; i++) {
    const url = out.match(/https?:\/\/[\d.]+:\d+/)?.[0]
    if (url) return { url, pid: p.pid, log: () => out, stop: () => stop(p, end) }
    await sleep(50)
  }
  p.kill('SIGKILL')
  throw new Error(`the server did not start:\n${out}`)
}

async function stop(p, end) {
  p.kill('SIGTERM')
  const timer = setTimeout(() => p.kill('SIGKILL'), 30_000)
  const how = await end
  clearTimeout(timer)
  return how
}
