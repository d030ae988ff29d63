// The one door from the pages to the server. Components never write a URL: they call the functions
// generated from the operations (generated/api.ts), which are rows of Op handled here.
import { ApiProblem, problemOf } from './problem'
import { texts } from './texts'
import { newKey } from './uuid'

/** One operation as generated: where its inputs go and what it is called. */
export interface Op {
  name: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** with :name segments */
  path: string
  /** names of path and query members; every other member of the input is the body */
  inPath: readonly string[]
  inQuery: readonly string[]
}

export interface CallOptions {
  /** ETag of the version being edited */
  ifMatch?: string
  /** made once per form, so that a second press creates nothing twice; default: a new one */
  key?: string
  signal?: AbortSignal
  /** ms; default 20 s */
  timeout?: number
  /** more headers, e.g. the device time of an offline record */
  headers?: Record<string, string>
  /** more query members: the filters of a list, named after its columns */
  query?: Record<string, string>
}

export interface UploadOptions extends CallOptions {
  onProgress?: (sent: number, total: number) => void
}

type Listener = (p: ApiProblem) => void

const state = {
  csrf: '',
  onSignin: null as Listener | null,
  etags: new WeakMap<object, string>(),
  dates: new WeakMap<object, string>(),
}

/** The token of GET session, sent with every change. */
export function setCsrf(token: string): void {
  state.csrf = token
}

/** Called when a session has ended under a page, before the call fails. */
export function onSessionLost(fn: Listener | null): void {
  state.onSignin = fn
}

/** The ETag an answer came with, for If-Match, or ''. */
export function etagOf(answer: object | null | undefined): string {
  return (answer && state.etags.get(answer)) || ''
}

/** When the server gave an answer (RFC 3339), for 截至; '' when it did not say. */
export function answeredAt(answer: object | null | undefined): string {
  return (answer && state.dates.get(answer)) || ''
}

function remember(body: object, r: Response): void {
  const tag = r.headers.get('ETag')
  if (tag) state.etags.set(body, tag)
  const at = new Date(r.headers.get('Date') ?? '')
  if (!Number.isNaN(at.getTime())) state.dates.set(body, at.toISOString())
}

/** Address of an operation with its path and query members filled. For links and downloads. */
export function opUrl(op: Op, input: Record<string, unknown> = {}, more: Record<string, string> = {}): string {
  const path = op.path.replace(/:(\w+)/g, (_m, k: string) => encodeURIComponent(String(input[k] ?? '')))
  const q = new URLSearchParams()
  for (const k of op.inQuery) {
    const v = input[k]
    if (v === undefined || v === null || v === '') continue
    q.append(k, Array.isArray(v) ? v.join(',') : String(v))
  }
  for (const [k, v] of Object.entries(more)) if (v !== '') q.append(k, v)
  const text = q.toString()
  return text ? `${path}?${text}` : path
}

function bodyOf(op: Op, input: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [k, v] of Object.entries(input)) {
    if (v !== undefined && !op.inPath.includes(k) && !op.inQuery.includes(k)) out[k] = v
  }
  return out
}

function headersOf(op: Op, o: CallOptions): Record<string, string> {
  const h: Record<string, string> = { Accept: 'application/json', ...o.headers }
  if (op.method === 'GET') return h
  h['X-CSRF'] = state.csrf
  const key = o.key ?? (op.method === 'POST' ? newKey() : '')
  if (key) h['Idempotency-Key'] = key
  if (o.ifMatch) h['If-Match'] = o.ifMatch
  return h
}

function lost(p: ApiProblem): ApiProblem {
  if (p.kind === 'signin') state.onSignin?.(p)
  return p
}

async function readBody(r: Response): Promise<unknown> {
  if (r.status === 204) return null
  const type = r.headers.get('Content-Type') ?? ''
  return /json/.test(type) ? r.json() : r.text()
}

/** A signal that ends with the caller's or after ms, and its release. */
function limit(ms: number, outer?: AbortSignal): { signal: AbortSignal; timedOut: () => boolean; done: () => void } {
  const c = new AbortController()
  let late = false
  const timer = setTimeout(() => {
    late = true
    c.abort()
  }, ms)
  const stop = () => c.abort()
  outer?.addEventListener('abort', stop)
  const done = () => {
    clearTimeout(timer)
    outer?.removeEventListener('abort', stop)
  }
  return { signal: c.signal, timedOut: () => late, done }
}

function netProblem(late: boolean): ApiProblem {
  const kind = late ? 'timeout' : 'offline'
  return new ApiProblem(kind, 0, texts.problem[kind])
}

function initOf(op: Op, fields: Record<string, unknown>, o: CallOptions): RequestInit {
  const headers = headersOf(op, o)
  const init: RequestInit = { method: op.method, headers, credentials: 'same-origin', cache: 'no-store' }
  if (op.method !== 'GET' && op.method !== 'DELETE') {
    headers['Content-Type'] = 'application/json'
    init.body = JSON.stringify(bodyOf(op, fields))
  }
  return init
}

async function receive<T>(r: Response): Promise<T> {
  const body = await readBody(r)
  if (!r.ok) throw lost(problemOf(r.status, body))
  if (body && typeof body === 'object') remember(body, r)
  return body as T
}

/** Calls an operation; returns its answer or throws ApiProblem (an aborted call throws as fetch does). */
export async function call<T>(op: Op, input: object, o: CallOptions = {}): Promise<T> {
  const fields = input as Record<string, unknown>
  const lim = limit(o.timeout ?? 20000, o.signal)
  try {
    const r = await fetch(opUrl(op, fields, o.query), { ...initOf(op, fields, o), signal: lim.signal })
    return await receive<T>(r)
  } catch (e) {
    if (e instanceof ApiProblem || o.signal?.aborted) throw e
    throw netProblem(lim.timedOut())
  } finally {
    lim.done()
  }
}

function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : null
  } catch {
    return text
  }
}

/** Sends a file as multipart/form-data (part "file", the body members as parts), telling progress. */
export function upload<T>(op: Op, input: object, file: Blob, name: string, o: UploadOptions = {}): Promise<T> {
  const fields = input as Record<string, unknown>
  const form = new FormData()
  for (const [k, v] of Object.entries(bodyOf(op, fields))) form.append(k, String(v))
  form.append('file', file, name)
  return new Promise<T>((resolve, reject) => {
    const x = new XMLHttpRequest()
    x.open(op.method, opUrl(op, fields))
    for (const [k, v] of Object.entries(headersOf(op, o))) x.setRequestHeader(k, v)
    x.timeout = o.timeout ?? 600000
    x.upload.onprogress = (e) => o.onProgress?.(e.loaded, e.lengthComputable ? e.total : file.size)
    x.onload = () => {
      const body = parse(x.responseText)
      if (x.status >= 200 && x.status < 300) resolve(body as T)
      else reject(lost(problemOf(x.status, body)))
    }
    x.onerror = () => reject(netProblem(false))
    x.ontimeout = () => reject(netProblem(true))
    x.onabort = () => reject(new DOMException('aborted', 'AbortError'))
    o.signal?.addEventListener('abort', () => x.abort())
    x.send(form)
  })
}
