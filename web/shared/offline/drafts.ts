/* Drafts: every tap is written to IndexedDB before the next one is accepted to matter.
 *
 * Writes of one draft go through a chain, so the last tap always wins even when IndexedDB is slow;
 * a write waiting in the chain is replaced by a newer one instead of queueing behind it. */
import { plain, store } from './store'

interface Chain {
  next: { kind: string; data: unknown } | null
  running: Promise<void> | null
}

const chains = new Map<string, Chain>()

async function write(id: string, chain: Chain): Promise<void> {
  while (chain.next) {
    const { kind, data } = chain.next
    chain.next = null
    await (await store()).put('drafts', { id, kind, updatedAt: Date.now(), data })
  }
}

async function run(id: string, chain: Chain): Promise<void> {
  try {
    await write(id, chain)
  } finally {
    chain.running = null
    if (!chain.next) chains.delete(id)
  }
}

/* saveDraft resolves when this state, or a newer one, is on the phone. */
export function saveDraft(id: string, kind: string, data: unknown): Promise<void> {
  const chain = chains.get(id) ?? { next: null, running: null }
  chains.set(id, chain)
  chain.next = { kind, data: plain(data) }
  chain.running ??= run(id, chain)
  return chain.running
}

export async function loadDraft<T>(id: string): Promise<T | null> {
  const row = await (await store()).get('drafts', id)
  return row ? (row.data as T) : null
}

/* dropDraft waits for a write under way first, so that it cannot bring the draft back. */
export async function dropDraft(id: string): Promise<void> {
  const chain = chains.get(id)
  if (chain) {
    chain.next = null
    await chain.running
  }
  await (await store()).delete('drafts', id)
}

export async function draftIds(kind: string): Promise<string[]> {
  const rows = await (await store()).getAllFromIndex('drafts', 'kind', kind)
  return rows.sort((a, b) => b.updatedAt - a.updatedAt).map((r) => r.id)
}
