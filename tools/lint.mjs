// All checks that need no run of the program: node tools/lint.mjs [NAME…] (./dev lint). Each prints
// what it found; the last line counts checks.
import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { finish, root, runTests } from '../tests/lib/run.mjs'

const tracked = (...patterns) =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], { cwd: root, encoding: 'utf8' })
    .trim().split('\n').filter(Boolean)

const C_FLAGS = ['-std=c17', '-D_GNU_SOURCE', '-Isrc', '-Ibuild/gen']
const web = join(root, 'web')
const tool = (name) => ({ name: `lint/${name}`, argv: ['node', `tools/${name}.mjs`] })
const webTool = (name) => ({ name: `lint/${name}`, argv: ['node', `../tools/web/${name}.mjs`], cwd: web })

/** A command over many files, some at a time on each core. */
function over(name, files, each, command) {
  const script = `printf '%s\\n' "$@" | xargs -P${cpus().length} -n${each} ${command}`
  return { name: `lint/${name}`, argv: ['sh', '-c', script, 'sh', ...files], timeout: 900 }
}

const cFiles = tracked('*.c', '*.h')
const checks = [
  tool('layers'),
  tool('metrics'),
  tool('sqltext'),
  tool('oplint'),
  tool('routes'),
  tool('templates'),
  tool('scripts'),
  webTool('words'),
  webTool('urls'),
  webTool('budget'),
  { name: 'lint/web', argv: ['npm', 'run', '-s', 'lint'], cwd: web },
  over('format', cFiles, 16, 'clang-format --dry-run -Werror'),
  over('clang-tidy', tracked('src/**/*.c', 'src/*.c', 'tools/*.c'), 4,
    `sh -c 'clang-tidy -quiet "$@" -- ${C_FLAGS.join(' ')} 2>&1' sh`),
  {
    name: 'lint/cppcheck',
    argv: ['cppcheck', '-q', '--error-exitcode=1', '--inline-suppr', '--std=c11', '--max-configs=2',
      `-j${cpus().length}`, '--enable=warning,portability,performance', '--suppressions-list=tools/cppcheck.txt',
      ...C_FLAGS.slice(1), 'src', 'tools'],
    timeout: 900,
  },
  {
    name: 'lint/shell',
    argv: ['shellcheck', 'dev', '.ci/run', ...tracked('*.sh')],
  },
]

const names = process.argv.slice(2)
await runTests(checks.filter((c) => !names.length || names.some((n) => c.name.includes(n))))
process.exit(finish())
