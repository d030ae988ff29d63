// A real server on a store of its own for the phone's end-to-end run. Firms are entered, reviewed
// and admitted through the interface three days before "now", so that there are days to catch up on;
// then the server is started again with the real clock.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, root } from './phone-lib.mjs'

const BINARY = process.env.ZHIAN ?? join(root, 'build/release/zhian')
const DAYS_BACK = 3
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'

/** The demonstration's accounts this run needs: a station's inspector and his county's manager. */
const INSPECTOR = { login: 'ws.fengcheng', password: 'Zhian-demo-2026' }
const COUNTY = { login: 'ws', password: 'Zhian-demo-2026' }

/** A credit code with a right check character (GB 32100). */
function creditCode(n) {
  const body = `91141121MA0${String(n).padStart(6, '0')}`
  let sum = 0
  for (let i = 0, w = 1; i < 17; i++, w = (w * 3) % 31) sum += ALPHABET.indexOf(body[i]) * w
  return body + ALPHABET[(31 - (sum % 31)) % 31]
}

/** One signed-in session of the interface. */
async function client(base, who) {
  const jar = { cookie: '', csrf: '' }
  async function call(method, path, body, headers = {}) {
    const r = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json', Cookie: jar.cookie, 'X-CSRF': jar.csrf, Origin: base,
        ...(method === 'POST' ? { 'Idempotency-Key': crypto.randomUUID() } : {}), ...headers,
      },
      body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
    })
    const set = r.headers.get('set-cookie')
    if (set) jar.cookie = set.split(';')[0]
    const text = await r.text()
    check(r.ok, `${method} ${path} to succeed: ${r.status} ${text.slice(0, 400)}`)
    return text ? JSON.parse(text) : null
  }
  jar.csrf = (await call('POST', '/session', who)).csrf
  return call
}

/** The environment of a command; `past`: with the clock of some days ago. */
function clock(past) {
  const shanghai = Date.now() - DAYS_BACK * 86_400_000 + 8 * 3_600_000
  return past ? { ...process.env, ZHIAN_NOW: new Date(shanghai).toISOString().replace(/\.\d+Z/, '+08:00') } : process.env
}

function launch(dir, past) {
  const env = clock(past)
  const child = spawn(BINARY, ['serve', '--data', dir, '--listen', '127.0.0.1:0'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  const base = new Promise((done, fail) => {
    const read = (chunk) => {
      log += chunk
      const hit = /http:\/\/127\.0\.0\.1:\d+/.exec(log)
      if (hit) done(hit[0])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('exit', (code) => fail(new Error(`serve ended with ${code}: ${log}`)))
    setTimeout(() => fail(new Error(`serve gave no address: ${log}`)), 20_000).unref()
  })
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM')
      await new Promise((done) => child.on('close', done))
    }
    check(child.exitCode === 0 && !/Sanitizer|runtime error/.test(log), `the server to end well: ${child.exitCode} ${log.slice(-3000)}`)
  }
  return { base, stop }
}

async function step(call, id, action, input) {
  const firm = await call('GET', `/firms/${id}`)
  return call('POST', `/firms/${id}/steps/${action}`, input, { 'If-Match': `"${firm.version}"` })
}

/** A firm entered, and unless it is to wait for its visit, reviewed and admitted. */
async function enter(station, county, n, spec) {
  const made = await station('POST', '/firms', {
    kind: 'producer', town: spec.town ?? '141121100', name: spec.name, uscc: creditCode(n), entity_type: '企业',
    legal_person: '赵原名', reg_address: '凤城镇南街 1 号', site_address: '凤城镇南街 1 号', staff: 60, revenue: 1800.5,
    entry_reason: ['10'], supervisor: '李所长',
  })
  await station('POST', `/firms/${made.id}/products`, { kind: 'producer', product: spec.product, applicability: ['许可证'] })
  await step(station, made.id, 'submit', {})
  if (spec.waits) return made.id
  await step(station, made.id, 'review', { opinion: '同意', paper_match: true })
  await step(county, made.id, 'admit', {})
  return made.id
}

/** startServer(firms): firms = [{name, product, waits?}]; returns the address and what cases ask of
 * the store behind the pages. */
export async function startServer(firms) {
  const dir = mkdtempSync(join(tmpdir(), 'zhian-phone-'))
  const init = spawnSync(BINARY, ['init', '--data', join(dir, 's'), '--demo'], { encoding: 'utf8', env: clock(true) })
  check(init.status === 0, `init to succeed: ${init.stderr}`)
  const before = launch(join(dir, 's'), true)
  const ids = new Map()
  const station = await client(await before.base, INSPECTOR)
  const county = await client(await before.base, COUNTY)
  for (const [n, spec] of firms.entries()) ids.set(spec.name, await enter(station, county, n + 1, spec))
  await before.stop()

  const now = launch(join(dir, 's'), false)
  const base = await now.base
  const office = await client(base, COUNTY)
  return {
    base,
    inspector: INSPECTOR,
    idOf: (name) => ids.get(name),
    invite: async (name, post, person) => (await office('POST', `/firms/${ids.get(name)}/invites`, { post, person })).code,
    /** calls of the interface by one of the demonstration's accounts */
    as: (login) => client(base, { login, password: COUNTY.password }),
    firm: (name) => office('GET', `/firms/${ids.get(name)}`),
    firmState: async (name) => (await office('GET', `/firms/${ids.get(name)}`)).record.state,
    /** somebody else's change meanwhile */
    editFirm: async (name, change) => {
      const path = `/firms/${ids.get(name)}`
      const { version } = await office('GET', path)
      await office('PATCH', path, change, { 'If-Match': `"${version}"` })
    },
    /** how many versions of today's record the server has, asked as the officer */
    dailyVersions: async (name, who) => {
      const call = await client(base, who)
      const today = (await call('GET', '/session')).today
      return (await call('GET', `/firms/${ids.get(name)}/daily/${today}`)).versions.length
    },
    stop: async () => {
      await now.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
