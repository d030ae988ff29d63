// The desk: workbench of the authorities, in a browser on a computer.
import { createApp } from 'vue'
import { createPinia } from 'pinia'
import '@shared/tokens.css'
import './desk.css'
import '@shared/large'
import { kit } from './kit'
import { router } from './router'
import App from './App.vue'

createApp(App).use(createPinia()).use(router).use(kit).mount('#app')
