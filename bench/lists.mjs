// The ledger as a list and the status board over the big store, signed in as province, city, county
// and station: p95 of each kind of page at each level. Every round takes the better of two asks in a
// row, so that a machine shared with others does not stand for the program.
import { ENGINE, FIRMS, bigStore, get, median as median_of, quantile, serve, staff, tell } from './store.lib.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 25)
const BAR_MS = ENGINE === 'postgresql' ? 30 : 20
const BAR_SPREAD = 2

const CASES = {
  first: 'limit=20',
  'first with total': 'limit=20&total=true',
  'by name': 'sort=name',
  'by revenue': 'sort=-revenue',
  'grade D (common)': 'grade=D&total=true',
  'grade A (rare)': 'grade=A&total=true',
  'state admitted': 'state=admitted',
  'state returned (rare)': 'state=returned&total=true',
  'kind producer': 'kind=producer&total=true',
  provisional: 'provisional=true&total=true',
  'abnormal 11': 'abnormal=11&total=true',
  'grade A by name': 'grade=A&sort=name',
  'grade B producer by revenue': 'grade=B&kind=producer&sort=-revenue',
  'grade A returned': 'grade=A&state=returned&total=true',
  'name two characters': `q=${encodeURIComponent('水泥')}`,
  'name rare characters': `q=${encodeURIComponent('岑禾')}`,
  'initials': 'q=ch',
  'initials three': 'q=chs',
  'code head': 'q=911411',
  'code head searched by name': `q=911411&sort=name`,
}

async function deepCursor(server, who, sort) {
  let cursor = ''
  for (let i = 0; i < 60; i++) {
    const r = await get(server, `/api/v1/firms?limit=200&columns=name&sort=${sort}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, who.token)
    const next = JSON.parse(r.body).next
    if (!next) break
    cursor = next
  }
  return `limit=20&sort=${sort}&cursor=${encodeURIComponent(cursor)}`
}

const store = bigStore()
const people = staff(store)
const server = await serve(store)
const times = {}

async function measure(name, who, path) {
  const [a, r] = [await get(server, path, who.token), await get(server, path, who.token)]
  r.ms = Math.min(a.ms, r.ms)
  if (r.status !== 200) throw new Error(`${name} as level ${who.level}: ${r.status} ${r.body}`)
  const key = `${name}/${who.level}`
  times[key] ??= []
  times[key].push(r.ms)
  return r
}

const plans = []
for (const who of people) {
  for (const [name, query] of Object.entries(CASES)) plans.push([name, who, `/api/v1/firms?${query}`])
  for (const sort of ['-id', 'name', '-revenue'])
    plans.push([`deep by ${sort}`, who, `/api/v1/firms?${await deepCursor(server, who, sort)}`])
  plans.push(['board', who, '/api/v1/board'])
  plans.push(['board of an earlier day', who, `/api/v1/board?day=${new Date(Date.now() - 10 * 86400e3).toISOString().slice(0, 10)}`])
}
for (const [name, who, path] of plans) await measure(name, who, path) // the first time warms
for (const k of Object.keys(times)) times[k] = []
for (let i = 0; i < ROUNDS; i++) for (const [name, who, path] of plans) await measure(name, who, path)
await server.stop()

const p95 = (name, level) => quantile(times[`${name}/${level}`], 0.95)
const median = (name, level) => quantile(times[`${name}/${level}`], 0.5)
const kinds = [...new Set(plans.map(([name]) => name))]
const rows = kinds.map((name) => ({ name, p95: [1, 2, 3, 4].map((l) => +p95(name, l).toFixed(2)), median: [1, 2, 3, 4].map((l) => +median(name, l).toFixed(2)) }))
for (const r of rows) console.log(`${r.name.padEnd(30)} p95 ${r.p95.map((v) => String(v).padStart(8)).join('')}   median ${r.median.map((v) => String(v).padStart(8)).join('')}`)

const lists = rows.filter((r) => !r.name.startsWith('board'))
const worst = lists.reduce((a, r) => (Math.max(...r.p95) > Math.max(...a.p95) ? r : a))
tell({ name: 'list p95', bar: BAR_MS, value: Math.max(...worst.p95), unit: 'ms', good: Math.max(...worst.p95) <= BAR_MS, slowest: worst.name, firms: FIRMS, rows: lists })
const boards = rows.filter((r) => r.name.startsWith('board'))
const board = Math.max(...boards.flatMap((r) => r.p95))
tell({ name: 'board p95', bar: BAR_MS, value: board, unit: 'ms', good: board <= BAR_MS, rows: boards })
// A level's figure: the middle kind of each group of pages, added up.
const GROUPS = {
  first: (n) => n.startsWith('first'),
  deep: (n) => n.startsWith('deep'),
  sorted: (n) => /^by (name|revenue)$/.test(n),
  searched: (n) => /^(name|initials|code)/.test(n),
  filtered: (n) => /^(grade|state|kind|provisional|abnormal)/.test(n),
}
const level = (l) => Object.values(GROUPS).reduce((s, of) => s + median_of(lists.filter((r) => of(r.name)).map((r) => r.median[l])), 0)
const levels = [0, 1, 2, 3].map((l) => +level(l).toFixed(2))
const spread = Math.max(...levels) / Math.min(...levels)
tell({ name: 'list slowest level', bar: BAR_SPREAD, value: +spread.toFixed(2), unit: '× the fastest', good: spread <= BAR_SPREAD, levels_ms: levels })
