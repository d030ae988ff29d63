// One configuration, three builds by mode: `desk` (index.html), `phone` (m/index.html) and `sw` (the
// service worker at /m/sw.js, un-hashed). Separate builds keep what only the desk uses out of the
// phone's chunks; all write into dist/, which tools/web/build.mjs empties first.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig, type Plugin, type UserConfig } from 'vite'
import vue from '@vitejs/plugin-vue'
import { stripExternalUrls, stripExternalStrings } from '../tools/web/external.mjs'

const root = import.meta.dirname
const META = resolve(root, '../build/web')

// A kit's style sheet may point at a font on another origin; the page must never ask for it (ux §3).
function noExternal(): Plugin {
  return {
    name: 'no-external',
    enforce: 'pre',
    transform(code, id) {
      return /\.css(\?|$)/.test(id) ? { code: stripExternalUrls(code), map: null } : null
    },
    generateBundle(_options, bundle) {
      for (const item of Object.values(bundle)) {
        if (item.type === 'chunk') item.code = stripExternalStrings(item.code)
        else if (typeof item.source === 'string' && item.fileName.endsWith('.css')) {
          item.source = stripExternalUrls(item.source)
        }
      }
    },
  }
}

function page(mode: 'desk' | 'phone'): UserConfig {
  const dir = mode === 'desk' ? '' : 'm/'
  return {
    plugins: [vue(), noExternal()],
    publicDir: mode === 'desk' ? 'public' : false,
    build: {
      manifest: `${mode}.manifest.json`,
      assetsDir: `${dir}assets`,
      rolldownOptions: { input: { [mode]: resolve(root, `${dir}index.html`) } },
    },
  }
}

function worker(): UserConfig {
  const list = readFileSync(resolve(META, 'precache.json'), 'utf8')
  const { version, files } = JSON.parse(list) as { version: string; files: string[] }
  return {
    publicDir: false,
    define: { __VERSION__: JSON.stringify(version), __PRECACHE__: JSON.stringify(files) },
    plugins: [noExternal()],
    build: {
      modulePreload: false,
      rolldownOptions: {
        input: { sw: resolve(root, 'phone/sw.ts') },
        output: { format: 'iife', entryFileNames: 'm/sw.js' },
      },
    },
  }
}

export default defineConfig(({ mode }) => {
  const own = mode === 'sw' ? worker() : page(mode === 'phone' ? 'phone' : 'desk')
  return {
    ...own,
    root,
    base: '/',
    resolve: {
      alias: {
        '@shared': resolve(root, 'shared'),
        '@desk': resolve(root, 'desk'),
        '@phone': resolve(root, 'phone'),
        '@generated': resolve(root, 'generated'),
      },
    },
    build: {
      target: ['chrome87', 'safari14'],
      outDir: 'dist',
      emptyOutDir: false,
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2000,
      ...own.build,
    },
    server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
  }
})
