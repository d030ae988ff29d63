// Reading something for a page: its value, whether it is coming, what went wrong. A newer run makes
// an older answer void.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { asProblem, type ApiProblem } from './problem'

export interface Load<T> {
  value: ShallowRef<T | null>
  problem: ShallowRef<ApiProblem | null>
  busy: Ref<boolean>
  /** runs the reader again; keeps the shown value meanwhile */
  run: () => Promise<void>
}

export function useLoad<T>(read: (signal: AbortSignal) => Promise<T>): Load<T> {
  const value = shallowRef<T | null>(null)
  const problem = shallowRef<ApiProblem | null>(null)
  const busy = ref(false)
  let current: AbortController | null = null

  async function run(): Promise<void> {
    current?.abort()
    const mine = new AbortController()
    current = mine
    busy.value = true
    try {
      const got = await read(mine.signal)
      if (current !== mine) return
      value.value = got
      problem.value = null
    } catch (e) {
      if (current === mine) problem.value = asProblem(e)
    } finally {
      if (current === mine) busy.value = false
    }
  }

  return { value, problem, busy, run }
}
