/* The last thing a sheet was opened for: while it slides away it still shows what it was about. */
import { shallowRef, watch, type ShallowRef } from 'vue'

export function useLast<T>(source: () => T | null): Readonly<ShallowRef<T | null>> {
  const last = shallowRef<T | null>(source())
  watch(source, (now) => {
    if (now !== null) last.value = now
  })
  return last
}
