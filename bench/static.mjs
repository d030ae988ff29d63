#!/usr/bin/env node
// A static page: ours against nginx serving the same bytes with the same headers, by wrk, taking
// turns so that both see the same machine. Prints one JSON object; the ratio is the claim.
//
//   node bench/static.mjs [--server build/release/bench/bench_static] [--seconds 3] [--rounds 3]
import { spawn, execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, mkdirSync, writeFileSync, rmSync, readFileSync } from 'node:fs'
import { createServer, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'

const arg = (name, fallback) => {
  const i = process.argv.indexOf(`--${name}`)
  return i < 0 ? fallback : process.argv[i + 1]
}
const SERVER = arg('server', 'build/release/bench/bench_static')
const SECONDS = Number(arg('seconds', 3))
const ROUNDS = Number(arg('rounds', 3))
const CLIENTS = 64
const BAR = 0.7

const median = (a) => [...a].sort((x, y) => x - y)[a.length >> 1]

async function freePort() {
  const s = createServer().listen(0, '127.0.0.1')
  await once(s, 'listening')
  const { port } = s.address()
  s.close()
  return port
}

async function answering(port) {
  for (let i = 0; i < 100; i++) {
    const ok = await new Promise((done) => {
      const c = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false))
      c.on('connect', () => c.destroy())
    })
    if (ok) return
    await new Promise((r) => setTimeout(r, 50))
  }
  throw new Error(`nothing listens on ${port}`)
}

async function startOurs() {
  const p = spawn(SERVER, [], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(p.stdout, 'data')
  return { url: String(line).trim(), stop: () => p.stdin.end() }
}

// nginx as its documentation tunes static files: sendfile, open_file_cache, no access log.
async function startNginx(dir, headers) {
  const port = await freePort()
  const add = Object.entries(headers).map(([k, v]) => `add_header ${k} ${JSON.stringify(v)};`)
  writeFileSync(join(dir, 'nginx.conf'), `
    worker_processes auto; daemon off; pid ${dir}/nginx.pid; error_log ${dir}/error.log;
    events { worker_connections 1024; }
    http {
      types { text/html html; text/javascript js; text/css css; }
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
      open_file_cache max=100 inactive=60s;
      client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p; fastcgi_temp_path ${dir}/f;
      uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
      server { listen 127.0.0.1:${port}; root ${dir}/root; ${add.join('\n')} }
    }`)
  const p = spawn('nginx', ['-c', join(dir, 'nginx.conf'), '-p', dir], { stdio: 'inherit' })
  await answering(port)
  return { url: `http://127.0.0.1:${port}/`, stop: () => p.kill('SIGQUIT'), over: once(p, 'exit') }
}

function wrk(url, seconds) {
  const out = execFileSync('wrk', ['-t2', `-c${CLIENTS}`, `-d${seconds}s`, '--latency', url], { encoding: 'utf8' })
  if (/Non-2xx|Socket errors/.test(out)) throw new Error(`${url}: ${out}`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(out)[1])
}

const SAME = /^(content-security-policy|x-|referrer-policy|cross-origin|permissions-policy|cache-control|vary)/i

async function compare(ours, path, dir) {
  const page = await fetch(ours.url + path)
  const body = Buffer.from(await page.arrayBuffer())
  const headers = Object.fromEntries([...page.headers].filter(([k]) => SAME.test(k)))
  mkdirSync(join(dir, 'root', path, '..'), { recursive: true })
  writeFileSync(join(dir, 'root', path), body)
  const nginx = await startNginx(dir, headers)
  const same = Buffer.from(await (await fetch(nginx.url + path)).arrayBuffer())
  if (!same.equals(body)) throw new Error('nginx serves other bytes')
  const rates = { ours: [], nginx: [] }
  for (const s of [ours, nginx]) wrk(s.url + path, 1)
  for (let i = 0; i < ROUNDS; i++) {
    rates.ours.push(wrk(ours.url + path, SECONDS))
    rates.nginx.push(wrk(nginx.url + path, SECONDS))
  }
  nginx.stop()
  await nginx.over
  const [a, b] = [median(rates.ours), median(rates.nginx)]
  return { path: `/${path}`, bytes: body.length, ours: Math.round(a), nginx: Math.round(b), ratio: +(a / b).toFixed(3) }
}

const dir = mkdtempSync(join(tmpdir(), 'zhian-static-'))
chmodSync(dir, 0o755) // nginx's workers are another user when it is started by root
const ours = await startOurs()
const html = await (await fetch(ours.url)).text()
const script = /src="\/([^"]+\.js)"/.exec(html)?.[1]
const results = []
for (const path of ['index.html', script].filter(Boolean)) results.push(await compare(ours, path, dir))
ours.stop()
rmSync(dir, { recursive: true })
const ratio = Math.min(...results.map((r) => r.ratio))
const cpu = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]
console.log(JSON.stringify({ name: 'static', bar: BAR, ratio, good: ratio >= BAR, clients: CLIENTS, results, cpu }))
