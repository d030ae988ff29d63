// One firm's file on the desk: completeness, sites, documents, people and training, records, paper
// agreement with a scan, the printed form, empty posts; and what the firm supplies on its phone.
import { join } from 'node:path'
import { makeStore, PASSWORD, serve } from '../lib/store.mjs'
import { button, choose, dialog, go, inspect, newDesk, noDialog, shot, signIn } from './desk-lib.mjs'
import * as pocket from './phone-lib.mjs'
import { check, openBrowser, root, run } from './phone-lib.mjs'

const BINARY = process.env.ZHIAN ?? join(root, 'build/release/zhian')
const PHOTO = join(root, 'tests/api/photo.png')

const store = makeStore(BINARY)
const server = await serve(BINARY, store)
const browser = await openBrowser()
const desk = await newDesk(browser, server.url)
const { page } = desk
const text = (t) => page.getByText(t, { exact: false }).first()
const phone = await pocket.newPhone(browser, server.url)
let firm = ''

async function openFirm(name) {
  await go(desk, '/firms')
  await page.getByRole('combobox', { name: /拼音/ }).fill(name)
  await button(desk, '查询', true).first().click()
  await page.waitForURL(/q=/)
  await page.locator('table.grid tbody a').first().click()
  await page.waitForURL(/#\/firms\/\d+/)
  await page.locator('main h1').first().waitFor()
  return page.url().match(/firms\/(\d+)/)[1]
}

async function tab(name) {
  await page.getByRole('tab', { name, exact: true }).click()
}

async function ok(where = dialog(desk)) {
  await where.getByRole('button', { name: '确定' }).click()
  await noDialog(desk)
}

const cases = [
  ['the basic tab tells what is missing and who can supply it, and where values came from', async () => {
    await signIn(desk, 'ws', PASSWORD)
    await page.getByText('需我处理').waitFor() // the home page that signing in leads to
    firm = await openFirm('文水演示水泥厂')
    await page.getByRole('heading', { name: '档案完整性' }).waitFor()
    await text('产品质量安全管理制度').waitFor()
    await button(desk, '显示来源').click()
    await text('历史导入').waitFor()
    await inspect(desk, 'file-basic')
    await button(desk, '隐藏来源').click()
  }],
  ['a further site', async () => {
    await button(desk, '增加场所').click()
    const d = dialog(desk)
    await choose(desk, d, '场所类别', '仓储场所')
    await d.getByLabel('地址', { exact: true }).fill('山西省吕梁市文水县凤城镇演示路2号')
    await choose(desk, d, '乡镇（街道）', '凤城镇')
    await d.getByLabel('经纬度').fill('不知道')
    await d.getByRole('button', { name: '确定' }).click()
    await text('经纬度：应为').waitFor()
    await inspect(desk, 'file-site-refused')
    await d.getByLabel('经纬度').fill('112.028716,37.434112')
    await ok(d)
    await text('演示路2号').waitFor()
  }],
  ['certificates beside the catalogue, suppliers', async () => {
    await tab('产品许可')
    await page.getByRole('heading', { name: '证书和目录' }).waitFor()
    await text('水泥（2023-05-05 起）').waitFor()
    await inspect(desk, 'file-products')
  }],
  ['documents by kind and edition', async () => {
    await tab('制度文件')
    await page.getByRole('button', { name: '登记新版次 产品质量安全管理制度' }).click()
    const d = dialog(desk)
    await d.getByLabel('批准人').fill('岑演示')
    await d.getByLabel('生效日期').fill('2026-01-01')
    await page.keyboard.press('Enter')
    await ok(d)
    await text('第 1 版').waitFor()
    await inspect(desk, 'file-systems')
  }],
  ['people: a director, a training, the empty posts', async () => {
    await tab('人员')
    await button(desk, '登记人员').click()
    const d = dialog(desk)
    await choose(desk, d, '岗位', '质量安全总监')
    await d.getByLabel('姓名', { exact: true }).fill('陆演示')
    await ok(d)
    await page.getByRole('cell', { name: '陆演示' }).first().waitFor()
    await page.getByRole('heading', { name: '空缺记录' }).waitFor()
    await button(desk, '登记培训考核').click()
    const e = dialog(desk)
    await choose(desk, e, '类别', '监管部门随机考核')
    await e.getByLabel('日期', { exact: true }).fill('2026-10-20')
    await page.keyboard.press('Enter')
    await choose(desk, e, '结果', '不合格')
    await ok(e)
    await text('不得担任这个岗位').waitFor()
    await inspect(desk, 'file-people')
  }],
  ['records of supervision', async () => {
    await tab('监管记录')
    await text('没有监管记录').waitFor()
    await button(desk, '登记监管记录').click()
    const d = dialog(desk)
    await choose(desk, d, '类型', '监督抽查')
    await choose(desk, d, '结果', '不合格')
    await choose(desk, d, '问题定级', '较大')
    await d.getByLabel('事由和发现的问题').fill('3 天抗压强度不合格')
    await ok(d)
    await text('计入风险 1 次').waitFor()
    await inspect(desk, 'file-events')
  }],
  ['agreement with the paper archive, field by field, with a scan', async () => {
    await tab('纸质核对')
    await text('还没有核对').waitFor()
    await button(desk, '核对纸质档案').click()
    for (const group of await page.locator('.papers .el-radio-group').all()) await group.locator('.el-radio').first().click()
    const figures = page.locator('.papers li', { hasText: '从业人员和营业收入依据' })
    await figures.locator('.el-radio').nth(1).click()
    await figures.getByLabel('从业人员（人）：纸质记载').fill('88')
    await page.getByRole('radiogroup', { name: '与纸质档案一致' }).locator('.el-radio').nth(1).click()
    await page.locator('textarea').last().fill('花名册 88 人')
    await page.setInputFiles('input[type=file]', PHOTO)
    await button(desk, '上传扫描件').click()
    await page.getByText('photo.png', { exact: true }).waitFor()
    await inspect(desk, 'file-paper-check')
    await button(desk, '保存核对结果').click()
    await text('平台记载：86').waitFor()
    await inspect(desk, 'file-paper')
  }],
  ['the printed form', async () => {
    await page.getByRole('link', { name: '打印档案' }).click()
    await page.getByRole('heading', { name: '工业产品生产单位台账' }).waitFor()
    await text('系统默认样式，非官方附件文本').waitFor()
    check((await page.locator('.sheet table').count()) >= 5, 'groups of the form')
    await inspect(desk, 'file-print')
  }],
  ['empty posts of the county', async () => {
    await go(desk, '/gaps')
    await page.getByRole('heading', { name: '配备缺口', exact: true }).waitFor()
    await page.locator('table.grid tbody a').first().waitFor()
    await text('各机构数字').waitFor()
    await inspect(desk, 'file-gaps')
  }],
  ['the firm sees what it can supply on its phone, and supplies a document', async () => {
    await pocket.signIn(phone, 'wsq.principal', PASSWORD, '/files')
    await pocket.tap(phone, pocket.button(phone, '档案还缺什么'))
    await phone.page.getByText('可以由本单位补的').waitFor()
    await pocket.inspect(phone, 'lack')
    await pocket.tap(phone, pocket.button(phone, /^岗位职责/))
    await pocket.tap(phone, pocket.button(phone, '提交', true))
    await phone.page.getByRole('alert').first().waitFor()
    await pocket.inspect(phone, 'lack-refused')
    await phone.page.getByLabel('批准人').fill('岑演示')
    await phone.page.getByLabel('生效日期').fill('2026-05-01')
    await pocket.tap(phone, pocket.button(phone, '提交', true))
    await phone.page.getByRole('button', { name: /^岗位职责/ }).waitFor({ state: 'detached' })
    await phone.page.setViewportSize({ width: 320, height: 640 })
    await pocket.inspect(phone, 'lack-320')
  }],
  ['the county looks at what the firm told', async () => {
    await go(desk, `/firms/${firm}?tab=systems`)
    await page.getByRole('button', { name: '核对 岗位职责' }).click()
    await page.getByRole('button', { name: '核对 岗位职责' }).waitFor({ state: 'detached' })
    await go(desk, `/firms/${firm}?tab=paper`)
    await text('核对后有变动，需重新核对').waitFor()
    await inspect(desk, 'file-paper-reopened')
  }],
  ['no fault in any page', async () => check(desk.faults.length + phone.faults.length === 0, [...desk.faults, ...phone.faults].join('; '))],
]

try {
  await run(cases, async (name) => shot(desk, `fail-${name.slice(0, 24).replace(/\W+/g, '-')}`))
} finally {
  await browser.close()
  await server.stop()
  store.remove()
}
