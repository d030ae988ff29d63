// Makes the pictures of the README from a demonstration store: node tools/shots.mjs → docs/img.
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { bin } from '../tests/lib/cli.mjs'
import { root } from '../tests/lib/run.mjs'
import { PASSWORD, makeStore, serve } from '../tests/lib/store.mjs'

const require = createRequire(join(root, 'web/package.json'))
const { chromium } = require('playwright-core')

const SHOTS = [
  { name: 'board', login: 'll', path: '/#/board', press: '前一天', size: { width: 1280, height: 800 } },
]

async function shoot(browser, url, shot) {
  const context = await browser.newContext({ viewport: shot.size, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  const page = await context.newPage()
  await page.goto(url)
  await page.locator('input[name=username]').fill(shot.login)
  await page.locator('input[name=password]').fill(PASSWORD)
  await page.locator('button[type=submit]').click()
  await page.waitForTimeout(1500)
  await page.goto(url + shot.path.slice(1))
  await page.waitForLoadState('networkidle')
  await page.waitForTimeout(1500)
  if (shot.press) await page.getByRole('button', { name: shot.press }).click()
  await page.waitForTimeout(700)
  await page.mouse.move(shot.size.width - 1, shot.size.height - 1)
  await page.screenshot({ path: join(root, `docs/img/${shot.name}.png`) })
  await context.close()
}

mkdirSync(join(root, 'docs/img'), { recursive: true })
const store = makeStore(bin)
const server = await serve(bin, store)
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] })
try {
  for (const shot of SHOTS) await shoot(browser, `${server.url}/`, shot)
} finally {
  await browser.close()
  await server.stop()
  store.remove()
}
