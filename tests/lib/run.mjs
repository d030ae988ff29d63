// Runs test programs: each is one command whose exit code tells, whose output goes to a log, and
// that is ended by its process id when it takes too long. One line per test, a summary at the end.
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
export const logs = join(root, 'build/test-logs')

export const tally = { passed: 0, failed: 0, failures: [] }

/** Counts one test and prints its line. */
export function tell(ok, name, seconds, why = '') {
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}${seconds === undefined ? '' : `  ${seconds.toFixed(1)} s`}`)
  if (!ok && why) console.log(why.replace(/^/gm, '     | '))
  if (ok) tally.passed++
  else {
    tally.failed++
    tally.failures.push(name)
  }
}

function lastLines(path, n) {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-n).join('\n')
}

/** Starts a command in its own process group; {code, signal} when it has ended. */
function execute({ argv, env, cwd, timeout }, log) {
  return new Promise((done) => {
    const out = createWriteStream(log)
    const p = spawn(argv[0], argv.slice(1), {
      cwd: cwd ?? root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const timer = setTimeout(() => {
      out.write(`\nstopped after ${timeout} s\n`)
      endGroup(p.pid)
    }, timeout * 1000)
    p.stdout.pipe(out, { end: false })
    p.stderr.pipe(out, { end: false })
    const finish = (result) => {
      clearTimeout(timer)
      out.end(() => done(result))
    }
    p.on('error', (e) => {
      out.write(`${e}\n`)
      finish({ code: -1 })
    })
    p.on('close', (code, signal) => finish({ code, signal }))
  })
}

/** Ends a process group that this program started. */
export function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGTERM')
    setTimeout(() => {
      try {
        process.kill(-pid, 'SIGKILL')
      } catch { /* it has ended */ }
    }, 3000).unref()
  } catch { /* it has ended */ }
}

/** Runs one test {name, argv, env?, cwd?, timeout?}; whether it passed. */
export async function runTest(test) {
  mkdirSync(logs, { recursive: true })
  const log = join(logs, `${test.name.replace(/[^\w.-]+/g, '-')}.log`)
  const from = Date.now()
  const { code, signal } = await execute({ timeout: 300, ...test }, log)
  const ok = code === 0
  const why = ok ? '' : `${lastLines(log, 25)}\n(${signal ?? `exit ${code}`}; ${log.slice(root.length + 1)})`
  tell(ok, test.name, (Date.now() - from) / 1000, why)
  return ok
}

/** Runs tests, several at a time. */
export async function runTests(tests, together = 1) {
  const queue = [...tests]
  let all = true
  const worker = async () => {
    for (let t = queue.shift(); t; t = queue.shift()) all = (await runTest(t)) && all
  }
  await Promise.all(Array.from({ length: together }, worker))
  return all
}

/** Prints the closing counts; the exit code. */
export function finish() {
  if (tally.failures.length) console.log(`\nfailed: ${tally.failures.join(', ')}`)
  console.log(`${tally.passed} passed, ${tally.failed} failed`)
  return tally.failed ? 1 : 0
}

/** Runs a program that itself closes with "N passed, N failed" and takes its counts over. */
export async function runCounted(test) {
  mkdirSync(logs, { recursive: true })
  const log = join(logs, `${test.name}.log`)
  const from = Date.now()
  const { code, signal } = await execute({ timeout: 600, ...test }, log)
  const text = readFileSync(log, 'utf8')
  const counts = [...text.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1)
  if (!counts || Number(counts[1]) + Number(counts[2]) === 0) {
    tell(false, test.name, (Date.now() - from) / 1000, `${lastLines(log, 25)}\n(${signal ?? `exit ${code}`})`)
    return false
  }
  const failed = [...text.matchAll(/^FAIL (\S+)/gm)].map((m) => `${test.name}: ${m[1]}`)
  tally.passed += Number(counts[1])
  tally.failed += Number(counts[2])
  tally.failures.push(...failed)
  console.log(`${code ? 'FAIL' : 'ok  '} ${test.name}  ${counts[0]}  ${((Date.now() - from) / 1000).toFixed(1)} s`)
  if (code) console.log(failureText(text).replace(/^/gm, '     '))
  return code === 0
}

function failureText(text) {
  const lines = text.split('\n')
  const from = lines.findIndex((l) => l.startsWith('FAIL'))
  return lines.slice(Math.max(from, 0), from + 60).join('\n')
}
