/* A short word that something worked, said and shown for a moment (App.vue draws it). The kit's own
 * toast is a dialog without a name and is not used. */
import { ref } from 'vue'

const SHOWN_MS = 2_500

export const toastText = ref('')

let timer: ReturnType<typeof setTimeout> | undefined

export function showToast(text: string): void {
  clearTimeout(timer)
  toastText.value = text
  timer = setTimeout(() => (toastText.value = ''), SHOWN_MS)
}
