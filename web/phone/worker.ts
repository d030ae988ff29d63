/* The page's side of the service worker: register it, tell when a new version waits, switch on
 * request. Without service workers (old phone, plain http) the application works online only. */
import { ref } from 'vue'

export const newVersion = ref(false)

let waiting: ServiceWorker | null = null

function watch(reg: ServiceWorkerRegistration): void {
  const found = reg.waiting
  if (found && navigator.serviceWorker.controller) {
    waiting = found
    newVersion.value = true
  }
  reg.installing?.addEventListener('statechange', () => watch(reg))
}

export async function startWorker(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  try {
    const reg = await navigator.serviceWorker.register('/m/sw.js', { scope: '/m/' })
    watch(reg)
    reg.addEventListener('updatefound', () => watch(reg))
  } catch {
    // Refused by the browser's settings: drafts and the outbox still work while the page is open.
  }
}

export function useNewVersion(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting?.postMessage('use-new-version')
}
