/* The last answers of reads. A page shows the kept answer, marked with its time, when the network
 * does not answer; it never stands in for a fresh one while there is a network. */
import { plain, store } from './store'

export interface Kept<T> {
  data: T
  at: number
  stale: boolean
}

export async function keep(id: string, data: unknown): Promise<void> {
  await (await store()).put('cache', { id, at: Date.now(), data: plain(data) })
}

export async function kept<T>(id: string): Promise<Kept<T> | null> {
  const row = await (await store()).get('cache', id)
  return row ? { data: row.data as T, at: row.at, stale: true } : null
}

/* readThrough asks the server; only when `offline(error)` says that nobody could be reached does
 * it fall back to the kept answer. Every other error is the caller's. */
export async function readThrough<T>(
  id: string,
  ask: () => Promise<T>,
  offline: (e: unknown) => boolean,
): Promise<Kept<T>> {
  try {
    const data = await ask()
    await keep(id, data)
    return { data, at: Date.now(), stale: false }
  } catch (e) {
    const old = offline(e) ? await kept<T>(id) : null
    if (!old) throw e
    return old
  }
}
