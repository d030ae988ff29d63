import { createApp, h } from 'vue'
import '@shared/tokens.css'
import { texts } from '@shared/texts'

createApp({ render: () => h('main', [h('h1', texts.product)]) }).mount('#app')
