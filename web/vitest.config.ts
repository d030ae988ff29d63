import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import vue from '@vitejs/plugin-vue'

const root = import.meta.dirname

export default defineConfig({
  root,
  plugins: [vue()],
  resolve: {
    alias: {
      '@shared': resolve(root, 'shared'),
      '@desk': resolve(root, 'desk'),
      '@phone': resolve(root, 'phone'),
      '@generated': resolve(root, 'generated'),
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts', '{shared,desk,phone}/**/*.test.ts'],
    server: { deps: { inline: ['element-plus', 'vant'] } },
  },
})
