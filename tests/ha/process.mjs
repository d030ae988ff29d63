// Processes of the failover test: each is known by its id, writes to a log of its own, and is ended
// by its id. They run as an ordinary user (PostgreSQL refuses root).
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { owner } from '../lib/postgres.mjs'

export const who = owner()
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
const started = new Set()

/** Asks until the answer is true (or something else that counts as such); throws when it is late. */
export async function until(what, seconds, ask) {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`)
    await sleep(100)
  }
}

/** Starts a program: { pid, log, ended, kill(signal), stop() }. as: whose; root where it is needed. */
export function start(dir, name, argv, { env = {}, as = who } = {}) {
  const log = join(dir, `${name}.log`)
  const out = openSync(log, 'a')
  const p = spawn(argv[0], argv.slice(1), { ...as, cwd: dir, env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', ...env }, stdio: ['ignore', out, out] })
  closeSync(out)
  const me = { name, pid: p.pid, log, ended: false }
  me.end = new Promise((done) => p.on('close', () => { me.ended = true; started.delete(me); done() }))
  p.on('error', () => (me.ended = true))
  me.kill = (signal) => !me.ended && process.kill(p.pid, signal)
  me.stop = async (seconds = 20) => {
    me.kill('SIGCONT')
    me.kill('SIGTERM')
    const timer = setTimeout(() => me.kill('SIGKILL'), seconds * 1000)
    await me.end
    clearTimeout(timer)
  }
  started.add(me)
  return me
}

/** The ids of a process and of all it started, the process first. */
export function family(pid) {
  const parents = []
  for (const d of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    try {
      const stat = readFileSync(`/proc/${d}/stat`, 'utf8')
      parents.push([Number(d), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])])
    } catch { /* it has ended meanwhile */ }
  }
  const all = [pid]
  for (const id of all) all.push(...parents.filter(([, parent]) => parent === id).map(([child]) => child))
  return all
}

/** Sends a signal to a process and all it started. */
export function signal(pid, name) {
  for (const id of family(pid)) {
    try { process.kill(id, name) } catch { /* it has ended */ }
  }
}

/** Ends what is still running, last started first. */
export async function stopAll() {
  for (const p of [...started].reverse()) await p.stop()
}
