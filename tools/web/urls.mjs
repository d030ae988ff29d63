// No built asset may name another origin: the platform runs on closed networks (ux §3 test a).
// Exit 1 with one line per absolute URL found in web/dist.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findExternal } from './external.mjs'

const dist = resolve(dirname(fileURLToPath(import.meta.url)), '../../web/dist')

function* walk(dir) {
  for (const name of readdirSync(dir)) {
    const path = join(dir, name)
    if (statSync(path).isDirectory()) yield* walk(path)
    else if (/\.(js|css|html|json|webmanifest|svg)$/.test(name)) yield path
  }
}

if (!existsSync(dist)) {
  console.error('urls: web/dist is not built')
  process.exit(2)
}
let bad = 0
for (const path of walk(dist)) {
  for (const url of findExternal(readFileSync(path, 'utf8'))) {
    console.error(`${relative(dist, path)}: ${url}`)
    bad++
  }
}
console.log(`urls: ${bad} absolute`)
process.exit(bad ? 1 : 0)
