// Working at scale on the desk: choosing rows, a filter in the heading, preview and run of a bulk edit, its
// page and undo, saved views, the order of columns, the data-quality board down to the rows.
import { join } from 'node:path'
import { makeStore, PASSWORD, serve } from '../lib/store.mjs'
import { button, choose, dialog, go, inspect, newDesk, noDialog, shot, signIn } from './desk-lib.mjs'
import { check, openBrowser, root, run } from './phone-lib.mjs'

const BINARY = process.env.ZHIAN ?? join(root, 'build/release/zhian')
const store = makeStore(BINARY)
const server = await serve(BINARY, store)
const browser = await openBrowser()
const desk = await newDesk(browser, server.url)
const { page } = desk
const text = (t) => page.getByText(t, { exact: false }).first()
const boxes = () => page.locator('table.grid tbody input[type=checkbox]')

async function pick(names) {
  for (const n of names) await choose(desk, dialog(desk), '要修改的项目', n)
}

const cases = {
  'a filter in the heading, rows chosen': async () => {
    await signIn(desk, 'll', PASSWORD)
    await go(desk, '/firms')
    await boxes().first().waitFor()
    await button(desk, '按单位名称筛选').click()
    await page.locator('.el-popover:visible').getByRole('textbox').fill('公司')
    await page.locator('.el-popover:visible').getByRole('button', { name: '查询' }).click()
    await page.waitForURL(/f\.name=/)
    await button(desk, '单位名称（已筛选）').waitFor()
    for (const n of await page.locator('table.grid tbody tr td:nth-child(2)').allInnerTexts()) check(n.includes('公司'), `${n} holds 公司`)
    await boxes().nth(0).check()
    await boxes().nth(1).check()
    await text('已选 2 家').waitFor()
    await inspect(desk, 'bulk-chosen')
  },
  'preview and run': async () => {
    await button(desk, '批量修改', true).click()
    await pick(['监管责任人', '法定节假日休息'])
    await dialog(desk).getByRole('textbox', { name: '监管责任人', exact: true }).fill('赵督导')
    await choose(desk, dialog(desk), '法定节假日休息', '是')
    await shot(desk, 'bulk-form')
    await button(desk, '预览', true).click()
    await dialog(desk).getByText('修改示例').waitFor()
    await inspect(desk, 'bulk-preview')
    await dialog(desk).getByRole('textbox', { name: /修改理由/ }).fill('分片包干调整')
    await button(desk, '确认修改 2 家').click()
    await dialog(desk).getByText('已修改 2 家').waitFor()
    await shot(desk, 'bulk-done')
    await dialog(desk).getByRole('link', { name: '看这次操作' }).click()
    await page.waitForURL(/#\/bulk\/\d+/)
    await text('分片包干调整').waitFor()
    await page.locator('table.grid tbody tr').nth(1).waitFor()
    await inspect(desk, 'bulk-page')
  },
  'undo': async () => {
    await button(desk, '撤销', true).click()
    await dialog(desk).getByRole('button', { name: '撤销', exact: true }).click()
    await text('这是一次撤销').waitFor()
    await go(desk, '/bulk')
    await page.locator('table.grid tbody tr').nth(1).waitFor()
    await inspect(desk, 'bulk-list')
  },
  'all that a filter finds, as a job': async () => {
    await go(desk, '/firms')
    await boxes().first().waitFor()
    await boxes().first().check()
    await page.getByRole('button', { name: /选择符合条件的全部/ }).click()
    await text('已选符合条件的全部').waitFor()
    await button(desk, '批量修改', true).click()
    await pick(['填报人'])
    await dialog(desk).getByRole('textbox', { name: '填报人', exact: true }).fill('统一填报')
    await button(desk, '预览', true).click()
    await dialog(desk).getByText('修改示例').waitFor()
    await dialog(desk).getByRole('textbox', { name: /修改理由/ }).fill('统一填报人')
    await page.getByRole('button', { name: /确认修改/ }).click()
    await dialog(desk).getByText(/已完成|已修改/).first().waitFor({ timeout: 30_000 })
    await shot(desk, 'bulk-job')
    await dialog(desk).getByRole('button', { name: '关闭' }).last().click()
    await noDialog(desk)
  },
  'columns in order, a view the list opens with': async () => {
    await go(desk, '/firms?f.grade=A')
    await boxes().first().waitFor()
    await button(desk, '列', true).click()
    await dialog(desk).getByRole('button', { name: '级别 上移', exact: true }).click()
    await shot(desk, 'bulk-columns')
    await dialog(desk).getByRole('button', { name: '确定' }).click()
    await page.waitForURL(/cols=/)
    await button(desk, '常用视图').click()
    await dialog(desk).getByRole('textbox', { name: '视图名称' }).fill('省管单位')
    await button(desk, '保存为视图').click()
    await dialog(desk).getByRole('button', { name: '打开时使用 省管单位' }).click()
    await dialog(desk).getByText('，打开时使用').waitFor()
    await inspect(desk, 'bulk-views')
    await dialog(desk).getByRole('button', { name: '关闭' }).last().click()
    await noDialog(desk)
    await go(desk, '/quality')
    await page.getByRole('heading', { name: '数据质量' }).waitFor()
    await go(desk, '/firms')
    await page.waitForURL(/f\.grade=A/)
  },
  'an import that updates, row by row': async () => {
    const upload = async (file, rule) => {
      await go(desk, '/imports')
      await page.getByLabel('生产单位台账').check({ force: true })
      await page.getByLabel(rule).check({ force: true })
      await page.setInputFiles('input[type=file]', join(root, 'tests/samples', file))
      await button(desk, '上传并检查').click()
      await page.waitForURL(/#\/imports\/\d+/)
      await page.getByText('写入前请核对').waitFor({ timeout: 60_000 })
    }
    await signIn(desk, 'ws.clerk', PASSWORD)
    await go(desk, '/imports')
    await text('导入模板').waitFor()
    await inspect(desk, 'import-start')
    await upload('update_first.csv', '已建档的不更新')
    await button(desk, '确认写入').click()
    await page.getByRole('heading', { name: '已写入' }).waitFor({ timeout: 60_000 })
    await upload('update_second.csv', '逐条确认')
    await text('待确认').waitFor()
    await inspect(desk, 'import-conflicts')
    await page.getByRole('button', { name: '用文件的', exact: true }).first().click()
    await page.locator('button[aria-pressed=true]', { hasText: '用文件的' }).first().waitFor({ timeout: 30_000 })
    await button(desk, '冲突全部用文件的').click()
    await text('并更新 2 个').waitFor({ timeout: 30_000 })
    await shot(desk, 'import-decided')
    await button(desk, '确认写入').click()
    await page.getByRole('heading', { name: '已写入' }).waitFor({ timeout: 60_000 })
  },
  'data quality down to the rows': async () => {
    await signIn(desk, 'sx', PASSWORD)
    await go(desk, '/quality')
    await button(desk, '重新核对').click()
    await text('已完成').waitFor({ timeout: 30_000 })
    await page.locator('section[aria-busy], table.grid tbody a').first().waitFor()
    await inspect(desk, 'quality')
    const link = page.locator('table.grid').first().locator('tbody a').first()
    const n = Number((await link.innerText()).replace(/,/g, ''))
    await link.click()
    await page.waitForURL(/f\.quality=/)
    await page.locator('table.grid tbody tr').first().waitFor()
    const shown = await page.getByText(/(共|至少) [\d,]+ 条/).first().innerText()
    check(shown.includes('至少') || Number(shown.replace(/\D/g, '')) === n, `the rows behind ${n}: ${shown}`)
    await inspect(desk, 'quality-rows')
  },
  'nothing foreign was asked for, no script failed': async () => {
    check(desk.faults.length === 0, desk.faults.join('\n'))
  },
}

try {
  await run(Object.entries(cases), async (name) => shot(desk, `fail-${name.slice(0, 24).replace(/\W+/g, '-')}`))
} finally {
  await browser.close()
  await server.stop()
  store.remove()
}
