// Scripts of the tests, the benches and the tools parse, and nothing tracked names a folder of one
// machine or carries a conflict mark.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { report, root } from './clib.mjs'

const MACHINE = /(^|[\s"'`(=])\/(home|work|root|Users)\/[\w.-]+/
const CONFLICT = /^(<{7} |>{7} |={7}$)/
const TEXT = /\.(c|h|def|sql|mjs|ts|vue|css|html|md|json|txt|sh|csv|service|timer|conf)$|^dev$|^Makefile$|^\.ci\//

const findings = []
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .trim().split('\n')

for (const path of files.filter((f) => TEXT.test(f) && !/^(fuzz\/corpus|tests\/samples|tools\/scripts\.mjs)/.test(f))) {
  readFileSync(join(root, path), 'utf8').split('\n').forEach((line, n) => {
    if (MACHINE.test(line)) findings.push(`${path}:${n + 1}: names a folder of one machine`)
    if (CONFLICT.test(line)) findings.push(`${path}:${n + 1}: conflict mark`)
  })
}
for (const path of files.filter((f) => f.endsWith('.mjs'))) {
  try {
    execFileSync(process.execPath, ['--check', join(root, path)], { stdio: 'pipe' })
  } catch (e) {
    findings.push(`${path}: ${e.stderr.toString().trim().split('\n').slice(0, 5).join(' ')}`)
  }
}
process.exit(report('scripts', findings, `${files.length} files`))
