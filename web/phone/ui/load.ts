/* Reading for a page: loading, problem and the kept answer when there is no network. */
import { onMounted, ref, shallowRef, type Ref } from 'vue'
import { asProblem, type ApiProblem } from '@shared/problem'
import { readThrough } from '@shared/offline'

export function isOffline(e: unknown): boolean {
  const kind = asProblem(e).kind
  return kind === 'offline' || kind === 'timeout'
}

export interface Loaded<T> {
  data: Ref<T | null>
  problem: Ref<ApiProblem | null>
  loading: Ref<boolean>
  stale: Ref<boolean>
  at: Ref<number>
  reload: () => Promise<void>
}

/* useLoad asks when the page opens. `cacheId` names the kept answer; null keeps nothing. */
export function useLoad<T>(cacheId: () => string | null, ask: () => Promise<T>): Loaded<T> {
  const data = shallowRef<T | null>(null)
  const problem = shallowRef<ApiProblem | null>(null)
  const loading = ref(true)
  const stale = ref(false)
  const at = ref(0)

  async function get() {
    const id = cacheId()
    if (id) return readThrough(id, ask, isOffline)
    return { data: await ask(), at: Date.now(), stale: false }
  }

  async function reload(): Promise<void> {
    loading.value = data.value === null
    problem.value = null
    try {
      const got = await get()
      data.value = got.data
      stale.value = got.stale
      at.value = got.at
    } catch (e) {
      problem.value = asProblem(e)
    } finally {
      loading.value = false
    }
  }

  onMounted(reload)
  return { data: data as Ref<T | null>, problem, loading, stale, at, reload }
}
