// What a browser loads first, gzipped: the build's own budget check on web/dist.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, tell } from './store.lib.mjs'

const r = spawnSync('node', [join(root, 'tools/web/budget.mjs')], { cwd: root, encoding: 'utf8' })
const text = r.stdout + r.stderr
const good = r.status === 0
for (const line of text.split('\n')) if (line.trim()) console.log(line)
for (const [name, bar] of [['phone', 180], ['desk', 380]]) {
  const kb = Number(new RegExp(`${name}[^\\d]*([\\d.]+)\\s*KB`, 'i').exec(text)?.[1])
  tell({ name: `${name} first load`, bar, value: kb, unit: 'KB gzip', good: good && kb <= bar })
}
