/* The review under way: the draft of one firm, written to the phone with every change. */
import { computed, ref, shallowRef } from 'vue'
import { loadDraft, saveDraft } from '@shared/offline'
import {
  movedItems, newReview, reviewGaps, seen, setNote, setVerdict, type Ledger, type PaperItem, type ReviewDraft, type Verdict,
} from './review'

export const reviewId = (firm: number) => `review/${firm}`

export function useReview() {
  const draft = shallowRef<ReviewDraft>(newReview(''))
  const items = shallowRef<PaperItem[]>([])
  const ledger = shallowRef<Ledger>({})
  const kept = ref(false)
  /* the draft has been taken up: a tap before that would be lost */
  const ready = ref(false)
  let id = ''

  /* open takes up the draft; `moved` are the items of which the ledger says something else by now. */
  async function open(firm: number, version: string, list: PaperItem[], now: Ledger): Promise<void> {
    id = reviewId(firm)
    items.value = list
    const old = await loadDraft<ReviewDraft>(id)
    kept.value = old !== null
    draft.value = old ?? newReview(version)
    ledger.value = now
    ready.value = true
  }

  /* show lays the changed file beside the draft; `own`: it was changed on this phone, by this person. */
  function show(now: Ledger, own: boolean): void {
    ledger.value = now
    if (own && Object.keys(draft.value.answers).length) put(seen(draft.value, now))
  }

  function put(change: Partial<ReviewDraft>): void {
    draft.value = { ...draft.value, ...change }
    kept.value = false
    void saveDraft(id, 'review', draft.value).then(() => (kept.value = true))
  }

  return {
    draft,
    items,
    kept,
    ready,
    moved: computed(() => movedItems(draft.value, ledger.value)),
    gaps: computed(() => reviewGaps(draft.value, items.value, ledger.value)),
    facts: (code: string) => ledger.value[code] ?? [],
    open,
    show,
    put,
    verdict: (code: string, v: Verdict) => put(setVerdict(draft.value, code, v, ledger.value[code])),
    note: (code: string, text: string) => put(setNote(draft.value, code, text)),
  }
}
