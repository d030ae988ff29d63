// Authorities, areas and hand-overs on the desk: a merge looked at beforehand and carried out, an area
// closed, a leaving inspector's work handed over and signed for, the receipt.
import { join } from 'node:path'
import { makeStore, PASSWORD, serve } from '../lib/store.mjs'
import { button, dialog, go, inspect, newDesk, noDialog, shot, signIn } from './desk-lib.mjs'
import { check, openBrowser, root, run } from './phone-lib.mjs'

const BINARY = process.env.ZHIAN ?? join(root, 'build/release/zhian')
const store = makeStore(BINARY)
const server = await serve(BINARY, store)
const browser = await openBrowser()
const desk = await newDesk(browser, server.url)
const { page } = desk
const text = (t) => page.getByText(t, { exact: false }).first()

/** Types into a remote select and takes the option. */
async function find(where, label, typed, option) {
  const box = where.getByRole('combobox', { name: label })
  await box.click()
  await box.fill(typed)
  await page.locator('.el-select-dropdown__item:visible', { hasText: option }).first().click()
}

const cases = [
  ['the tree names what may be done with an authority', async () => {
    await signIn(desk, 'll', PASSWORD)
    await go(desk, '/orgs')
    await page.getByRole('button', { name: '交城县市场监督管理局' }).last().click()
    await text('没有调整过').waitFor()
    await inspect(desk, 'reorg-org')
  }],
  ['closing without a successor is refused in words', async () => {
    await page.locator('section.panel').getByRole('link', { name: '调整机构' }).click()
    await page.getByRole('radio', { name: '撤销' }).check({ force: true })
    await button(desk, '预览影响').click()
    await text('家单位没有去处，请指定承接机构').waitFor()
    await inspect(desk, 'reorg-hurdles')
    check((await button(desk, '确认执行').count()) === 0, 'nothing to confirm')
  }],
  ['a merge: preview, confirm, done', async () => {
    await page.getByRole('radio', { name: '合并' }).check({ force: true })
    await find(page, '并入', '文水', '文水县市场监督管理局')
    await button(desk, '预览影响').click()
    await text('去向').waitFor()
    await page.getByLabel('理由').fill('机构改革，交城并入文水')
    await page.getByLabel('批准文号').fill('吕政发〔2026〕9号')
    await inspect(desk, 'reorg-preview')
    await button(desk, '确认执行').click()
    await page.waitForURL(/#\/org-changes\/\d+/)
    await text('已完成').waitFor({ timeout: 30_000 })
    await inspect(desk, 'reorg-done')
  }],
  ['the list of changes', async () => {
    await go(desk, '/org-changes')
    await page.getByRole('link', { name: '交城县市场监督管理局' }).waitFor()
    await inspect(desk, 'reorg-list')
  }],
  ['the old authority tells who stands for it', async () => {
    await go(desk, '/orgs')
    await page.getByRole('button', { name: '交城县市场监督管理局' }).last().click()
    await text('起由 文水县市场监督管理局 承接').waitFor()
    await inspect(desk, 'reorg-former')
  }],
  ['an area is closed: its firms have somewhere to go first', async () => {
    await signIn(desk, 'ws', PASSWORD)
    await go(desk, '/area-changes')
    await text('区划变更').waitFor()
    await button(desk, '登记变更').click()
    await dialog(desk).getByRole('radio', { name: '撤销' }).check({ force: true })
    await find(dialog(desk), '区划代码', '开栅', '开栅镇')
    await button(desk, '预览影响').click()
    await text('请指定承接区划').waitFor()
    await inspect(desk, 'reorg-area')
    await find(dialog(desk), '承接区划', '凤城', '凤城镇')
    await dialog(desk).getByLabel('理由').fill('并镇')
    await button(desk, '预览影响').click()
    await button(desk, '确认执行').click()
    await noDialog(desk)
    await page.locator('tbody tr', { hasText: '开栅镇' }).first().waitFor()
    await page.waitForTimeout(1500)
    await go(desk, '/firms')
    await go(desk, '/area-changes')
    await page.locator('tbody tr', { hasText: '已完成' }).first().waitFor()
    await inspect(desk, 'reorg-areas')
  }],
  ['an inspector leaves: what he holds, to whom', async () => {
    await go(desk, '/handovers/new')
    await find(page, '移交人', '凤城', '凤城中队员')
    await text('文水演示水泥厂').waitFor()
    await find(page, '全部移交给', '录入员', '县局录入员')
    await button(desk, '填入').click()
    await page.getByLabel('移交原因').fill('轮岗')
    await inspect(desk, 'reorg-handover-new')
    await button(desk, '发起交接').click()
    await page.waitForURL(/#\/handovers\/\d+/)
    await text('待接收').waitFor()
  }],
  ['the taker signs; the receipt', async () => {
    await signIn(desk, 'ws.clerk', PASSWORD)
    await go(desk, '/handovers')
    await page.getByRole('link', { name: '凤城中队员' }).waitFor()
    await inspect(desk, 'reorg-handovers')
    await page.getByRole('link', { name: '凤城中队员' }).click()
    await text('待我签收').waitFor()
    await inspect(desk, 'reorg-handover-sign')
    await page.getByRole('textbox', { name: '签收意见' }).fill('已逐户核对')
    await button(desk, '核对无误，签收').click()
    await text('已完成').waitFor()
    await inspect(desk, 'reorg-receipt')
    await page.emulateMedia({ media: 'print' })
    await shot(desk, 'reorg-receipt-print')
    await page.emulateMedia({ media: 'screen' })
  }],
  ['the firm tells who supervised it', async () => {
    await page.getByRole('link', { name: '文水演示水泥厂' }).click()
    await page.waitForURL(/#\/firms\/\d+/)
    await page.getByRole('tab', { name: '变更史' }).click()
    await text('监管责任人任职记录').waitFor()
    await inspect(desk, 'reorg-supervisors')
  }],
  ['on a narrow screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await go(desk, '/handovers')
    await page.waitForTimeout(400)
    await shot(desk, 'reorg-narrow')
    await page.setViewportSize({ width: 1366, height: 768 })
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
