// The state of one list: its query lives in the page's address (shareable, survives back), the
// cursors of the pages gone through live here.
import { computed, ref, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import type { ApiProblem } from '@shared/problem'
import { useLoad } from '@shared/useLoad'
import { emptyQuery, type Column, type ListAnswer, type ListQuery, type ListSource } from './types'

export interface Reader {
  (q: ListQuery, cursor: string, signal: AbortSignal): Promise<ListAnswer>
  /** what an export of the list is made from */
  source?: ListSource
}

const FILTER = 'f.'

/** The list query held in an address. */
export function queryFrom(q: LocationQuery): ListQuery {
  const text = (k: string) => (typeof q[k] === 'string' ? (q[k] as string) : '')
  const out = emptyQuery()
  out.q = text('q')
  out.sort = text('sort')
  out.limit = Number(text('limit')) || out.limit
  out.columns = text('cols') ? text('cols').split(',') : []
  for (const k of Object.keys(q)) if (k.startsWith(FILTER)) out.filters[k.slice(FILTER.length)] = text(k)
  return out
}

/** The address members of a list query; defaults are left out. */
export function queryTo(q: ListQuery): Record<string, string> {
  const out: Record<string, string> = {}
  if (q.q) out.q = q.q
  if (q.sort) out.sort = q.sort
  if (q.limit !== emptyQuery().limit) out.limit = String(q.limit)
  if (q.columns.length) out.cols = q.columns.join(',')
  for (const [k, v] of Object.entries(q.filters)) if (v) out[FILTER + k] = v
  return out
}

export interface ListState {
  query: ComputedRef<ListQuery>
  answer: ShallowRef<ListAnswer | null>
  problem: ShallowRef<ApiProblem | null>
  busy: Ref<boolean>
  page: ComputedRef<number>
  shown: ComputedRef<Column[]>
  set: (part: Partial<ListQuery>) => void
  next: () => void
  prev: () => void
  reload: () => Promise<void>
}

export function useList(read: Reader): ListState {
  const route = useRoute()
  const router = useRouter()
  const path = route.path
  const query = computed(() => queryFrom(route.query))
  const cursors = ref<string[]>([''])
  const { value, problem, busy, run } = useLoad((signal) =>
    read(query.value, cursors.value[cursors.value.length - 1]!, signal)
  )

  watch(
    () => JSON.stringify([query.value.q, query.value.sort, query.value.limit, query.value.filters, query.value.columns]),
    () => {
      if (route.path !== path) return
      cursors.value = ['']
      void run()
    },
    { immediate: true }
  )

  function set(part: Partial<ListQuery>): void {
    void router.replace({ query: queryTo({ ...query.value, ...part }) })
  }
  function next(): void {
    const cursor = value.value?.next
    if (!cursor) return
    cursors.value = [...cursors.value, cursor]
    void run()
  }
  function prev(): void {
    if (cursors.value.length < 2) return
    cursors.value = cursors.value.slice(0, -1)
    void run()
  }

  const shown = computed(() => {
    const all = value.value?.columns ?? []
    const keys = query.value.columns
    const of = (key: string) => all.find((c) => c.key === key)
    return keys.length ? keys.map(of).filter((c) => c !== undefined) : all.filter((c) => c.shown !== false)
  })
  const page = computed(() => cursors.value.length)
  return { query, answer: value, problem, busy, page, shown, set, next, prev, reload: run }
}
