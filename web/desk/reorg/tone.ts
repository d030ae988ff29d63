/** The tone of a state of a change or a hand-over. */
export function toneOf(state: string): 'good' | 'wait' | 'bad' | 'plain' {
  if (state === 'done' || state === 'taken') return 'good'
  if (state === 'failed' || state === 'refused') return 'bad'
  return state === 'cancelled' ? 'plain' : 'wait'
}
