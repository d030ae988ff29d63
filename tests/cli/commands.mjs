// The command line as scripts use it: every command, its exit code, plain lines in a pipe, --json,
// clear refusals in Chinese; the clock that only demo and test stores accept.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bin, zhian } from '../lib/cli.mjs'
import { root } from '../lib/run.mjs'
import { makeStore } from '../lib/store.mjs'

const dir = mkdtempSync(join(tmpdir(), 'zhian-cli-'))
const store = makeStore(bin)
const data = ['--data', store.dir]
const CHINESE = /[\u4e00-\u9fff]/

function ok(args, more) {
  const r = zhian(args, more)
  assert.equal(r.code, 0, `zhian ${args.join(' ')}: ${r.code}\n${r.err}${r.out}`)
  return r
}

function refused(code, args, more) {
  const r = zhian(args, more)
  assert.equal(r.code, code, `zhian ${args.join(' ')}: ${r.code}\n${r.err}${r.out}`)
  assert.match(r.err, CHINESE, `zhian ${args.join(' ')} says why`)
  return r
}

const lines = (text) => text.trimEnd().split('\n')

const tests = {
  'help tells every command, operation and exit code'() {
    const commands = [...readFileSync(join(root, 'src/cli/commands.def'), 'utf8').matchAll(/ROW\("([\w-]+)"/g)].map((m) => m[1])
    const help = ok(['help']).out
    for (const c of commands) {
      assert.ok(help.includes(c), c)
      assert.match(ok(['help', c]).out, CHINESE)
    }
    assert.ok(lines(ok(['help', 'ops']).out).length > 60)
    assert.match(ok(['help', 'exit']).out, /5.*核验/)
  },
  'wrong use is told with exit 2'() {
    refused(2, ['frobnicate'])
    refused(2, ['list', 'firms', ...data, '--frobnicate'])
    refused(2, ['import', 'ledger', ...data])
    refused(2, ['list', 'firms', ...data, '--limit', 'many'])
    refused(2, ['generate', ...data, '--firms', '12x'])
    refused(2, ['export', 'ledger', ...data, '--org', '141121'])
  },
  'absent things are told with exit 3'() {
    refused(3, ['call', 'no_such_operation', ...data])
    refused(3, ['list', 'firms', '--data', join(dir, 'absent')])
    refused(3, ['call', 'firm_get', ...data, 'firm=4294967295'])
  },
  'init does not touch what is there'() {
    const before = statSync(join(store.dir, 'zhian.db')).mtimeMs
    refused(4, ['init', ...data])
    assert.equal(statSync(join(store.dir, 'zhian.db')).mtimeMs, before)
  },
  'the clock is injectable on demo and test stores only'() {
    const real = join(dir, 'real')
    const r = ok(['init', '--data', real], { env: { ZHIAN_NOW: undefined } })
    assert.match(r.out, /一次性密码/)
    const fixed = zhian(['verify', '--data', real])
    assert.notEqual(fixed.code, 0, 'a real store takes no clock from outside')
    assert.match(fixed.err, CHINESE)
    ok(['verify', '--data', real], { env: { ZHIAN_NOW: undefined } })
    ok(['init', '--data', join(dir, 'test'), '--test'])
    ok(['verify', '--data', join(dir, 'test')])
  },
  'lists: a table, filters, and one JSON object a line'() {
    const table = ok(['list', 'firms', ...data, '--org', '141121']).out
    assert.match(table, /文水/)
    const json = lines(ok(['list', 'firms', ...data, '--org', '141121', '--json']).out).map((l) => JSON.parse(l))
    assert.ok(json.length > 5 && json.every((f) => f.id > 0 && f.name))
    const some = lines(ok(['list', 'firms', ...data, '--org', '141121', '--json', 'grade=D']).out).map((l) => JSON.parse(l))
    assert.ok(some.length > 0 && some.length < json.length && some.every((f) => f.grade === 'D'))
    assert.doesNotMatch(table, /\x1b\[/, 'no colours in a pipe')
    for (const what of ['hazards', 'accounts', 'grade-changes', 'board']) ok(['list', what, ...data])
  },
  'call runs any operation, as an account with its rights and scope'() {
    const page = JSON.parse(ok(['call', 'firm_list', ...data, '--as', 'ws', 'limit=1']).out)
    assert.equal(page.items.length, 1)
    const id = page.items[0].id
    ok(['call', 'firm_get', ...data, '--as', 'ws', `firm=${id}`])
    refused(3, ['call', 'firm_get', ...data, '--as', 'jc', `firm=${id}`])
    refused(7, ['call', 'firm_list', ...data, '--as', 'sysadmin'])
    refused(6, ['call', 'firm_create', ...data, '--as', 'ws', '--body', '{"name":7}'])
    refused(6, ['call', 'firm_list', ...data, '--as', 'ws', 'limit=many'])
  },
  'export in both formats'() {
    const xlsx = join(dir, 'out.xlsx')
    const csv = join(dir, 'out.csv')
    ok(['export', 'ledger', ...data, '--org', '141121', '--out', xlsx])
    assert.equal(readFileSync(xlsx).subarray(0, 2).toString(), 'PK')
    ok(['export', 'ledger', ...data, '--org', '141121', '--out', csv, '--format', 'csv'])
    assert.match(readFileSync(csv, 'utf8'), /文水/)
  },
  'accounts and invitations give one-time secrets once'() {
    assert.match(ok(['user', 'add', 'new.clerk', ...data, '--name', '新录入员', '--role', 'clerk', '--org', '141121']).out, /密码/)
    refused(6, ['user', 'add', 'new.clerk', ...data, '--name', '新录入员', '--role', 'clerk', '--org', '141121'])
    const firm = JSON.parse(ok(['call', 'firm_list', ...data, '--as', 'ws', 'limit=1', 'q=文水演示水泥厂']).out).items[0].id
    assert.match(ok(['invite', '郝试', ...data, '--firm', String(firm), '--post', 'officer', '--as', 'ws']).out, /邀请码/)
  },
  'verify, seal heads, backup and restore'() {
    const heads = join(dir, 'heads')
    assert.match(ok(['verify', ...data]).out, /相符/)
    assert.equal(JSON.parse(ok(['verify', ...data, '--json']).out).findings, 0)
    ok(['seal', 'export', ...data, '--out', heads])
    ok(['seal', 'check', heads])
    ok(['backup', ...data, '--out', join(dir, 'backup')])
    refused(4, ['backup', ...data, '--out', join(dir, 'backup')])
    ok(['restore', '--from', join(dir, 'backup'), '--data', join(dir, 'again')])
    ok(['verify', '--data', join(dir, 'again')])
    refused(3, ['restore', '--from', join(dir, 'nothing'), '--data', join(dir, 'again2')])
  },
  'generate is reproducible and refused on a real store'() {
    const counts = ['a', 'b'].map((name) => {
      const d = join(dir, name)
      ok(['init', '--data', d, '--test'])
      ok(['generate', '--data', d, '--firms', '300', '--days', '3', '--seed', '7'])
      ok(['verify', '--data', d])
      return ok(['list', 'firms', '--data', d, '--limit', '50', '--json']).out
    })
    assert.equal(counts[0], counts[1])
    const years = join(dir, 'years') // more days of firms than the counters of one write hold
    ok(['init', '--data', years, '--test'])
    ok(['generate', '--data', years, '--firms', '1500', '--days', '100'])
    ok(['verify', '--data', years])
    refused(2, ['generate', '--data', years, '--firms', '1', '--days', '5000'])
    const refusal = zhian(['generate', '--data', join(dir, 'real'), '--firms', '1', '--days', '1'], { env: { ZHIAN_NOW: undefined } })
    assert.notEqual(refusal.code, 0)
  },
  'the interface description and the completion script'() {
    const doc = JSON.parse(ok(['openapi']).out)
    assert.equal(doc.openapi, '3.1.0')
    assert.ok(Object.keys(doc.paths).length > 50)
    const script = ok(['completion', 'bash']).out
    assert.match(execFileSync('bash', ['-c', `${script}\ncomplete -p zhian`], { encoding: 'utf8' }), /zhian/)
  },
}

let failed = 0
try {
  for (const [name, test] of Object.entries(tests)) {
    try {
      test()
      console.log(`ok   ${name}`)
    } catch (e) {
      failed++
      console.log(`FAIL ${name}: ${e.message}`)
    }
  }
} finally {
  store.remove()
  if (existsSync(dir)) rmSync(dir, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)
