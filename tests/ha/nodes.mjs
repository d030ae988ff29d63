// The application nodes of the failover test: three `zhian serve` on one database and one data
// folder. With root the third has a network of its own, whose way to the databases can be cut while
// clients still reach it.
import { execFileSync } from 'node:child_process'
import { chownSync, copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../lib/postgres.mjs'
import { root } from '../lib/run.mjs'
import { ask, isRoot } from './cluster.mjs'
import { start, until, who } from './process.mjs'

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })

/** A network namespace with two wires: one to the databases, one for clients. */
export class Net {
  constructor() {
    const id = process.pid % 10000
    const third = process.pid % 200
    this.name = `zhian-ha-${id}`
    this.wires = ['d', 'c'].map((kind, i) => ({ out: `zh${kind}${id}`, in: `zi${kind}${id}`, host: `10.231.${third}.${1 + 16 * i}`, guest: `10.231.${third}.${2 + 16 * i}` }))
    this.host = this.wires[0].host
    this.guest = this.wires[1].guest
    ip('netns', 'add', this.name)
    for (const w of this.wires) {
      ip('link', 'add', w.out, 'type', 'veth', 'peer', 'name', w.in)
      ip('link', 'set', w.in, 'netns', this.name)
      ip('addr', 'add', `${w.host}/28`, 'dev', w.out)
      ip('link', 'set', w.out, 'up')
      ip('-n', this.name, 'addr', 'add', `${w.guest}/28`, 'dev', w.in)
      ip('-n', this.name, 'link', 'set', w.in, 'up')
    }
    ip('-n', this.name, 'link', 'set', 'lo', 'up')
  }

  /** Nothing passes any more, and nobody is told. */
  cut() {
    ip('link', 'set', this.wires[0].out, 'down')
  }

  mend() {
    ip('link', 'set', this.wires[0].out, 'up')
  }

  remove() {
    for (const w of this.wires) ip('link', 'del', w.out)
    ip('netns', 'del', this.name)
  }
}

export const makeNet = () => (isRoot ? new Net() : null)

/** The program as the servers' user can run it. */
export function install(dir) {
  const bin = join(dir, 'zhian')
  copyFileSync(join(root, 'build/release/zhian'), bin)
  mkdirSync(join(dir, 'shared'), { mode: 0o700 })
  if (who.uid !== undefined) chownSync(join(dir, 'shared'), who.uid, who.gid)
  return bin
}

export class Node {
  constructor(dir, name, uri, net = null) {
    Object.assign(this, { dir, name, uri, net, host: net ? net.guest : '127.0.0.1' })
  }

  async start() {
    this.port ??= await freePort()
    this.url = `http://${this.host}:${this.port}`
    const serve = [join(this.dir, 'zhian'), 'serve', '--data', join(this.dir, 'shared/store'), '--db', this.uri, '--listen', `${this.host}:${this.port}`]
    const inside = this.net && ['ip', 'netns', 'exec', this.net.name, 'setpriv', `--reuid=${who.uid}`, `--regid=${who.gid}`, '--clear-groups']
    this.process = start(this.dir, this.name, [...(inside ?? []), ...serve], { as: inside ? {} : who })
    await until(`${this.name} answers`, 60, async () => {
      if (this.process.ended) throw new Error(`${this.name} ended: ${this.process.log}`)
      return (await ask(`${this.url}/healthz`))?.status === 200
    })
  }
}
