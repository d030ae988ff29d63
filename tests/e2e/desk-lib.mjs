// What the desk's end-to-end run shares: a 1366×768 page in Debian's Chromium that may talk to its
// own server only, axe on every screen, screenshots, sign-in.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { axe, check, root } from './phone-lib.mjs'

const artifacts = join(root, 'tests/artifacts')

export async function newDesk(browser, base) {
  const context = await browser.newContext({
    viewport: { width: 1366, height: 768 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    acceptDownloads: true,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const desk = { context, page, base, faults: [] }
  const own = new URL(base).origin
  context.on('request', (r) => {
    const url = new URL(r.url())
    if (url.protocol.startsWith('http') && url.origin !== own) desk.faults.push(`request to ${r.url()}`)
  })
  page.on('pageerror', (e) => desk.faults.push(`script error: ${e.stack ?? e}`))
  page.on('console', (m) => {
    if (m.type() === 'error' && /Content Security Policy|Refused to/.test(m.text())) desk.faults.push(m.text())
  })
  if (process.env.E2E_LOG)
    page.on('response', async (r) => {
      if (r.status() < 400) return
      const body = await r.text().catch(() => '')
      console.log(`     ${r.status()} ${r.request().method()} ${r.url()} ${body.slice(0, 400)}`)
    })
  return desk
}

export const go = (desk, path) => desk.page.goto(`${desk.base}/#${path}`)
export const button = (desk, name, exact = false) => desk.page.getByRole('button', { name, exact })
export const dialog = (desk) => desk.page.locator('.el-dialog:visible').last()

export async function shot(desk, name, full = true) {
  mkdirSync(artifacts, { recursive: true })
  const over = await desk.page.locator('.el-overlay:visible').count()
  await desk.page.screenshot({ path: join(artifacts, `desk-${name}.png`), fullPage: full && over === 0 })
}

/** Help and complaints stand in the same place on every page, in the header's links. */
async function helpInPlace(desk, name) {
  const links = desk.page.locator('header nav').first()
  const words = await links.innerText()
  check(/意见建议/.test(words) && /帮助/.test(words), `help and feedback in the header of ${name}`)
}

/** Waits until the passing word of the last step has gone; fading text has no contrast to measure. */
async function quiet(desk) {
  await desk.page.waitForFunction(() => !document.querySelector('.el-message'), null, { timeout: 8000 })
}

/** Waits until no dialog is open. */
export async function noDialog(desk) {
  await desk.page.waitForFunction(() =>
    [...document.querySelectorAll('.el-dialog')].every((d) => d.getClientRects().length === 0)
  )
}

/** A screen as it should be: pictured, accessible, no wider than the window, help in place. */
export async function inspect(desk, name) {
  await desk.page.waitForTimeout(350)
  await quiet(desk)
  await shot(desk, name)
  await helpInPlace(desk, name)
  await axe(desk, name)
  const over = await desk.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  check(over <= 0, `${name} fits 1366 px (${over} px too wide)`)
}

export async function signIn(desk, login, password) {
  await desk.context.clearCookies()
  await desk.page.goto('about:blank')
  await go(desk, '/login')
  await desk.page.getByLabel('账号', { exact: true }).fill(login)
  await desk.page.getByLabel('口令', { exact: true }).fill(password)
  await button(desk, '登录', true).click()
  await desk.page.getByRole('button', { name: '退出', exact: true }).waitFor()
  // the home page that signing in leads to comes last; a step before it would be overtaken
  await desk.page.waitForURL((u) => !u.hash.startsWith('#/login'))
}

/** Chooses an option of a kit's select by the field's label. */
export async function choose(desk, where, label, option) {
  await where.locator('.el-select', { has: desk.page.getByRole('combobox', { name: label }) }).first().click()
  await desk.page.locator('.el-select-dropdown__item:visible', { hasText: option }).first().click()
  await desk.page.keyboard.press('Escape')
}
