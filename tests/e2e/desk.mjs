// The desk end to end against the real server: sign-in, import with verdicts and preview, the same
// file again, ledger search and export, an edit that collides, review and admission, invitation,
// board, organisations, templates, proof; axe and foreign requests on every screen.
import { join } from 'node:path'
import { makeStore, PASSWORD, serve } from '../lib/store.mjs'
import { button, choose, dialog, go, inspect, newDesk, noDialog, shot, signIn } from './desk-lib.mjs'
import { check, openBrowser, root, run } from './phone-lib.mjs'

const BINARY = process.env.ZHIAN ?? join(root, 'build/release/zhian')
const SAMPLES = join(root, 'tests/samples')

const store = makeStore(BINARY)
const server = await serve(BINARY, store)
const browser = await openBrowser()
const desk = await newDesk(browser, server.url)
const { page } = desk
const text = (t) => page.getByText(t, { exact: false }).first()

async function importFile(file, kind) {
  await go(desk, '/imports')
  await page.getByLabel(kind).check({ force: true })
  await page.setInputFiles('input[type=file]', join(SAMPLES, file))
  await button(desk, '上传并检查').click()
  await page.waitForURL(/#\/imports\/\d+/)
  await page.getByText('写入前请核对').waitFor({ timeout: 60_000 })
}

/** The number beside a verdict in the totals. */
async function total(label) {
  const dd = page.locator('.totals > div', { has: page.getByText(label, { exact: true }) }).locator('dd')
  return (await dd.count()) ? Number((await dd.innerText()).replace(/,/g, '')) : 0
}

async function openFirm(name) {
  await go(desk, '/firms')
  await page.getByRole('combobox', { name: /拼音/ }).fill(name)
  await button(desk, '查询', true).first().click()
  await page.waitForURL(/q=/)
  await page.locator('table.grid tbody a').first().click()
  await page.waitForURL(/#\/firms\/\d+/)
  await page.locator('main h1').first().waitFor()
}

/** Picks the first firm of the queue; answers its id and name. */
async function firstOfQueue() {
  const first = page.locator('.queue button').first()
  await first.waitFor()
  const name = (await first.innerText()).split('\n')[0].trim()
  await first.click()
  await page.waitForURL(/firm=\d+/)
  await page.locator('section h1', { hasText: name }).waitFor()
  return { id: page.url().match(/firm=(\d+)/)[1], name }
}

let firm = null

const cases = [
  ['the sign-in page names the demonstration and refuses a wrong password', async () => {
    await go(desk, '/')
    await text('演示数据').waitFor()
    await inspect(desk, 'login')
    await page.getByLabel('账号', { exact: true }).fill('ws.clerk')
    await page.getByLabel('口令', { exact: true }).fill('wrong-password')
    await button(desk, '登录', true).click()
    await page.getByRole('alert').waitFor()
    check(await page.getByLabel('账号', { exact: true }).inputValue() === 'ws.clerk', 'the account stays typed')
  }],
  ['the home page of the clerk', async () => {
    await signIn(desk, 'ws.clerk', PASSWORD)
    await text('需我处理').waitFor()
    await inspect(desk, 'home')
  }],
  ['a ledger is checked, previewed and only then written', async () => {
    await importFile('ledger_production_wenshui.xlsx', '生产单位台账')
    await page.locator('tbody tr').first().waitFor()
    await inspect(desk, 'import-preview')
    check((await total('新增')) + (await total('新增（有警告）')) > 50, 'firms to create')
    await button(desk, '确认写入').click()
    await page.getByRole('heading', { name: '已写入' }).waitFor({ timeout: 60_000 })
    await page.reload()
    await page.getByRole('heading', { name: '已写入' }).waitFor()
    await shot(desk, 'import-written')
  }],
  ['the annotated workbook comes down', async () => {
    const [file] = await Promise.all([
      page.waitForEvent('download'), page.getByRole('link', { name: '下载批注后的工作簿' }).click(),
    ])
    check(/\.xlsx$/.test(file.suggestedFilename()), 'a workbook')
  }],
  ['the same file again changes nothing', async () => {
    await importFile('ledger_production_wenshui.xlsx', '生产单位台账')
    check((await total('新增')) === 0 && (await total('重复')) > 50, 'all rows are duplicates')
    check(await button(desk, '确认写入').isDisabled(), 'nothing can be written')
    await button(desk, '取消这次导入').click()
    await go(desk, '/imports')
    await page.locator('tbody tr').first().waitFor()
    await inspect(desk, 'imports')
  }],
  ['a suggestion is applied by a click and never alone', async () => {
    await importFile('ledger_messy.xlsx', '生产单位台账')
    await page.getByLabel('结果').first().selectOption('rejected')
    const take = page.getByRole('button', { name: /^改为/ }).first()
    await take.waitFor()
    const before = await total('拒绝')
    await shot(desk, 'import-suggest')
    await take.click()
    await page.getByText('已采用 1 处建议').waitFor({ timeout: 30_000 })
    check((await total('拒绝')) === before - 1, 'one row fewer is rejected')
    await button(desk, '取消这次导入').click()
  }],
  ['an unreadable old workbook is refused with what to do', async () => {
    await go(desk, '/imports')
    await page.setInputFiles('input[type=file]', join(SAMPLES, 'ledger_sales_wenshui.xls'))
    await button(desk, '上传并检查').click()
    await page.getByText(/另存为/).first().waitFor({ timeout: 30_000 })
  }],
  ['the ledger: suggestions, filter, sort, columns, saved view', async () => {
    await go(desk, '/firms')
    await page.locator('table.grid tbody tr').first().waitFor()
    await inspect(desk, 'firms')
    await page.getByRole('combobox', { name: /拼音/ }).fill('文水')
    await page.getByRole('option').first().waitFor()
    await shot(desk, 'firms-suggest', false)
    await page.keyboard.press('Escape')
    await button(desk, '筛选', true).click()
    await choose(desk, page.locator('.filters'), '级别', '所管')
    await page.locator('.filters').getByRole('button', { name: '查询' }).click()
    await page.waitForURL(/f\.grade=D/)
    await page.waitForTimeout(400)
    const grades = await page.locator('tbody tr').allInnerTexts()
    check(grades.length > 0 && grades.every((r) => r.includes('所管(D级)')), 'only grade D')
    await page.getByTitle('按单位名称排序').click()
    await page.waitForURL(/sort=name/)
    await inspect(desk, 'firms-filtered')
    await button(desk, '常用视图').click()
    await dialog(desk).getByLabel('视图名称').fill('所管单位')
    await dialog(desk).getByRole('button', { name: '保存为视图' }).click()
    await dialog(desk).getByRole('button', { name: '所管单位', exact: true }).waitFor()
    await inspect(desk, 'firms-views')
    await page.keyboard.press('Escape')
  }],
  ['a number of the home page opens exactly its rows, of a station too', async () => {
    await go(desk, '/')
    await page.locator('summary', { hasText: '下级建档情况' }).click()
    const cell = page.locator('details tbody tr').filter({ has: page.locator('a') }).first().locator('a').first()
    const n = Number((await cell.innerText()).replace(/,/g, ''))
    await cell.click()
    await page.waitForURL(/f\.org=\d+/)
    await page.getByText(`共 ${n} 条`).waitFor()
  }],
  ['export runs as a job and leaves a file', async () => {
    await go(desk, '/firms')
    await button(desk, /^导出/).click()
    await page.getByRole('menuitem', { name: '附件2 生产单位台账（xlsx）' }).click()
    const link = dialog(desk).getByRole('link', { name: '下载结果文件' })
    await link.waitFor({ timeout: 60_000 })
    await inspect(desk, 'export')
    const [file] = await Promise.all([page.waitForEvent('download'), link.click()])
    check(/\.xlsx$/.test(file.suggestedFilename()), 'a workbook')
  }],
  ['review with the paper checklist, then admission', async () => {
    await signIn(desk, 'ws', PASSWORD)
    await go(desk, '/review')
    firm = await firstOfQueue()
    await page.locator('.line').first().waitFor()
    await inspect(desk, 'review')
    for (const line of await page.locator('.line').all()) await line.getByText('一致', { exact: true }).click()
    await page.getByText('与纸质档案一致', { exact: true }).click()
    await page.getByLabel('审核意见').fill('现场核对无误')
    const why = page.getByLabel('代码校验不合的放行理由')
    if (await why.count()) await why.fill('营业执照如此')
    await page.locator('form button[type=submit]').last().click()
    await page.locator('.queue button', { hasText: firm.name }).waitFor({ state: 'detached' })
    await go(desk, `/firms/${firm.id}`)
    await text('现场审核').waitFor()
    await inspect(desk, 'firm')
  }],
  ['every tab of a firm', async () => {
    for (const tab of ['grade', 'products', 'people', 'duty', 'hazards', 'files', 'history']) {
      await go(desk, `/firms/${firm.id}?tab=${tab}`)
      await page.locator('.el-tab-pane:visible').first().waitFor()
      await page.waitForTimeout(300)
      const faults = await page.locator('.el-tab-pane:visible [role=alert]').allInnerTexts()
      check(faults.length === 0, `tab ${tab} reads: ${faults}`)
      await inspect(desk, `firm-${tab}`)
    }
    await page.locator('.el-tab-pane:visible', { hasText: '现场核对无误' }).waitFor()
  }],
  ['an edit that comes too late shows both values', async () => {
    await go(desk, '/firms')
    await page.locator('table.grid tbody a').first().waitFor()
    await page.locator('tbody tr', { hasText: '待审核' }).locator('a').first().click()
    await page.waitForURL(/#\/firms\/\d+/)
    const other = await newDesk(browser, server.url)
    await signIn(other, 'ws.clerk', PASSWORD)
    await other.page.goto(page.url())
    for (const [d, name] of [[desk, '甲某'], [other, '乙某']]) {
      await d.page.locator('header.panel').getByRole('button', { name: '修改' }).click()
      await dialog(d).getByLabel('法定代表人/经营者').fill(name)
    }
    await dialog(other).getByRole('button', { name: '保存' }).click()
    await noDialog(other)
    await dialog(desk).getByRole('button', { name: '保存' }).click()
    await page.getByRole('heading', { name: '别人刚改过这一条' }).waitFor()
    await inspect(desk, 'conflict')
    const row = dialog(desk).locator('tbody tr')
    check(/甲某/.test(await row.innerText()) && /乙某/.test(await row.innerText()), 'both values')
    await dialog(desk).getByRole('button', { name: '确定' }).click()
    await noDialog(desk)
    await page.locator('dd', { hasText: '甲某' }).first().waitFor()
    check(other.faults.length === 0, `no faults: ${other.faults}`)
    await other.context.close()
  }],
  ['an invitation is a slip with code and QR', async () => {
    await go(desk, `/firms/${firm.id}?tab=people`)
    await button(desk, '邀请使用手机端').first().click()
    await dialog(desk).getByLabel('姓名').fill('赵小红')
    await dialog(desk).getByRole('button', { name: '确定' }).click()
    await dialog(desk).getByRole('img', { name: '邀请地址的二维码' }).waitFor()
    const drawn = await dialog(desk).getByRole('img', { name: '邀请地址的二维码' }).evaluate((i) => i.naturalWidth > 0)
    check(drawn, 'the code is drawn')
    await inspect(desk, 'invite')
  }],
  ['the board opens its rows', async () => {
    await go(desk, '/board')
    await page.locator('tbody tr').first().waitFor()
    await inspect(desk, 'board')
    await page.locator('tbody td button').first().click()
    await page.locator('.details table tbody tr').first().waitFor()
    await inspect(desk, 'board-rows')
  }],
  ['an ended session keeps what was typed', async () => {
    await go(desk, `/firms/${firm.id}?tab=people`)
    await button(desk, '登记人员').click()
    await dialog(desk).getByLabel('姓名').fill('钱未存')
    await choose(desk, dialog(desk), '岗位', '质量安全员')
    await desk.context.clearCookies()
    await dialog(desk).getByRole('button', { name: '确定' }).click()
    const again = page.locator('.el-dialog:visible', { hasText: '请重新登录' })
    await again.waitFor()
    await inspect(desk, 'signin-again')
    await again.getByLabel('口令', { exact: true }).fill(PASSWORD)
    await again.getByRole('button', { name: '登录', exact: true }).click()
    await again.waitFor({ state: 'hidden' })
    check((await dialog(desk).getByLabel('姓名').inputValue()) === '钱未存', 'the typed name is still there')
    await dialog(desk).getByRole('button', { name: '确定' }).click()
    await page.locator('td', { hasText: '钱未存' }).waitFor()
  }],
  ['organisations, templates, own account, plain pages, large type', async () => {
    await go(desk, '/orgs')
    await page.locator('.tree .name').first().click()
    await inspect(desk, 'orgs')
    await go(desk, '/templates')
    await page.locator('tbody a').first().waitFor()
    await inspect(desk, 'templates')
    await go(desk, '/templates/paper_checklist')
    await page.getByRole('button', { name: '修订并发布新版本' }).click()
    await page.locator('summary').first().click()
    await inspect(desk, 'template-edit')
    for (const path of ['me', 'jobs', 'grades', 'help', 'feedback', 'privacy']) {
      await go(desk, `/${path}`)
      await page.locator('main h1').first().waitFor()
      await inspect(desk, path)
    }
    await button(desk, '大字版').click()
    await go(desk, '/firms')
    await page.locator('tbody tr').first().waitFor()
    await inspect(desk, 'firms-large')
    await button(desk, '标准版').click()
  }],
  ['the three administrators see their own pages and no firm', async () => {
    for (const [login, path, name] of [
      ['sysadmin', '/accounts', 'accounts'], ['secadmin', '/accounts', 'grants'], ['auditor', '/audit', 'audit'],
    ]) {
      await signIn(desk, login, PASSWORD)
      check((await page.getByRole('link', { name: '台账', exact: true }).count()) === 0, `${login} has no ledger`)
      await go(desk, path)
      await page.locator('tbody tr').first().waitFor()
      await inspect(desk, name)
    }
    await button(desk, '重新核对').click()
    await page.getByText('已完成').waitFor({ timeout: 60_000 })
    await shot(desk, 'audit-checked')
  }],
  ['the province drills down to a station and names the county it imports for', async () => {
    await signIn(desk, 'sx', PASSWORD)
    await go(desk, '/board')
    for (const unit of ['吕梁市', '文水县']) {
      await page.locator('tbody th button', { hasText: unit }).first().click()
      await page.locator('nav.path strong', { hasText: unit }).waitFor()
    }
    await page.locator('tbody th button', { hasText: '开栅镇' }).click()
    await page.locator('.details table tbody tr').first().waitFor()
    await inspect(desk, 'board-province')
    await go(desk, '/imports')
    await page.getByRole('combobox', { name: '导入哪个县' }).waitFor()
    await inspect(desk, 'imports-province')
  }],
  ['another county sees nothing of it', async () => {
    await signIn(desk, 'jc', PASSWORD)
    await go(desk, `/firms/${firm.id}`)
    await page.getByRole('alert').waitFor()
    check(!(await page.locator('main').innerText()).includes(firm.name), 'the name is not told')
    await shot(desk, 'out-of-scope')
  }],
  ['no fault in any page', async () => check(desk.faults.length === 0, desk.faults.join('; '))],
]

try {
  await run(cases, async (name) => shot(desk, `fail-${name.slice(0, 24).replace(/\W+/g, '-')}`))
} finally {
  await browser.close()
  await server.stop()
  store.remove()
}
