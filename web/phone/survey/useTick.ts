/* The tick under way: its draft, written to the phone with every change. */
import { ref, shallowRef } from 'vue'
import { dropDraft, enqueue, loadDraft, saveDraft } from '@shared/offline'
import { push } from '@phone/state/sync'
import { s } from './texts'
import { newTick, type Candidate, type TickDraft } from './tick'

export const tickId = (candidate: number) => `tick/${candidate}`

export function useTick() {
  const draft = shallowRef<TickDraft>(newTick(''))
  const moved = ref(false)
  let id = ''

  /* open takes up the draft; `moved` tells that somebody changed the result since it was begun. */
  async function open(c: Candidate): Promise<void> {
    id = tickId(c.id)
    const old = await loadDraft<TickDraft>(id)
    moved.value = old !== null && old.version !== c.version
    draft.value = { ...(old ?? newTick(c.version)), version: c.version }
  }

  function put(change: Partial<TickDraft>): void {
    draft.value = { ...draft.value, ...change }
    void saveDraft(id, 'tick', draft.value)
  }

  /* Online and offline are one path: into the outbox, then up. */
  async function finish(c: Candidate): Promise<void> {
    await enqueue('tick', s.sent(c.name), { candidate: c.id, name: c.name, draft: draft.value })
    await dropDraft(id)
    void push()
  }

  return { draft, moved, open, put, finish }
}
