// Notices end to end against the real server: the province's documents are signed for and passed on
// under an own cover, a station tells its firms with the phone and without a network, the firm reads
// and asks, the squad answers, a complaint reaches the province; handbook and filling rules; axe,
// widths and foreign requests on every screen.
import { join } from 'node:path'
import { makeStore, PASSWORD, serve } from '../lib/store.mjs'
import * as d from './desk-lib.mjs'
import * as p from './phone-lib.mjs'

const { check, root } = p
const BINARY = process.env.ZHIAN ?? join(root, 'build/release/zhian')
const PLAN = '推进落实工业产品质量安全主体责任实施方案'

const store = makeStore(BINARY)
const server = await serve(BINARY, store)
const browser = await p.openBrowser()
const desk = await d.newDesk(browser, server.url)
const officer = await p.newPhone(browser, server.url)
const firm = await p.newPhone(browser, server.url)
const { page } = desk

const openPlan = async () => {
  await d.go(desk, '/notices/received')
  await page.getByRole('link', { name: PLAN }).first().click()
  await page.locator('main h1', { hasText: PLAN }).waitFor()
}

/** Signs for the document on the page and passes it on to one authority below. */
async function passOn({ no, cited, to, cover }) {
  await d.button(desk, '签收', true).first().click()
  await d.button(desk, '确定', true).click()
  await page.getByText('本机关已由').waitFor()
  await d.button(desk, '转发', true).click()
  const box = d.dialog(desk)
  await box.getByLabel('标题').fill(cover)
  await box.getByLabel('文号', { exact: true }).fill(no)
  await box.getByLabel('引用的文号').fill(cited)
  await box.getByLabel('印发日期').fill('2026-11-01')
  await page.keyboard.press('Enter')
  await box.getByRole('textbox', { name: '正文' }).fill('# 有关要求\n请签收并传达到每一个企业。')
  await d.inspect(desk, `notice-forward-${no.length}`)
  await d.button(desk, '保存', true).click()
  await page.locator('main h1', { hasText: cover }).waitFor()
  await d.button(desk, '发出', true).click()
  await d.dialog(desk).locator('.el-checkbox', { hasText: to }).click()
  await d.inspect(desk, `notice-issue-${no.length}`)
  await d.dialog(desk).getByRole('button', { name: '发出', exact: true }).click()
  await page.getByText('已发出').first().waitFor()
}

const cases = [
  ['the province sees who signed and who was told, authority by authority', async () => {
    await d.signIn(desk, 'sx', PASSWORD)
    await d.go(desk, '/notices/mine')
    await page.locator('tbody tr').first().waitFor()
    await d.inspect(desk, 'notice-list')
    await page.getByRole('link', { name: PLAN }).click()
    await page.getByText('依申请公开').first().waitFor()
    await d.inspect(desk, 'notice-page')
    await page.getByRole('tab', { name: '签收情况' }).click()
    await page.getByText('山西转型综合改革示范区').first().waitFor()
    await d.inspect(desk, 'notice-receivers')
    await page.getByRole('tab', { name: '传达情况' }).click()
    await page.locator('tbody th button', { hasText: '吕梁市' }).waitFor()
    await d.inspect(desk, 'notice-board')
  }],
  ['a new document: bad input told at its field, issued to the cities and the zone', async () => {
    await d.go(desk, '/notices/mine')
    await d.button(desk, '起草通知').click()
    await d.button(desk, '保存', true).click()
    await d.dialog(desk).getByText(/标题/).first().waitFor()
    await d.inspect(desk, 'notice-form')
    await page.keyboard.press('Escape')
  }],
  ['city and county pass it on, each under its own number', async () => {
    await d.signIn(desk, 'll', PASSWORD)
    await d.go(desk, '/')
    await page.getByText('通知和问答等我处理的').waitFor()
    await d.inspect(desk, 'notice-home')
    await openPlan()
    await passOn({ no: '吕市监函〔2023〕172号', cited: '晋市监发〔2023〕166号', to: '文水县市场监督管理局', cover: '转发省局方案的函' })
    await d.signIn(desk, 'ws', PASSWORD)
    await d.go(desk, '/notices/received')
    await page.getByRole('link', { name: '转发省局方案的函' }).click()
    await page.locator('main h1').waitFor()
    await passOn({ no: '文市监发〔2023〕262号试', cited: '吕市监发〔2023〕172号', to: '凤城镇执法中队', cover: '转发市局来文的通知' })
    await page.getByText('本件引为 吕市监发〔2023〕172号').waitFor()
    await d.inspect(desk, 'notice-chain')
  }],
  ['many firms at once, after a preview', async () => {
    await d.go(desk, '/notices/mine')
    await page.getByRole('link', { name: '转发市局来文的通知' }).click()
    await page.getByRole('tab', { name: '传达情况' }).click()
    await page.locator('tbody th button', { hasText: '马西乡' }).click()
    await page.locator('.details tbody tr').first().waitFor()
    await d.button(desk, '登记全部还没传达的').click()
    const box = d.dialog(desk)
    await d.choose(desk, box, '传达方式', '纸质签收')
    await box.getByLabel('说明').fill('宣讲会，签收单存县局')
    await box.getByRole('button', { name: '预览', exact: true }).click()
    await box.getByText(/^将登记 \d/).waitFor()
    await d.inspect(desk, 'notice-many')
    await box.getByRole('button', { name: /^登记 / }).click()
    await d.noDialog(desk)
    await page.locator('.details').getByText('没有符合条件的记录').waitFor()
    await d.inspect(desk, 'notice-many-done')
  }],
  ['a station tells a firm without a network', async () => {
    await p.signIn(officer, 'ws.fengcheng', PASSWORD)
    await officer.page.getByRole('button', { name: /传达/ }).first().waitFor()
    await p.inspect(officer, 'tell-home')
    await p.button(officer, /传达/).first().tap()
    await officer.page.getByRole('button', { name: PLAN }).waitFor()
    await p.inspect(officer, 'tell-work')
    await p.button(officer, PLAN).tap()
    await officer.page.getByRole('button', { name: /演示水泥厂/ }).waitFor()
    await p.inspect(officer, 'tell-firms')
    await p.button(officer, /演示水泥厂/).tap()
    await p.button(officer, '存下').tap()
    check((await officer.page.getByText('请填写这一项').count()) >= 2, 'gaps are told')
    await p.button(officer, '上门').tap()
    await officer.page.getByLabel('告诉了谁').fill('岑演示 主要负责人')
    await p.inspect(officer, 'tell-form')
    await officer.context.setOffline(true)
    await p.button(officer, '存下').tap()
    await officer.page.getByText('已存在手机里').first().waitFor()
    await officer.page.getByText('等着上传').first().waitFor()
    await p.shot(officer, 'tell-offline')
    await officer.context.setOffline(false)
    await officer.page.getByText('都传达到了').first().waitFor({ timeout: 20_000 })
    await p.shot(officer, 'tell-sent')
  }],
  ['the firm reads it, and asks', async () => {
    await p.signIn(firm, 'wsq.officer', PASSWORD)
    await firm.page.getByRole('button', { name: /份通知还没看/ }).waitFor()
    await p.inspect(firm, 'notice-today')
    await p.button(firm, /份通知还没看/).tap()
    await firm.page.getByRole('button', { name: PLAN }).waitFor()
    await p.inspect(firm, 'notice-list')
    await p.button(firm, PLAN).tap()
    await firm.page.getByRole('button', { name: /转发市局来文的通知/ }).waitFor()
    await p.inspect(firm, 'notice-page')
    await p.button(firm, '我已阅读').tap()
    await firm.page.getByText('已确认阅读').waitFor({ timeout: 15_000 })
    await p.shot(firm, 'notice-read')
    await p.go(firm, '/questions')
    await firm.page.getByLabel('问什么').fill('证书地址变更')
    await firm.page.getByLabel('说清楚情况').fill('许可证地址变了，清单要不要改？')
    await p.inspect(firm, 'question-ask')
    await p.button(firm, '发送', true).tap()
    await firm.page.getByRole('button', { name: /证书地址变更/ }).waitFor()
  }],
  ['the squad answers on the phone', async () => {
    await p.go(officer, '/questions')
    await p.button(officer, /证书地址变更/).tap()
    await officer.page.getByLabel('内容').fill('要改，按新地址重新编一版。')
    await p.inspect(officer, 'question-answer')
    await p.button(officer, '答复', true).tap()
    await officer.page.getByText('已答复').waitFor()
    await p.go(firm, '/questions')
    await p.button(firm, /证书地址变更/).tap()
    await firm.page.getByText('按新地址重新编一版').waitFor()
    await p.inspect(firm, 'question-answered')
  }],
  ['a complaint reaches the province and its answer the author', async () => {
    await p.go(firm, '/help')
    await p.button(firm, '写意见或投诉').tap()
    await p.button(firm, '投诉', true).tap()
    await firm.page.getByLabel('什么事').fill('同一材料要了三次')
    await firm.page.getByLabel('说清楚情况').fill('营业执照已在平台上，仍要纸质件。')
    await p.inspect(firm, 'say')
    await p.button(firm, '发送', true).tap()
    await firm.page.getByRole('button', { name: /同一材料要了三次/ }).waitFor()
    await d.signIn(desk, 'sx', PASSWORD)
    await d.go(desk, '/questions/feedback')
    await page.getByRole('link', { name: '同一材料要了三次' }).click()
    await page.getByRole('textbox', { name: '内容' }).fill('已核实，要求改正。')
    await d.inspect(desk, 'question-feedback')
    await d.button(desk, '答复', true).click()
    await page.getByText('已答复').first().waitFor()
    await p.button(firm, /同一材料要了三次/).tap()
    await firm.page.getByText('已核实，要求改正。').waitFor()
  }],
  ['anyone files an opinion at the desk', async () => {
    await d.signIn(desk, 'auditor', PASSWORD)
    await d.go(desk, '/feedback')
    await page.locator('.el-radio', { hasText: '意见建议' }).click()
    await page.getByLabel('标题').fill('字体建议')
    await page.getByLabel('内容').fill('表格里的字可以再大些')
    await d.inspect(desk, 'feedback')
    await d.button(desk, '提交', true).click()
    await page.getByRole('link', { name: '字体建议' }).waitFor()
  }],
  ['the handbook on desk, paper and phone', async () => {
    await d.go(desk, '/handbook')
    await page.getByRole('heading', { name: /简易版/ }).waitFor()
    await d.inspect(desk, 'handbook')
    const pdf = await page.pdf({ format: 'A4' })
    check(pdf.length > 20_000, `the handbook prints (${pdf.length} bytes)`)
    await page.emulateMedia({ media: 'print' })
    check(!(await page.locator('nav[aria-label="目录"]').isVisible()), 'the contents list stays on the screen')
    await page.emulateMedia({ media: 'screen' })
    await p.go(firm, '/book')
    await p.button(firm, /风险管控清单/).waitFor()
    await p.inspect(firm, 'book')
    await p.button(firm, /风险管控清单/).tap()
    await firm.page.getByText('编制步骤').waitFor()
    await p.inspect(firm, 'book-chapter')
    await firm.page.setViewportSize({ width: 320, height: 640 })
    await p.fits(firm, 'a chapter at 320 px')
    await p.shot(firm, 'book-320')
    await p.go(firm, '/notices')
    await firm.page.getByRole('button', { name: PLAN }).waitFor()
    await p.fits(firm, 'notices at 320 px')
    await p.shot(firm, 'notice-list-320')
  }],
  ['the filling rule beside its field, by keyboard', async () => {
    await d.signIn(desk, 'ws.clerk', PASSWORD)
    await d.go(desk, '/firms')
    await d.button(desk, '新增', false).first().click()
    const mark = page.getByTitle(/^录入原因：/)
    await mark.focus()
    await page.keyboard.press('Enter')
    await page.getByText('以后只增不减').first().waitFor()
    await d.inspect(desk, 'filling-rule')
    await page.keyboard.press('Escape')
  }],
  ['no fault in any page', async () => {
    const faults = [...desk.faults, ...officer.faults, ...firm.faults]
    check(faults.length === 0, faults.join('; '))
  }],
]

try {
  await p.run(cases, async (name) => {
    await d.shot(desk, `fail-notice-${cases.findIndex(([n]) => n === name)}`)
    await p.shot(officer, `fail-officer-${cases.findIndex(([n]) => n === name)}`)
    await p.shot(firm, `fail-firm-${cases.findIndex(([n]) => n === name)}`)
  })
} finally {
  await browser.close()
  await server.stop()
  store.remove()
}
