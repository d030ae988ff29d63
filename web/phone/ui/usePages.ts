/* A list that grows page by page; the first page is kept for times without a network. */
import { ref, type Ref } from 'vue'
import { asProblem } from '@shared/problem'
import type { PageOf } from '@phone/model'
import { useLoad } from './load'

export function usePages<T>(cacheId: () => string | null, ask: (cursor: string | null) => Promise<PageOf<T>>) {
  const first = useLoad(cacheId, () => ask(null))
  const more = ref([]) as Ref<T[]>
  const next = ref<string | null>(null)
  const busy = ref(false)
  const started = ref(false)

  const cursor = () => (started.value ? next.value : (first.data.value?.next ?? null))

  async function reload(): Promise<void> {
    more.value = []
    started.value = false
    await first.reload()
  }

  async function showMore(): Promise<void> {
    const from = cursor()
    if (!from || busy.value) return
    busy.value = true
    try {
      const page = await ask(from)
      more.value = [...more.value, ...page.rows]
      next.value = page.next
      started.value = true
    } catch (e) {
      first.problem.value = asProblem(e)
    } finally {
      busy.value = false
    }
  }

  return { ...first, reload, more, showMore, busy, cursor }
}
