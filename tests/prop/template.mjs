// The way round: the import template of an authority, with its own firms in it, read back as it is,
// changes nothing: every row is a duplicate, and by any rule of update it is unchanged. Its codes can
// be chosen in the cells.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../lib/run.mjs'
import { Caller } from '../lib/client.mjs'
import { makeStore, serve } from '../lib/store.mjs'

const bin = process.env.ZHIAN_BIN ?? join(root, 'build/release/zhian')
const store = makeStore(bin)
const server = await serve(bin, store)
const dir = mkdtempSync(join(tmpdir(), 'zhian-template-'))
const who = await new Caller(server.url, 'ws.clerk').signIn()

async function until(path, done) {
  for (;;) {
    const r = await who.send('GET', path)
    assert.equal(r.status, 200, JSON.stringify(r.body))
    if (done(r.body)) return r.body
    assert.ok(!['failed', 'cancelled'].includes(r.body.state), JSON.stringify(r.body))
    await new Promise((ok) => setTimeout(ok, 100))
  }
}

try {
  for (const [form, kind] of [['att2', 'production'], ['att3', 'sales']]) {
    const made = await who.send('POST', '/api/v1/firms/export', { body: { form, format: 'xlsx', template: true } })
    assert.equal(made.status, 202, JSON.stringify(made.body))
    await until(`/api/v1/jobs/${made.body.job}`, (j) => j.state === 'done')
    const file = (await who.send('GET', `/api/v1/jobs/${made.body.job}/file`)).body
    const path = join(dir, `${form}.xlsx`)
    writeFileSync(path, file)
    const sheet = execFileSync('unzip', ['-p', path, 'xl/worksheets/sheet1.xml'], { encoding: 'utf8', maxBuffer: 1 << 28 })
    assert.match(sheet, /<dataValidation type="list"[^>]*>\s*<formula1>代码!\$[A-Z]+\$2:\$[A-Z]+\$\d+/, 'cells are chosen from the codes')
    for (const rule of ['skip', 'fill', 'system', 'file']) {
      const up = await who.send('POST', '/api/v1/imports', { query: { kind, mode: 'good', rule }, file: { bytes: file, name: `${form}.xlsx` } })
      assert.equal(up.status, 200, JSON.stringify(up.body))
      const v = await until(`/api/v1/imports/${up.body.id}`, (x) => x.state === 'waiting')
      const t = v.totals
      const same = t.duplicate + (t.unchanged ?? 0)
      console.log(`${form} ${rule}: ${JSON.stringify(t)}`)
      assert.ok(same > 0, `${form} ${rule}: no firm came back`)
      assert.equal(t.created + t.created_with_warning + (t.updated ?? 0) + (t.conflict ?? 0), 0, `${form} ${rule}: ${JSON.stringify(t)}`)
    }
  }
  console.log('ok')
} finally {
  await server.stop()
  store.remove()
  rmSync(dir, { recursive: true, force: true })
}
