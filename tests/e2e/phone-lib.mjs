// What the phone's end-to-end runs share: a 360×740 phone in Debian's Chromium, a guard against
// requests to other origins and console errors, a tap counter, axe, target sizes, screenshots.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const artifacts = join(root, 'tests/artifacts')
const require = createRequire(join(root, 'web/package.json'))
const { chromium } = require('playwright-core')
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

const BROWSER = process.env.CHROMIUM ?? '/usr/bin/chromium'
const SERIOUS = new Set(['serious', 'critical'])

export function check(ok, what) {
  if (!ok) throw new Error(`expected: ${what}`)
}

const LAUNCH = { executablePath: BROWSER, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] }

export async function openBrowser() {
  return chromium.launch(LAUNCH)
}

const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' }

/** A phone whose browser can be killed and started again: what it stored lies in `dir`. */
export async function keptPhone(dir, base, { width = 390, offline = false } = {}) {
  const context = await chromium.launchPersistentContext(dir, { ...LAUNCH, ...PHONE, viewport: { width, height: 800 } })
  await context.setOffline(offline)
  const page = context.pages()[0] ?? (await context.newPage())
  page.setDefaultTimeout(10_000)
  const phone = { context, page, base, faults: [], taps: 0 }
  await guard(phone)
  return phone
}

/** A phone of its own: context with its own storage, page, and what went wrong in it so far. */
export async function newPhone(browser, base, { large = false } = {}) {
  const context = await browser.newContext(PHONE)
  if (large) await context.addInitScript(() => localStorage.setItem('zhian.large', '1'))
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const phone = { context, page, base, faults: [], taps: 0 }
  await guard(phone)
  return phone
}

/** Any request to another origin, script error or policy violation is a fault of the run. */
async function guard(phone) {
  const own = new URL(phone.base).origin
  phone.context.on('request', (r) => {
    const url = new URL(r.url())
    if (url.protocol.startsWith('http') && url.origin !== own) phone.faults.push(`request to ${r.url()}`)
  })
  if (process.env.E2E_LOG)
    phone.page.on('response', async (r) => {
      if (r.status() >= 400) console.log(`     ${r.status()} ${r.request().method()} ${r.url()} ${(await r.text().catch(() => '')).slice(0, 600)}`)
    })
  phone.page.on('pageerror', (e) => phone.faults.push(`script error: ${e.stack ?? e}`))
  phone.page.on('console', (m) => {
    const text = m.text()
    if (m.type() === 'error' && /Content Security Policy|Refused to/.test(text)) phone.faults.push(text)
  })
}

/** One tap of a thumb; counted. */
export async function tap(phone, locator) {
  phone.taps += 1
  await locator.tap()
}

export const button = (phone, name, exact = false) => phone.page.getByRole('button', { name, exact })

export async function shot(phone, name) {
  mkdirSync(artifacts, { recursive: true })
  // a sheet belongs to the visible part; the whole page is taken otherwise
  const sheet = await phone.page.locator('.van-overlay:visible').count()
  await phone.page.screenshot({ path: join(artifacts, `phone-${name}.png`), fullPage: sheet === 0 })
}

/** Zero serious or critical findings on the page as it stands. */
export async function axe(phone, where) {
  await phone.page.evaluate(axeSource)
  const found = await phone.page.evaluate(() =>
    window.axe.run(document, { resultTypes: ['violations'] }).then((r) =>
      r.violations.map((v) => ({ id: v.id, impact: v.impact, nodes: v.nodes.map((n) => n.html.slice(0, 160)) }))
    )
  )
  const bad = found.filter((v) => SERIOUS.has(v.impact))
  check(bad.length === 0, `no serious axe findings on ${where}: ${JSON.stringify(bad, null, 1)}`)
}

/** Every visible control is at least `min` px high and wide (inline text links inside a line are not
 * controls of their own). */
export async function targets(phone, where, min = 44) {
  const small = await phone.page.evaluate((limit) => {
    const out = []
    for (const el of document.querySelectorAll('button, a[href], input, textarea, select, label[for], summary')) {
      const box = el.getBoundingClientRect()
      const shown = box.width > 1 && box.height > 1 && getComputedStyle(el).visibility !== 'hidden'
      const isText = el.tagName === 'LABEL' && !el.classList.contains('add')
      const isTick = el.type === 'checkbox' && el.closest('label')
      if (!shown || isText || isTick) continue
      if (box.height < limit - 0.5 || box.width < Math.min(limit, 44) - 0.5)
        out.push(`${el.tagName} "${(el.textContent || el.id).trim().slice(0, 20)}" ${Math.round(box.width)}×${Math.round(box.height)}`)
    }
    return out
  }, min)
  check(small.length === 0, `targets of ${min} px on ${where}: ${small.join('; ')}`)
}

/** No sideways scrolling at this width. */
export async function fits(phone, where) {
  const over = await phone.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  check(over <= 0, `${where} fits the width (${over} px too wide)`)
}

/** Help and complaints stand in the same place on every page: right in the title bar. */
async function helpInPlace(phone, where) {
  const box = await phone.page.locator('header button').last().boundingBox()
  const title = await phone.page.locator('header button').last().innerText()
  check(/帮助/.test(title) && Math.abs(box.x + box.width - phone.page.viewportSize().width) <= 1, `help in its place on ${where}`)
}

/** A screen as it should be: pictured, accessible, large enough, within the width, help in place. */
export async function inspect(phone, name) {
  await phone.page.waitForTimeout(400)
  await shot(phone, name)
  await helpInPlace(phone, name)
  await axe(phone, name)
  await targets(phone, name)
  await fits(phone, name)
}

export async function go(phone, path) {
  await phone.page.goto(`${phone.base}/m/#${path}`)
}

export async function signIn(phone, login, password, to = '/') {
  const { page } = phone
  await go(phone, `/login?to=${encodeURIComponent(to)}`)
  await page.getByLabel('账号').fill(login)
  await page.getByLabel('密码').fill(password)
  await button(phone, '登录', true).tap()
  await page.waitForURL((u) => !u.hash.startsWith('#/login'))
}

/** Runs the cases in order and tells each; onFail may keep pictures; throws at the end when any failed. */
export async function run(cases, onFail = async () => {}) {
  const failed = []
  for (const [name, fn] of cases) {
    const started = Date.now()
    try {
      await fn()
      console.log(`ok   ${name} (${Date.now() - started} ms)`)
    } catch (e) {
      failed.push(name)
      console.log(`FAIL ${name}: ${e.message}`)
      await onFail(name)
    }
  }
  if (failed.length) throw new Error(`${failed.length} of ${cases.length} failed: ${failed.join(', ')}`)
}
