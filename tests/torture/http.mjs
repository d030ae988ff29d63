#!/usr/bin/env node
// The HTTP door under abuse, from outside, against a running program: as many connections as are
// allowed and one more, clients that drip, bodies that stop, a stop under load. What a single odd
// request does is tested byte by byte in tests/unit/http; here it is about numbers and time.
//
//   node tests/torture/http.mjs [--server "CMD ARGS"] [--connections 10000] [--path /healthz]
//
// CMD prints the address it serves (http://…/) on its first line and ends on SIGTERM or when its
// input ends. By default a fresh demo store is made and served by build/release/zhian.
import { spawn, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import assert from 'node:assert/strict'

const arg = (name, fallback) => {
  const i = process.argv.indexOf(`--${name}`)
  return i < 0 ? fallback : process.argv[i + 1]
}
const PROGRAM = arg('program', 'build/release/zhian')
const CONNECTIONS = Number(arg('connections', 10000))
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

function command() {
  const given = arg('server', '')
  if (given) return { argv: given.split(' '), clean: () => {} }
  const dir = mkdtempSync(join(tmpdir(), 'zhian-torture-'))
  execFileSync(PROGRAM, ['init', '--data', join(dir, 'd'), '--demo'], { stdio: 'inherit' })
  const argv = [PROGRAM, 'serve', '--data', join(dir, 'd'), '--listen', '127.0.0.1:0']
  return { argv, clean: () => rmSync(dir, { recursive: true }) }
}

async function start() {
  const c = command()
  const p = spawn(c.argv[0], c.argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  while (!/http:\/\/[^\s]+:(\d+)/.test(text)) text += String((await once(p.stdout, 'data'))[0])
  p.stdout.resume()
  const [, host, port] = /http:\/\/([^\s:]+|\[[^\]]+\]):(\d+)/.exec(text)
  const exit = once(p, 'exit')
  const stop = async () => {
    p.stdin.end()
    p.kill('SIGTERM')
    const [code, signal] = await exit
    return { code, signal }
  }
  return { host, port: Number(port), pid: p.pid, stop, clean: c.clean }
}

function open(s) {
  const c = connect(s.port, s.host)
  c.got = ''
  c.gone = false
  c.on('data', (d) => (c.got += d))
  c.on('error', () => (c.gone = true))
  c.on('close', () => (c.gone = true))
  return c
}

async function until(what, test, ms = 10000) {
  const from = Date.now()
  while (!test()) {
    if (Date.now() - from > ms) throw new Error(`not in ${ms} ms: ${what}`)
    await sleep(10)
  }
  return Date.now() - from
}

const PATH = arg('path', '/healthz')
const GET = `GET ${PATH} HTTP/1.1\r\nHost: h\r\n\r\n`

async function ask(s) {
  const c = open(s)
  c.write(GET)
  await until('an answer', () => c.got.includes('\r\n\r\n') || c.gone)
  c.destroy()
  return Number(c.got.slice(9, 12))
}

const memory = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1])

// Both sides need a descriptor for every connection.
const descriptors = () => Number(/Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1e9)

async function crowd(s) {
  if (descriptors() < CONNECTIONS + 300) return `left out: this machine allows ${descriptors()} open files`
  const before = memory(s.pid)
  const all = []
  for (let i = 0; i < CONNECTIONS; i++) {
    all.push(open(s))
    if (i % 200 === 199) await sleep(5)
  }
  await until('all connected', () => all.every((c) => !c.connecting), 30000)
  for (const c of all) c.write(GET)
  await until('all answered', () => all.every((c) => c.got || c.gone), 30000)
  const served = all.filter((c) => c.got.startsWith('HTTP/1.1 200')).length
  assert.equal(served, CONNECTIONS, 'everyone within the limit is served')
  const one = open(s)
  one.write(GET)
  await until('the one too many is told', () => one.gone)
  assert.match(one.got, /^HTTP\/1.1 503 /, 'the one too many hears 503')
  assert.match(one.got, /Retry-After: \d+/)
  all[0].got = ''
  all[0].write(GET)
  await until('those inside go on', () => all[0].got.startsWith('HTTP/1.1 200'))
  const each = Math.round(((memory(s.pid) - before) * 1024) / CONNECTIONS)
  for (const c of all) c.destroy()
  await until('places are free again', () => true)
  let status = 0
  for (let i = 0; i < 100 && status !== 200; i++) {
    status = await ask(s).catch(() => 0)
    if (status !== 200) await sleep(50)
  }
  assert.equal(status, 200, 'service goes on')
  return `${CONNECTIONS} connections, ${each} bytes each`
}

// Two hundred clients drip while others are served as fast as ever.
async function drips(s) {
  const slow = Array.from({ length: 200 }, () => open(s))
  for (const c of slow) c.write('POST /api/v1/session HTTP/1.1\r\nHost: h\r\nX-')
  const timer = setInterval(() => slow.forEach((c) => c.gone || c.write('a')), 1000)
  const from = Date.now()
  while (Date.now() - from < 3000) assert.equal(await ask(s), 200)
  const took = await until('all of them are cut', () => slow.every((c) => c.gone), 30000)
  clearInterval(timer)
  return `cut after ${Math.round((took + 3000) / 1000)} s`
}

async function halves(s) {
  const text = ['GET / HT', 'GET / HTTP/1.1\r\nHost:', 'POST /api/v1/session HTTP/1.1\r\nHost: h\r\n' +
    'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"a":', '\r\n', '\u0000']
  for (let i = 0; i < 500; i++) {
    const c = open(s)
    await once(c, 'connect')
    c.write(text[i % text.length])
    if (i % 2) c.resetAndDestroy()
    else c.end()
  }
  assert.equal(await ask(s), 200)
  return '500 aborted requests'
}

async function pipelines(s) {
  const c = open(s)
  c.write(GET.repeat(1000))
  const count = () => c.got.split('HTTP/1.1 200').length - 1
  await until('a thousand answers', () => count() === 1000 || c.gone)
  assert.equal(count(), 1000)
  c.destroy()
  return '1000 requests in one write'
}

async function stopping(s) {
  let asked = 0
  let answered = 0
  let stopping = false
  const client = async () => {
    while (!stopping) {
      const c = open(s)
      c.write(GET)
      asked++
      await until('an answer or an end', () => c.got.includes('\r\n\r\n') || c.gone, 20000)
      if (c.got.startsWith('HTTP/1.1 200')) answered++
      else assert.ok(stopping, 'no answer is lost while it runs')
      c.destroy()
    }
  }
  const all = Array.from({ length: 32 }, client)
  await sleep(500)
  const from = Date.now()
  stopping = true
  const over = s.stop()
  const { code, signal } = await over
  await Promise.all(all)
  assert.equal(signal, null)
  assert.equal(code, 0, 'ends well')
  return `${answered} of ${asked} answered, ended in ${Date.now() - from} ms`
}

const s = await start()
let failed = false
try {
  for (const test of [crowd, drips, halves, pipelines, stopping]) {
    console.log(`${test.name}: ${await test(s)}`)
  }
} catch (e) {
  failed = true
  console.error(e)
  await Promise.race([s.stop(), sleep(5000)])
} finally {
  s.clean()
}
process.exit(failed ? 1 : 0)
