// Runs the program on the command line, at the day of the expected files: {code, out, err}.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './run.mjs'
import { NOW } from './store.mjs'

export const bin = process.env.ZHIAN_BIN ?? join(root, 'build/release/zhian')

export function zhian(args, { input, env } = {}) {
  const r = spawnSync(bin, args, {
    cwd: root, input, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, ZHIAN_NOW: NOW, ...env },
  })
  return { code: r.status, out: r.stdout, err: r.stderr }
}
