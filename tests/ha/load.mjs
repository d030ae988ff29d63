// Clients of the failover test. Submissions come at a constant rate, each from its own firm with its
// own key; one that got no clear answer asks again with the same key, at another node. Readers ask for
// the board all the time. Every answer is kept with its moment.
import { Agent, request } from 'node:http'
import { sleep } from './process.mjs'

const PATIENCE_MS = 15_000
const agent = new Agent({ keepAlive: true, maxSockets: 256, timeout: 60_000 })

/** One request: {status, body}; status 0 with the reason when there was no answer. */
export function send(url, { method = 'GET', token, body, ms = PATIENCE_MS }) {
  return new Promise((done) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }) }
    const r = request(url, { method, agent, headers, signal: AbortSignal.timeout(ms) }, (a) => {
      const parts = []
      a.on('data', (d) => parts.push(d))
      a.on('error', (e) => done({ status: 0, why: e.code ?? e.name }))
      a.on('end', () => done({ status: a.statusCode, body: Buffer.concat(parts).toString() }))
    })
    r.on('error', (e) => done({ status: 0, why: e.code ?? e.name }))
    r.end(body)
  })
}

/** The longest time within [from, to] without one of these moments, in seconds. */
export function longestGap(moments, from, to) {
  const inside = [from, ...moments.filter((t) => t >= from && t <= to).sort((a, b) => a - b), to]
  return Math.max(...inside.slice(1).map((t, i) => t - inside[i])) / 1000
}

export class Load {
  constructor({ urls, subjects, answers, day, board, rate }) {
    Object.assign(this, { urls, subjects, answers, day, board, rate })
    this.next = 0
    this.acked = new Map() // firm -> key
    this.ackedAt = []
    this.whereAt = new Map() // node -> when it last acknowledged
    this.readAt = []
    this.waits = [] // [moment of the first sending, seconds to the acknowledgement, how often asked]
    this.log = [] // [moment, node, what it answered]
    this.answersSeen = {}
    this.reads = { answered: 0, retried: 0 }
    this.refused = []
    this.pending = 0
  }

  note(kind, r, url) {
    this.log.push([Date.now(), url, `${kind} ${r.status || r.why}`])
    const type = r.status >= 400 && r.body?.startsWith('{') ? ` ${JSON.parse(r.body).type}` : ''
    const key = `${kind} ${r.status || r.why}${type}`
    this.answersSeen[key] = (this.answersSeen[key] ?? 0) + 1
  }

  /** Asks until it is acknowledged; another node after each failure. */
  async submit(n) {
    const s = this.subjects[n]
    const key = `ha-${s.firm}-${process.pid}`
    const body = JSON.stringify({ risklist: s.risklist, answers: this.answers, key })
    const began = Date.now()
    this.pending++
    for (let i = 0; !this.over; i++) {
      const r = await send(`${this.urls[(n + i) % this.urls.length]}/api/v1/firms/${s.firm}/daily/${this.day}`, { method: 'POST', token: s.token, body })
      this.note('write', r, this.urls[(n + i) % this.urls.length])
      if (r.status === 200) {
        this.acked.set(s.firm, key)
        this.ackedAt.push(Date.now())
        this.whereAt.set(this.urls[(n + i) % this.urls.length], Date.now())
        this.waits.push([began, (Date.now() - began) / 1000, i + 1])
        break
      }
      if (r.status && r.status < 500) {
        this.refused.push({ firm: s.firm, status: r.status, body: r.body })
        break
      }
      await sleep(Math.min(100 * 2 ** i, 1000))
    }
    this.pending--
  }

  /** A read that fails at one node is asked of the next, as a proxy or a client would. */
  async read(n) {
    for (let i = 0; !this.over; i++) {
      const r = await send(`${this.urls[(n + i) % this.urls.length]}/api/v1/board`, { token: this.board, ms: 3000 })
      this.note('read', r, this.urls[(n + i) % this.urls.length])
      if (r.status === 200) {
        this.readAt.push(Date.now())
        this.reads.answered++
        return
      }
      this.reads.retried++
      await sleep(20)
    }
  }

  start() {
    this.began = Date.now()
    this.clock = setInterval(() => {
      const due = Math.floor(((Date.now() - this.began) / 1000) * this.rate)
      while (this.next < due && this.next < this.subjects.length) void this.submit(this.next++)
      if (this.next === this.subjects.length) this.exhausted = true
    }, 10)
    this.readers = [0, 1, 2].map(async (n) => {
      for (; !this.over; n++) {
        await this.read(n)
        await sleep(100)
      }
    })
  }

  /** Stops sending and waits until everything under way is acknowledged. */
  async drain(seconds = 60) {
    clearInterval(this.clock)
    const end = Date.now() + seconds * 1000
    while (this.pending && Date.now() < end) await sleep(50)
    const left = this.pending
    this.over = true
    await Promise.all(this.readers)
    agent.destroy()
    return left
  }

  /** What one node answered from a moment on. */
  answersOf(url, from) {
    const sums = {}
    for (const [, , what] of this.log.filter(([t, u]) => t >= from && u === url)) sums[what] = (sums[what] ?? 0) + 1
    return sums
  }

  /** What clients saw from a moment on. */
  since(from, to = Date.now()) {
    const waits = this.waits.filter(([t]) => t >= from - PATIENCE_MS).map(([, s]) => s).sort((a, b) => a - b)
    return {
      without_writes_s: +longestGap(this.ackedAt, from, to).toFixed(2),
      without_reads_s: +longestGap(this.readAt, from, to).toFixed(2),
      acknowledged: this.ackedAt.filter((t) => t >= from && t <= to).length,
      reads: this.readAt.filter((t) => t >= from && t <= to).length,
      slowest_write_s: +(waits.at(-1) ?? 0).toFixed(2),
    }
  }
}
