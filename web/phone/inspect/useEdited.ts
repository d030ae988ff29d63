/* A firm's file with the corrections that wait on this phone laid over it. */
import { computed, onBeforeUnmount, onMounted, shallowRef, type Ref } from 'vue'
import { onOutbox, type OutboxRow } from '@shared/offline'
import { openEdits, withEdits } from '@phone/state/edits'
import type { FirmFile } from '@phone/model'

export function useEdited(firm: number, data: Ref<FirmFile | null>, reload: () => Promise<void>) {
  const waiting = shallowRef<OutboxRow[]>([])

  async function look(): Promise<void> {
    const before = waiting.value.length
    waiting.value = await openEdits(firm)
    if (waiting.value.length < before) await reload()
  }

  onMounted(look)
  onBeforeUnmount(onOutbox(() => void look()))
  return { file: computed(() => data.value && withEdits(data.value, waiting.value)), waiting, look }
}
