// The life of a firm end to end on the desk: a status with evidence and a second person, a move between
// two counties, duplicates side by side and merged, a delegated task, grade reviews, who has begun, a
// claim confirmed, the file on a past day; axe and foreign requests on every screen.
import { join } from 'node:path'
import { makeStore, PASSWORD, serve } from '../lib/store.mjs'
import { button, choose, dialog, go, inspect, newDesk, noDialog, shot, signIn as enter } from './desk-lib.mjs'
import { check, inspect as look, go as open, newPhone, openBrowser, root, run, signIn as phoneIn, button as press } from './phone-lib.mjs'

const BINARY = process.env.ZHIAN ?? join(root, 'build/release/zhian')
const PHOTO = join(root, 'tests/api/photo.png')

const store = makeStore(BINARY)
const server = await serve(BINARY, store)
const browser = await openBrowser()
const desk = await newDesk(browser, server.url)
const { page } = desk
let firm = ''

/** Signed in, and on the home page that signing in leads to. */
async function signIn(d, login, password) {
  await enter(d, login, password)
  await page.getByText('需我处理').waitFor()
}
async function find(name) {
  await go(desk, '/firms')
  await page.getByRole('combobox', { name: /拼音/ }).fill(name)
  await button(desk, '查询', true).first().click()
  await page.waitForURL(/q=/)
  await page.locator('table.grid tbody a', { hasText: name }).first().click()
  await page.waitForURL(/#\/firms\/\d+/)
  await page.locator('main h1').first().waitFor()
  return page.url().match(/firms\/(\d+)/)[1]
}
async function life(id) {
  await go(desk, '/')
  await go(desk, `/firms/${id}?tab=life`)
  await page.getByRole('heading', { name: '经营状态' }).waitFor()
}
const ok = () => dialog(desk).getByRole('button', { name: '确定' }).click()
async function day(where, label, iso) {
  const input = where.getByRole('combobox', { name: label })
  await input.fill(iso)
  await input.press('Enter')
}
async function reason(text) {
  await dialog(desk).locator('textarea').first().fill(text)
  await ok()
  await noDialog(desk)
}

/** What a person without an account sends. */
async function claim(uscc, name) {
  const r = await fetch(`${server.url}/api/v1/claims`, {
    method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': `e2e-${uscc}` },
    body: JSON.stringify({ uscc, name, post: 'principal', person: '禾认领', phone: '13800002222' }),
  })
  check(r.status === 200, `a claim is taken (${r.status})`)
}

async function typeFirm(name, town) {
  await go(desk, '/firms')
  await button(desk, '新增单位').click()
  const d = dialog(desk)
  await d.getByRole('textbox', { name: '单位名称' }).fill(name)
  await choose(desk, d, '乡镇（街道）', town)
  await d.getByRole('textbox', { name: '法定代表人/经营者' }).fill('岑双生')
  await d.getByRole('textbox', { name: '生产（经营）地址' }).fill('凤城镇东街12号')
  return d
}

const cases = [
  ['a status is asked for with evidence', async () => {
    await signIn(desk, 'ws.clerk', PASSWORD)
    firm = await find('文水演示水泥厂')
    await life(firm)
    await inspect(desk, 'life-tab')
    await button(desk, '设置异常状态').click()
    const d = dialog(desk)
    await choose(desk, d, '异常状态', '停产（停业）')
    await day(d, '起始日期', '2026-11-01')
    await d.locator('textarea, input[type=text]').last().fill('窑炉检修')
    await d.getByText('停产停业期间免记').waitFor()
    await shot(desk, 'life-status')
    await ok()
    await d.getByRole('alert').waitFor() // no evidence yet
    await page.setInputFiles('.el-dialog input[type=file]', PHOTO)
    await ok()
    await noDialog(desk)
    await page.getByText('您是提出人').waitFor()
  }],
  ['and reviewed by another person', async () => {
    await signIn(desk, 'ws', PASSWORD)
    await life(firm)
    await button(desk, '同意', true).click()
    await reason('现场核实属实')
    await page.getByText('停产（停业）').first().waitFor()
    await inspect(desk, 'life-status-done')
  }],
  ['an entry that looks like another is told while typing; the pair is noted', async () => {
    await signIn(desk, 'ws.clerk', PASSWORD)
    await typeFirm('文水县双生水泥制品有限公司', '凤城镇')
    await ok()
    await noDialog(desk)
    await page.waitForURL(/#\/firms\/\d+/)
    const d = await typeFirm('双生水泥制品厂', '开栅镇')
    await d.getByText('已有相近的单位').waitFor()
    await shot(desk, 'life-near')
    await ok()
    await noDialog(desk)
    await page.waitForURL(/#\/firms\/\d+/)
    await life(page.url().match(/firms\/(\d+)/)[1])
    await button(desk, '再查一次').click()
    await page.getByRole('link', { name: '逐项对照' }).waitFor()
    await inspect(desk, 'life-twins')
  }],
  ['the whole range is searched as a job; two files side by side; merged', async () => {
    await go(desk, '/twins')
    await button(desk, '全面查找').click()
    await ok()
    await page.getByText(/比对了/).waitFor({ timeout: 20_000 })
    await page.locator('table.grid tbody tr').first().waitFor()
    await inspect(desk, 'twins')
    await page.locator('table.grid tbody tr', { hasText: '双生' }).getByRole('link', { name: '逐项对照' }).click()
    await page.getByRole('heading', { name: '逐项对照' }).waitFor()
    await inspect(desk, 'twin-compare')
    await button(desk, '合并', true).click()
    await dialog(desk).getByText('文水县双生水泥制品有限公司', { exact: false }).last().click()
    await dialog(desk).locator('textarea').fill('同一家，以执照为准')
    await shot(desk, 'twin-merge')
    await ok()
    await noDialog(desk)
    await page.getByText('已合并').first().waitFor()
    await button(desk, '撤销合并').click()
    await dialog(desk).locator('textarea').fill('现场核实是两家')
    await shot(desk, 'twin-undo')
    await ok()
    await noDialog(desk)
    await button(desk, '合并', true).waitFor()
    await inspect(desk, 'twin-undone')
    await button(desk, '合并', true).click()
    await dialog(desk).getByText('文水县双生水泥制品有限公司', { exact: false }).last().click()
    await dialog(desk).locator('textarea').fill('同一家，以执照为准')
    await ok()
    await noDialog(desk)
    await page.getByText('已合并').first().waitFor()
    await page.locator('thead a', { hasText: '双生水泥制品厂' }).click()
    await page.getByText('已并入').first().waitFor()
    await life(page.url().match(/firms\/(\d+)/)[1])
    await inspect(desk, 'life-merged')
  }],
  ['a task is delegated and answered', async () => {
    await signIn(desk, 'll', PASSWORD)
    await life(firm)
    await button(desk, '交办', true).click()
    await dialog(desk).locator('textarea, input').first().fill('督促该厂配备质量安全总监')
    await shot(desk, 'life-delegate')
    await ok()
    await noDialog(desk)
    await page.getByText('督促该厂配备质量安全总监').waitFor()
    await signIn(desk, 'ws.fengcheng', PASSWORD)
    await go(desk, '/delegations')
    await page.locator('table.grid tbody tr').first().waitFor()
    await inspect(desk, 'delegations')
    await button(desk, '报结果').click()
    await reason('已约谈，拟聘总监')
    await page.getByText('已报结果').first().waitFor()
  }],
  ['a move: asked here, accepted there', async () => {
    await signIn(desk, 'ws.clerk', PASSWORD)
    await life(firm)
    await button(desk, '提出迁出').click()
    const d = dialog(desk)
    const town = d.getByRole('combobox', { name: '迁入乡镇（街道）' })
    await town.fill('天宁')
    await page.locator('.el-select-dropdown__item:visible', { hasText: '天宁' }).first().click()
    await d.locator('textarea').last().fill('整体搬迁')
    await shot(desk, 'life-transfer')
    await ok()
    await noDialog(desk)
    await page.getByText('待办理').waitFor()
    await go(desk, '/transfers/out')
    await page.locator('table.grid tbody tr').first().waitFor()
    await inspect(desk, 'transfers-out')
    await button(desk, '导出').click()
    await page.getByRole('menuitem', { name: /Excel/ }).click()
    await dialog(desk).getByRole('link', { name: /下载/ }).waitFor()
    await shot(desk, 'transfers-export')
    await page.keyboard.press('Escape')
    await noDialog(desk)
    await signIn(desk, 'jc', PASSWORD)
    await go(desk, '/transfers')
    await page.locator('table.grid tbody tr').first().waitFor()
    await inspect(desk, 'transfers-in')
    await button(desk, '接受').click()
    await shot(desk, 'transfer-accept')
    await ok()
    await noDialog(desk)
    await page.getByText('已接受').first().waitFor()
    await life(firm)
    await inspect(desk, 'life-moved')
  }],
  ['the file on a past day, with the grade and the rules of that day', async () => {
    await go(desk, `/firms/${firm}?tab=history`)
    await day(page.locator('main'), '看某一天的档案', '2026-11-02')
    await button(desk, '查看', true).click()
    await page.getByText('与当时的存证一致').waitFor()
    await inspect(desk, 'past')
  }],
  ['grade reviews are proposed by a job', async () => {
    await signIn(desk, 'ws', PASSWORD)
    await go(desk, '/regrades')
    await button(desk, '重新计算').click()
    await ok()
    await page.getByText(/条建议/).waitFor({ timeout: 20_000 })
    await inspect(desk, 'regrades')
  }],
  ['who has not begun; a claim is confirmed with a slip', async () => {
    await go(desk, '/begun')
    await page.locator('table.grid tbody tr').first().waitFor()
    await inspect(desk, 'begun')
    const name = await page.locator('table.grid tbody tr', { hasText: /TTTT.*还没有联系上/ }).locator('a').first().innerText()
    const code = await page.locator('table.grid tbody tr', { hasText: name }).locator('td').nth(1).innerText()
    await claim(code.trim(), name.trim())
    await go(desk, '/claims')
    await page.locator('table.grid tbody tr').first().waitFor()
    await inspect(desk, 'claims')
    await button(desk, '确认并出邀请单').click()
    await ok()
    await page.getByText('手机端使用邀请单').waitFor()
    await shot(desk, 'claim-slip')
  }],
  ['on the phone: a claim confirmed, a status with a photo', async () => {
    await go(desk, '/begun')
    const line = page.locator('table.grid tbody tr', { hasText: /TTTT.*开栅镇.*还没有联系上/ }).first()
    const name = (await line.locator('a').first().innerText()).trim()
    const code = (await line.locator('td').nth(1).innerText()).trim()
    const id = (await line.locator('a').first().getAttribute('href')).match(/firms\/(\d+)/)[1]
    await claim(code, name)
    const phone = await newPhone(browser, server.url)
    await phoneIn(phone, 'ws.kaizha', PASSWORD)
    await open(phone, '/firms')
    await look(phone, 'life-firms')
    await press(phone, '企业认领').tap()
    await phone.page.getByText(name).waitFor()
    await look(phone, 'life-claims')
    await press(phone, '确认', true).tap()
    await phone.page.locator('.code').waitFor()
    await look(phone, 'life-claim-code')
    await open(phone, `/firm/${id}`)
    await press(phone, '设置异常状态').tap()
    await phone.page.getByLabel('异常状态').selectOption('11')
    await phone.page.getByLabel('理由').fill('长期停产')
    await phone.page.setInputFiles('input[type=file]', PHOTO)
    await phone.page.locator('img').first().waitFor()
    await look(phone, 'life-status')
    await phone.page.setViewportSize({ width: 320, height: 640 })
    await look(phone, 'life-status-320')
    await press(phone, '提出', true).tap()
    await phone.page.waitForURL(/#\/firm\/\d+$/)
    check(phone.faults.length === 0, phone.faults.join('; '))
    await phone.context.close()
    await go(desk, '/')
    await life(id)
    await page.getByText('待审核').first().waitFor()
  }],
  ['no fault in any page', async () => check(desk.faults.length === 0, desk.faults.join('; '))],
]

try {
  await run(cases, async (name) => shot(desk, `fail-life-${name.slice(0, 24).replace(/\W+/g, '-')}`))
} finally {
  await browser.close()
  await server.stop()
  store.remove()
}
