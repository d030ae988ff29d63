// One step that changes something: busy while it runs, its problem when it fails, a word when done.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { asProblem, type ApiProblem } from '@shared/problem'
import { ElMessage } from '../kit'

export interface Work {
  busy: Ref<boolean>
  problem: ShallowRef<ApiProblem | null>
  /** true when fn succeeded; said is shown then */
  run: (fn: () => Promise<unknown>, said?: string) => Promise<boolean>
  clear: () => void
}

export function useWork(): Work {
  const busy = ref(false)
  const problem = shallowRef<ApiProblem | null>(null)

  async function run(fn: () => Promise<unknown>, said?: string): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    problem.value = null
    try {
      await fn()
      if (said) ElMessage.success(said)
      return true
    } catch (e) {
      problem.value = asProblem(e)
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, problem, run, clear: () => (problem.value = null) }
}
