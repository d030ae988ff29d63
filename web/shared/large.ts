// 大字版: a root attribute that scales both clients, remembered on this machine.
import { ref } from 'vue'

const KEY = 'zhian.large'

function read(): boolean {
  try {
    return localStorage.getItem(KEY) === '1'
  } catch {
    return false
  }
}

export const large = ref(read())

function apply(): void {
  document.documentElement.toggleAttribute('data-large', large.value)
}

export function setLarge(on: boolean): void {
  large.value = on
  apply()
  try {
    localStorage.setItem(KEY, on ? '1' : '0')
  } catch {
    // A browser that refuses storage still shows the large layout for this visit.
  }
}

apply()
