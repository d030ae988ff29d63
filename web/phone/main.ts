/* The phone client: sign-in state first, then the page, then the worker that keeps it offline. */
import { createApp } from 'vue'
import '@shared/tokens.css'
import './phone.css'
import '@shared/large'
import { onSessionLost } from '@shared/api'
import App from './App.vue'
import { router } from './router'
import { lostSession } from './state/session'
import { startSync } from './state/sync'
import { startWorker } from './worker'

onSessionLost(() => {
  if (!lostSession()) return
  const here = router.currentRoute.value
  if (!here.meta.open) void router.replace({ path: '/login', query: { to: here.fullPath, expired: '1' } })
})

createApp(App).use(router).mount('#app')
startSync()
void startWorker()
