// A survey end to end: the province opens it, a county sets its date and imports a list, a squad works
// it on the phone with and without a network, two people tick one firm, ledgers go up and come back;
// axe, target sizes and foreign requests on every screen.
import { join } from 'node:path'
import { makeStore, PASSWORD, serve } from '../lib/store.mjs'
import { Caller } from '../lib/client.mjs'
import { button, choose, dialog, go, inspect, newDesk, noDialog, shot, signIn } from './desk-lib.mjs'
import * as phoneLib from './phone-lib.mjs'

const { check, openBrowser, root, run } = phoneLib
const BINARY = process.env.ZHIAN ?? join(root, 'build/release/zhian')
const LIST = '企业名称,统一社会信用代码,乡镇（街道）,住所,许可证号\n文水演示水泥厂,91141121TTTT90001K,凤城镇,凤城镇演示路1号,XK-1\n文水岑禾电缆有限公司,,凤城镇,凤城镇东街2号,XK-2\n文水翎煜化肥厂,,开栅镇,开栅镇北街,XK-3\n别处砚檀铸造厂,,不存在镇,,XK-4\n'
const REGISTRY = '名称,乡镇\n凤城甲店,凤城镇\n凤城乙店,凤城镇\n凤城丙店,凤城镇\n凤城丁店,凤城镇\n'

const store = makeStore(BINARY)
const server = await serve(BINARY, store)
const browser = await openBrowser()
const desk = await newDesk(browser, server.url)
const phone = await phoneLib.newPhone(browser, server.url)
const { page } = desk
const county = await new Caller(server.url, 'ws').signIn()
let path = ''

async function importList(source, name, text) {
  await go(desk, `${path}/import`)
  await page.getByRole('heading', { name: '导入候选名单' }).waitFor()
  const again = button(desk, '再导一份')
  if (await again.count()) await again.click()
  await choose(desk, page.locator('form'), '名单来源', source)
  await page.setInputFiles('input[type=file]', { name, mimeType: 'text/csv', buffer: Buffer.from(text) })
  await button(desk, '上传并检查').click()
  await button(desk, '确认写入').waitFor({ timeout: 30_000 })
}

async function write() {
  await button(desk, '确认写入').click()
  await page.getByRole('heading', { name: /已写入/ }).waitFor({ timeout: 30_000 })
}

async function openOnPhone(name) {
  await phone.page.getByRole('button', { name: new RegExp(name) }).first().tap()
  await phone.page.getByRole('heading', { name }).waitFor()
}

const cases = [
  ['the province opens a survey', async () => {
    await signIn(desk, 'sx', PASSWORD)
    await go(desk, '/campaigns')
    await page.getByText('没有与本机构有关的摸底').waitFor()
    await inspect(desk, 'survey-none')
    await button(desk, '发起摸底').click()
    await dialog(desk).getByLabel('名称').fill('全省工业产品生产和销售单位摸底')
    await dialog(desk).getByLabel('文号').fill('晋市监发〔2023〕166号')
    await dialog(desk).getByRole('combobox', { name: '报送日期' }).fill('2026-12-05')
    await page.keyboard.press('Enter')
    await dialog(desk).getByText('不是工作日').waitFor()
    await shot(desk, 'survey-open', false)
    await dialog(desk).getByRole('button', { name: '确定' }).click()
    await page.waitForURL(/#\/campaigns\/\d+/)
    path = new URL(page.url()).hash.slice(1)
    await page.getByText('还没有候选单位').waitFor()
    await inspect(desk, 'survey-new')
  }],
  ['the county sets an earlier, past date with its reason', async () => {
    await signIn(desk, 'ws', PASSWORD)
    await go(desk, `${path}?tab=dates`)
    await button(desk, '定对下级的日期').click()
    await dialog(desk).getByRole('combobox', { name: '报送日期' }).fill('2026-10-27')
    await page.keyboard.press('Enter')
    await dialog(desk).getByText('下达时已过期').waitFor()
    await dialog(desk).getByRole('button', { name: '确定' }).click()
    await dialog(desk).getByText(/要写明理由/).first().waitFor()
    await shot(desk, 'survey-date', false)
    await dialog(desk).getByLabel('理由', { exact: true }).fill('转发文件定的日期')
    await dialog(desk).getByRole('button', { name: '确定' }).click()
    await noDialog(desk)
    await page.getByText('转发文件定的日期').waitFor()
    await inspect(desk, 'survey-dates')
  }],
  ['a list is checked by row and only then written', async () => {
    await importList('生产许可获证名单', '许可.csv', LIST)
    await page.getByText(/判断不出/).waitFor()
    await inspect(desk, 'survey-import')
    await write()
    await importList('登记注册名单', '登记.csv', REGISTRY)
    await write()
  }],
  ['candidates: priority first; several ticked with a preview', async () => {
    await go(desk, `${path}/candidates`)
    await page.locator('tbody tr').first().waitFor()
    check((await page.locator('tbody tr').first().innerText()).includes('优先'), 'a priority firm on top')
    for (const name of ['凤城丙店', '凤城丁店']) await page.getByLabel(`选中 ${name}`).check({ force: true })
    await inspect(desk, 'survey-candidates')
    await button(desk, '核对选中的').click()
    await choose(desk, dialog(desk), '单位类别', '销售')
    await dialog(desk).getByRole('button', { name: '预览' }).click()
    await dialog(desk).getByText(/新建草稿 2/).waitFor()
    await shot(desk, 'survey-tick', false)
    await dialog(desk).getByRole('button', { name: '确定' }).click()
    await noDialog(desk)
    await page.locator('tbody tr', { hasText: '凤城丙店' }).getByText('在范围').waitFor()
  }],
  ['the squad finds its list on the phone', async () => {
    await phoneLib.signIn(phone, 'ws.fengcheng', PASSWORD, '/survey')
    await phone.page.getByText('下达时已过期').waitFor()
    await phone.page.getByText(/还有 4 家未核，其中优先单位 2 家/).waitFor()
    await phoneLib.inspect(phone, 'survey')
    await phone.page.setViewportSize({ width: 320, height: 640 })
    await phoneLib.fits(phone, 'survey at 320')
    await shotPhone('survey-320')
    await phone.page.setViewportSize({ width: 390, height: 800 })
  }],
  ['without a network the work goes on and waits', async () => {
    await openOnPhone('文水岑禾电缆有限公司')
    await phoneLib.inspect(phone, 'survey-one')
    await phone.page.getByRole('button', { name: '返回' }).tap()
    await phone.context.setOffline(true)
    await openOnPhone('凤城甲店')
    await phone.page.getByRole('button', { name: /^查无/ }).tap()
    await phone.page.getByRole('button', { name: '核好了' }).tap()
    await phone.page.getByText('请填写这一项').first().waitFor()
    await phone.page.getByLabel(/怎样找的/).fill('到过东街，门锁着，邻居说已搬走')
    await phone.page.setInputFiles('input[type=file]', join(root, 'tests/api/picture.png'))
    await phone.page.locator('.thumbs img').waitFor()
    await phoneLib.inspect(phone, 'survey-tick')
    await phone.page.getByRole('button', { name: '核好了' }).tap()
    await phone.page.getByText('等上传').waitFor()
    await openOnPhone('凤城乙店')
    await phone.page.getByRole('button', { name: /^不在范围/ }).tap()
    await phone.page.getByLabel('为什么不在范围').selectOption('moved')
    await phone.page.getByRole('button', { name: '核好了' }).tap()
    await phone.page.waitForURL(/#\/survey$/)
    await phoneLib.inspect(phone, 'survey-offline')
  }],
  ['meanwhile the county ticks one of them; back online the phone says so', async () => {
    const c = Number(path.split('/').at(-1))
    const found = await county.send('GET', '/api/v1/candidates', { query: { campaign: String(c), q: '凤城乙店' } })
    const one = found.body.items[0]
    const r = await county.send('POST', `/api/v1/candidates/${one.id}/tick`, { headers: { 'If-Match': `"${one.version}"` }, body: { state: 'in', kind: 'seller' } })
    check(r.status === 200, `the county ticks (${r.status})`)
    await phone.context.setOffline(false)
    await phoneLib.go(phone, '/sync')
    await phone.page.getByText(/已由县局演示员核为“在范围”/).waitFor({ timeout: 15_000 })
    await phoneLib.inspect(phone, 'survey-conflict')
    const gone = await county.send('GET', '/api/v1/candidates', { query: { campaign: String(c), q: '凤城甲店' } })
    check(gone.body.items[0].state === 'none', 'the other went up')
    const view = await county.send('GET', `/api/v1/candidates/${gone.body.items[0].id}`)
    check(view.body.photos.length === 1, 'with its photo')
    await phone.page.getByRole('button', { name: '改一改' }).or(phone.page.locator('.card .van-button--primary')).first().tap()
    await phone.page.getByText(/有人核过/).waitFor()
    await phone.page.getByText(/在范围，县局演示员/).waitFor()
    await phone.page.getByText('县局演示员核的').first().waitFor()
    await phoneLib.inspect(phone, 'survey-moved')
  }],
  ['coverage by squad', async () => {
    await go(desk, path)
    await page.getByRole('link', { name: '凤城镇执法中队', exact: true }).waitFor()
    await inspect(desk, 'survey-coverage')
    await page.getByRole('link', { name: /凤城镇执法中队 查无/ }).click()
    await page.locator('tbody tr', { hasText: '凤城甲店' }).waitFor()
  }],
  ['the county reports; the city returns with a reason; a new edition goes up', async () => {
    await go(desk, `${path}?tab=reports`)
    await button(desk, '报送台账').click()
    await shot(desk, 'survey-submit', false)
    await dialog(desk).getByRole('button', { name: '确定' }).click()
    await page.getByRole('link', { name: '附件2' }).first().waitFor({ timeout: 30_000 })
    await inspect(desk, 'survey-reports')
    await signIn(desk, 'll', PASSWORD)
    await go(desk, `${path}?tab=reports`)
    await button(desk, '退回').click()
    await dialog(desk).getByRole('textbox').fill('缺两家电缆厂')
    await dialog(desk).getByRole('button', { name: '确定' }).click()
    await noDialog(desk)
    await page.getByText('缺两家电缆厂').waitFor()
    await inspect(desk, 'survey-city')
    await signIn(desk, 'ws', PASSWORD)
    await go(desk, `${path}?tab=reports`)
    await button(desk, '重新报送').click()
    await dialog(desk).getByRole('button', { name: '确定' }).click()
    await page.getByText('第 2 版').first().waitFor({ timeout: 30_000 })
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '附件2' }).last().click()])
    check(/第1版\.xlsx$/.test(file.suggestedFilename()), `the first edition as it was (${file.suggestedFilename()})`)
  }],
  ['the province sees all dates and closes', async () => {
    await signIn(desk, 'sx', PASSWORD)
    await go(desk, `${path}?tab=dates`)
    await page.getByText('转发文件定的日期').waitFor()
    await button(desk, '结束摸底').click()
    await dialog(desk).getByRole('textbox').fill('全部完成')
    await dialog(desk).getByRole('button', { name: '确定' }).click()
    await noDialog(desk)
    await button(desk, '恢复摸底').waitFor()
    await go(desk, '/campaigns')
    await page.getByText('已结束').waitFor()
    await inspect(desk, 'survey-list')
  }],
  ['no foreign request, no script error', async () => check([...desk.faults, ...phone.faults].length === 0, [...desk.faults, ...phone.faults].join('\n'))],
]

async function shotPhone(name) {
  await phoneLib.shot(phone, name)
}

try {
  await run(cases, async (name) => {
    await shot(desk, `FAIL-${name.slice(0, 20)}`).catch(() => {})
    await phoneLib.shot(phone, `FAIL-${name.slice(0, 20)}`).catch(() => {})
  })
} finally {
  await browser.close()
  await server.stop()
  store.remove()
}
