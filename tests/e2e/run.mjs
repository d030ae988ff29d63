// Runs the end-to-end specs: every *.mjs here that is not a library is a program whose exit code
// tells. A spec starts its own server (tests/lib/store.mjs), drives Debian's Chromium with
// playwright-core and leaves its screenshots in tests/artifacts.
//
//   node tests/e2e/run.mjs [NAME…]
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { finish, root, runTests } from '../lib/run.mjs'

const LIBRARY = /(^run|[-.](lib|fixture|util))\.mjs$/

export function specs() {
  const here = join(root, 'tests/e2e')
  mkdirSync(join(root, 'tests/artifacts'), { recursive: true })
  return readdirSync(here)
    .filter((f) => f.endsWith('.mjs') && !LIBRARY.test(f))
    .sort()
    .map((f) => ({ name: `e2e/${f.replace('.mjs', '')}`, argv: ['node', join(here, f)], timeout: 600 }))
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const names = process.argv.slice(2)
  await runTests(specs().filter((s) => !names.length || names.some((n) => s.name.includes(n))))
  process.exit(finish())
}
