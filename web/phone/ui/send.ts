/* Sending a form online: busy, the problem with its field errors, and a toast when it worked. */
import { ref, shallowRef } from 'vue'
import { asProblem, type ApiProblem } from '@shared/problem'

export function useSend() {
  const busy = ref(false)
  const problem = shallowRef<ApiProblem | null>(null)

  /* send returns true when it worked; a second press while it runs does nothing. */
  async function send(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    problem.value = null
    try {
      await work()
      return true
    } catch (e) {
      problem.value = asProblem(e)
      return false
    } finally {
      busy.value = false
    }
  }

  const fieldText = (field: string) => problem.value?.fieldText(field) ?? ''
  return { busy, problem, send, fieldText }
}
