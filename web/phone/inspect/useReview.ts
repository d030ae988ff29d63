/* The review under way: the draft of one firm, written to the phone with every change. */
import { computed, ref, shallowRef } from 'vue'
import { dropDraft, loadDraft, saveDraft } from '@shared/offline'
import { newReview, reviewGaps, setNote, setVerdict, type PaperItem, type ReviewDraft, type Verdict } from './review'

export const reviewId = (firm: number) => `review/${firm}`

export function useReview() {
  const draft = shallowRef<ReviewDraft>(newReview(''))
  const items = shallowRef<PaperItem[]>([])
  const kept = ref(false)
  const moved = ref(false)
  let id = ''

  /* open takes up the draft; `moved` tells that the firm was changed since it was begun. */
  async function open(firm: number, version: string, list: PaperItem[]): Promise<void> {
    id = reviewId(firm)
    items.value = list
    const old = await loadDraft<ReviewDraft>(id)
    kept.value = old !== null
    moved.value = old !== null && old.version !== version
    draft.value = { ...(old ?? newReview(version)), version }
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
    moved,
    gaps: computed(() => reviewGaps(draft.value, items.value)),
    open,
    put,
    verdict: (code: string, v: Verdict) => put(setVerdict(draft.value, code, v)),
    note: (code: string, text: string) => put(setNote(draft.value, code, text)),
    drop: () => dropDraft(id),
  }
}
