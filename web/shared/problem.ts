// What went wrong with a call, as the pages need it: one sentence, the fields at fault, and the
// stored version when an edit came too late.
import { texts } from './texts'

export interface FieldError {
  field: string
  code: string
  message: string
  hint?: string
}

interface ProblemBody {
  type?: string
  title?: string
  status?: number
  detail?: string
  errors?: FieldError[]
  current?: unknown
  instance?: string
}

/** Where a failure belongs: the network, the session, the right, the row, the version, the form. */
export type ProblemKind =
  | 'offline'
  | 'timeout'
  | 'signin'
  | 'forbidden'
  | 'missing'
  | 'conflict'
  | 'state'
  | 'invalid'
  | 'busy'
  | 'server'

const KIND_BY_STATUS: Record<number, ProblemKind> = {
  400: 'invalid',
  401: 'signin',
  403: 'forbidden',
  404: 'missing',
  409: 'conflict',
  412: 'conflict',
  413: 'invalid',
  415: 'invalid',
  422: 'invalid',
  429: 'busy',
  503: 'busy',
}

export class ApiProblem extends Error {
  readonly errors: FieldError[]
  /** the stored version an edit collided with, or undefined */
  readonly current: unknown
  readonly instance: string
  /** the last word of the problem's type, e.g. "state" */
  readonly type: string

  constructor(
    readonly kind: ProblemKind,
    readonly status: number,
    message: string,
    body: ProblemBody = {}
  ) {
    super(message)
    this.name = 'ApiProblem'
    this.errors = body.errors ?? []
    this.current = body.current
    this.instance = body.instance ?? ''
    this.type = wordOf(body)
  }

  /** The message of one field, with what to do, or ''. */
  fieldText(field: string): string {
    const hit = this.errors.find((e) => e.field === field)
    return hit ? [hit.message, hit.hint].filter(Boolean).join('。') : ''
  }
}

// One status covers several things: a wrong password is no ended session, a step that the state
// forbids is no edit that came too late.
const KIND_BY_TYPE: Record<string, ProblemKind> = {
  credentials: 'invalid',
  state: 'state',
  conflict: 'state',
  stale: 'conflict',
}

const wordOf = (b: ProblemBody): string => (b.type ?? '').split(/[/:#]/).pop() ?? ''

function kindOf(status: number, word: string): ProblemKind {
  return KIND_BY_TYPE[word] ?? KIND_BY_STATUS[status] ?? (status >= 500 ? 'server' : 'invalid')
}

/** The problem of an answer with that status and body. */
export function problemOf(status: number, body: unknown): ApiProblem {
  const b = (body && typeof body === 'object' ? body : {}) as ProblemBody
  const kind = kindOf(status, wordOf(b))
  return new ApiProblem(kind, status, b.detail || b.title || texts.problem[kind], b)
}

/** Any thrown value as a problem, so that pages show one kind of thing. */
export function asProblem(e: unknown): ApiProblem {
  if (e instanceof ApiProblem) return e
  const text = e instanceof Error ? e.message : String(e)
  return new ApiProblem('server', 0, texts.problem.server, { detail: text })
}
