/* The tick under way: its draft, written to the phone with every change. */
import { ref, shallowRef } from 'vue'
import { dropDraft, enqueue, loadDraft, saveDraft } from '@shared/offline'
import { push } from '@phone/state/sync'
import { s } from './texts'
import { newTick, sameAs, type Candidate, type TickDraft } from './tick'

export const tickId = (candidate: number) => `tick/${candidate}`

export function useTick() {
  const draft = shallowRef<TickDraft>(newTick(''))
  /* one's own version, while the stored one was made by somebody else meanwhile */
  const mine = shallowRef<TickDraft | null>(null)
  /* the draft has been taken up: a tap before that would be lost */
  const ready = ref(false)
  let id = ''

  /* open takes up the draft, which keeps the version it was begun on until it is finished. */
  async function open(c: Candidate): Promise<void> {
    id = tickId(c.id)
    const old = await loadDraft<TickDraft>(id)
    mine.value = old && old.state && old.version !== c.version ? old : null
    draft.value = old ?? newTick(c.version)
    ready.value = true
  }

  function put(change: Partial<TickDraft>): void {
    draft.value = { ...draft.value, ...change }
    void saveDraft(id, 'tick', draft.value)
  }

  /* Online and offline are one path: into the outbox, then up. Returns false when the stored version
   * was taken as it is and there is nothing to send. */
  async function finish(c: Candidate): Promise<boolean> {
    const sends = !(mine.value && sameAs(draft.value, c))
    if (sends) await enqueue('tick', s.sent(c.name), { candidate: c.id, name: c.name, draft: { ...draft.value, version: c.version } })
    await dropDraft(id)
    void push()
    return sends
  }

  return { draft, mine, ready, open, put, finish }
}
