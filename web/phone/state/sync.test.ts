import { describe, expect, it, vi } from 'vitest'
import { ApiProblem } from '@shared/problem'
import { session } from './session'
import { judge } from './sync'

vi.mock('@generated/api', () => ({}))

const problem = (kind: ApiProblem['kind'], status: number, type = '') =>
  new ApiProblem(kind, status, '原因', { type: `/problems/${type}` })

describe('what a failed upload means', () => {
  it('is tried again when nobody could take it now', () => {
    for (const kind of ['offline', 'timeout', 'busy', 'server'] as const)
      expect(judge(problem(kind, 0))).toEqual({ then: 'retry' })
  })

  it('waits for sign-in when the session has ended', () => {
    expect(judge(problem('signin', 401))).toEqual({ then: 'signin' })
  })

  it('asks for a fresh token when the old one is not taken', () => {
    session.unsure = false
    expect(judge(problem('forbidden', 403, 'csrf'))).toEqual({ then: 'retry' })
    expect(session.unsure).toBe(true)
  })

  it('is kept with the reason when the server refuses it', () => {
    expect(judge(problem('forbidden', 403, 'forbidden'))).toEqual({ then: 'refuse', problem: '原因' })
    expect(judge(problem('conflict', 409, 'conflict'))).toEqual({ then: 'refuse', problem: '原因' })
  })
})
