// Builds the web UI into web/dist: desk, phone, then the service worker that knows the phone's files.
// Build manifests go to build/web (not shipped). Without phone/sw.ts the worker is left out.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const web = resolve(dirname(fileURLToPath(import.meta.url)), '../../web')
const meta = resolve(web, '../build/web')
const dist = join(web, 'dist')
// The tools live outside web/, its packages inside: resolve from there.
const require = createRequire(join(web, 'package.json'))
const vite = await import(pathToFileURL(require.resolve('vite')).href)

async function run(mode) {
  await vite.build({ configFile: join(web, 'vite.config.ts'), mode, logLevel: 'warn', root: web })
}

function keepManifest(mode) {
  renameSync(join(dist, `${mode}.manifest.json`), join(meta, `${mode}.manifest.json`))
}

/** The files a phone needs to start and to draw every route without a network. */
function phoneFiles() {
  const manifest = JSON.parse(readFileSync(join(meta, 'phone.manifest.json'), 'utf8'))
  const files = new Set(['/m/'])
  for (const item of Object.values(manifest)) {
    files.add(`/${item.file}`)
    for (const f of [...(item.css ?? []), ...(item.assets ?? [])]) files.add(`/${f}`)
  }
  return [...files].filter((f) => !f.endsWith('.html') && !f.endsWith('.wasm')).sort()
}

function writePrecache() {
  const files = phoneFiles()
  const hash = createHash('sha256').update(files.join('\n'))
  hash.update(readFileSync(join(dist, 'm/index.html')))
  const version = hash.digest('hex').slice(0, 12)
  writeFileSync(join(meta, 'precache.json'), JSON.stringify({ version, files }))
}

process.env.NODE_ENV = 'production'
rmSync(dist, { recursive: true, force: true })
mkdirSync(meta, { recursive: true })
await run('desk')
keepManifest('desk')
await run('phone')
keepManifest('phone')
if (existsSync(join(web, 'phone/sw.ts'))) {
  writePrecache()
  await run('sw')
}
