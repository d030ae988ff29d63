/* The check under way: the draft of one firm and day, written to the phone with every tap. */
import { computed, ref, shallowRef } from 'vue'
import { dropDraft, loadDraft, saveDraft } from '@shared/offline'
import type { CheckDraft, CheckMode, RiskList } from '@phone/model'
import { NO_FINDING, answer, fillRest, onList, report, summary, type CheckArea, type CheckItem, type Finding } from './machine'

export const draftId = (firm: number, day: string) => `daily/${firm}/${day}`

export interface CheckSetup {
  firm: number
  day: string
  list: RiskList
  mode: CheckMode
  /* of a correction: the answers of the record being corrected */
  earlier?: CheckDraft['answers']
}

function fresh(s: CheckSetup): CheckDraft {
  return { areas: s.list.areas, answers: s.earlier ?? {}, listId: s.list.id, mode: s.mode, reason: '', editing: null }
}

export function useCheck() {
  const draft = shallowRef<CheckDraft | null>(null)
  const kept = ref(false)
  const listChanged = ref(false)
  let id = ''

  /* open takes up the draft of that day. What the check is may have changed since (midnight passed,
   * somebody else submitted): the answers stay, the mode follows. */
  async function open(s: CheckSetup): Promise<void> {
    id = draftId(s.firm, s.day)
    const old = await loadDraft<CheckDraft>(id)
    const base = old ?? fresh(s)
    listChanged.value = old !== null && old.listId !== s.list.id
    draft.value = { ...base, ...onList(base, s.list.areas), listId: s.list.id, mode: s.mode }
    kept.value = old !== null
  }

  function put(change: Partial<CheckDraft>): void {
    if (!draft.value) return
    draft.value = { ...draft.value, ...change }
    kept.value = false
    void saveDraft(id, 'daily', draft.value).then(() => (kept.value = true))
  }

  const sum = computed(() => (draft.value ? summary(draft.value) : null))
  const item = (code: string): CheckItem | undefined =>
    draft.value?.areas.flatMap((a) => a.items).find((i) => i.code === code)

  return {
    draft,
    kept,
    listChanged,
    sum,
    open,
    item,
    setAnswer: (code: string, result: 'ok' | 'na') => draft.value && put(answer(draft.value, code, result)),
    rest: (area: CheckArea) => draft.value && put(fillRest(draft.value, area)),
    setReason: (reason: string) => put({ reason }),
    openFinding: (code: string) =>
      put({ editing: { code, finding: draft.value?.answers[code]?.finding ?? NO_FINDING } }),
    setFinding: (finding: Finding) =>
      draft.value?.editing && put({ editing: { ...draft.value.editing, finding } }),
    closeFinding: () => put({ editing: null }),
    saveFinding: (finding: Finding) => {
      const d = draft.value
      if (d?.editing) put({ ...report(d, d.editing.code, finding), editing: null })
    },
    drop: () => dropDraft(id),
  }
}
