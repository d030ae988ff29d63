// A station officer's whole walk with a phone whose browser is killed and started again: the survey and
// the on-site review without a network, a dropped link, corrections that meet somebody else's field by
// field, a tick somebody else was faster with, and what a firm supplies itself. 390 and 320 px; axe,
// target sizes and foreign requests on every screen.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from './phone-fixture.mjs'
import { button, check, go, inspect, keptPhone, root, run, shot, signIn } from './phone-lib.mjs'

const PHOTO = join(root, 'tests/api/photo.png')
const OTHER_PHOTO = join(root, 'tests/api/picture.png')
const TOWN = '141121100'
const FIRMS = {
  review: { name: '文水县晨曦电缆厂', product: '电线电缆', waits: true },
  back: { name: '文水县东庄小卖部', product: '插座', waits: true },
  moved: { name: '文水县南街钢筋厂', product: '钢筋', waits: true },
  gate: { name: '文水县西街水泥厂', product: '水泥' },
  clash: { name: '文水县北街铸造厂', product: '铸件', waits: true },
}
const CANDIDATES = ['凤城甲厂', '凤城乙店', '凤城丙店', '凤城丁店', '凤城戊店']

const server = await startServer(Object.values(FIRMS))
const dirs = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'zhian-station-')))
const province = await server.as('sx')
const county = await server.as('ws')
const state = { faults: [] }
let phone

/** The browser is killed; nothing but its folder stays. */
async function kill() {
  if (!phone) return
  state.faults.push(...phone.faults)
  await phone.context.close()
  phone = null
}
async function start({ offline = false, width = 390, dir = dirs[0], at = '/' } = {}) {
  await kill()
  phone = await keptPhone(dir, server.base, { width, offline })
  if (at) await go(phone, at)
  return phone
}
const text = (t) => phone.page.getByText(t, { exact: false }).first()
const online = async () => {
  await phone.context.setOffline(false)
  await phone.page.evaluate(() => window.dispatchEvent(new Event('online')))
}
const offline = () => phone.context.setOffline(true)
const ready = () => phone.page.evaluate(() => navigator.serviceWorker.ready.then(() => true))
const openRow = (name) => button(phone, new RegExp(name)).first().tap()
async function small(name) {
  const was = phone.page.viewportSize()
  await phone.page.setViewportSize({ width: 320, height: 640 })
  await inspect(phone, `${name}-320`)
  await phone.page.setViewportSize(was)
}
async function photo(file, n) {
  await phone.page.setInputFiles('input[type=file]', file)
  await phone.page.getByAltText(`第 ${n} 张照片`).waitFor()
}
const candidate = async (name) => (await county('GET', `/candidates?campaign=${state.campaign}&q=${encodeURIComponent(name)}`)).items[0]
const photosOf = async (name) => (await county('GET', `/candidates/${(await candidate(name)).id}`)).photos.length
async function until(what, ask) {
  for (let i = 0; i < 120; i++) {
    if (await ask()) return
    await new Promise((done) => setTimeout(done, 250))
  }
  throw new Error(`expected in time: ${what}`)
}
const synced = () => until('nothing waits on the phone', async () => (await phone.page.getByText('手机里没有等着上传的记录').count()) > 0)

const cases = [
  ['a survey with five candidates is open', async () => {
    const today = (await county('GET', '/session')).today
    const c = await province('POST', '/campaigns', { title: '凤城摸底', kinds: ['producer', 'seller'], forms: ['att2', 'att3'], due_day: `${Number(today.slice(0, 4)) + 1}-03-31` })
    state.campaign = c.id
    for (const name of CANDIDATES) await county('POST', `/campaigns/${c.id}/candidates`, { name, town: TOWN, address: `凤城镇${name}旁` })
  }],
  ['offline: in scope with a photo, out with a reason, not found with evidence; the browser is killed', async () => {
    await start({ at: '' })
    await signIn(phone, 'ws.fengcheng', server.inspector.password, '/survey')
    await text('还有 5 家未核').waitFor()
    await ready()
    await inspect(phone, 'station-survey')
    await small('station-survey')
    await offline()
    await openRow('凤城甲厂')
    await button(phone, /^在范围/).tap()
    await button(phone, '核好了').tap()
    await text('生产还是销售：请填写这一项').waitFor()
    await button(phone, /^生产/).first().tap()
    await photo(PHOTO, 1)
    await inspect(phone, 'station-tick-in')
    await small('station-tick-in')
    await button(phone, '核好了').tap()
    await openRow('凤城乙店')
    await button(phone, /^不在范围/).tap()
    await phone.page.getByLabel('为什么不在范围').selectOption('moved')
    await button(phone, '核好了').tap()
    await openRow('凤城丙店')
    await button(phone, /^查无/).tap()
    await phone.page.getByLabel(/怎样找的/).fill('到过东街，问过村委会')
    await photo(OTHER_PHOTO, 1)
    await button(phone, '核好了').tap()
    await openRow('凤城丁店')
    await button(phone, /^在范围/).tap()
    await photo(PHOTO, 1)
    await start({ offline: true, at: '/survey' })
    await text('没有网络，下面是').waitFor()
    await text('已存在手机里，联网后自动上传(3)').waitFor()
    await until('three wait', async () => (await phone.page.getByText('等上传', { exact: true }).count()) === 3)
    check((await phone.page.getByText('没核完').count()) === 1, 'the unfinished one is marked')
    await inspect(phone, 'station-survey-back')
    await small('station-survey-back')
    await openRow('凤城丁店')
    await phone.page.getByAltText('第 1 张照片').waitFor()
    check((await button(phone, /^在范围/).getAttribute('aria-pressed')) === 'true', 'the draft is as it was')
  }],
  ['online again over a link that drops: everything goes up once, photos are resumed', async () => {
    let uploads = 0
    let ticks = 0
    await phone.context.route('**/candidates/*/photos', async (route) => {
      uploads++
      if (uploads === 1) return route.abort('connectionreset')
      if (uploads === 2) {
        await route.fetch() // taken, but the answer is lost
        return route.abort('connectionreset')
      }
      return route.continue()
    })
    await phone.context.route('**/candidates/*/tick', async (route) => {
      ticks++
      if (ticks > 1) return route.continue()
      await route.fetch()
      return route.abort('connectionreset')
    })
    await online()
    await signInAgain('/sync')
    await until('three went up', async () => {
      if (await button(phone, '现在上传').count()) await button(phone, '现在上传').tap().catch(() => {})
      return (await phone.page.getByText('手机里没有等着上传的记录').count()) > 0
    })
    await phone.context.unroute('**/candidates/*/photos')
    await phone.context.unroute('**/candidates/*/tick')
    check(uploads >= 4 && ticks >= 4, `the link dropped on the way (${uploads} uploads, ${ticks} ticks tried)`)
    const is = { 凤城甲厂: ['in', 1], 凤城乙店: ['out', 0], 凤城丙店: ['none', 1] }
    for (const [name, [result, photos]] of Object.entries(is)) {
      const one = await candidate(name)
      check(one.state === result, `${name} is ${result}, not ${one.state}`)
      check((await photosOf(name)) === photos, `${name} has ${photos} photos, not ${await photosOf(name)}`)
      const v = (await county('GET', `/candidates/${one.id}`)).version
      check(v === 2, `${name} was ticked once (version ${v})`)
    }
    await go(phone, '/survey')
    await text('还有 2 家未核').waitFor()
  }],
  ['a tick somebody else was faster with: both shown, chosen part by part', async () => {
    await offline()
    await openRow('凤城戊店')
    await button(phone, /^不在范围/).tap()
    await phone.page.getByLabel('为什么不在范围').selectOption('moved')
    await phone.page.getByLabel('说明').fill('搬到平遥了')
    await button(phone, '核好了').tap()
    await phone.page.waitForURL(/#\/survey$/) // stored on the phone; leaving before would be overtaken by the page's own way back
    const one = await candidate('凤城戊店')
    await county('POST', `/candidates/${one.id}/tick`, { state: 'in', kind: 'seller', note: '店还在，换了门头' }, { 'If-Match': `"${one.version}"` })
    await online()
    await go(phone, '/sync')
    await text('已由县局演示员核为').waitFor({ timeout: 30_000 })
    await inspect(phone, 'station-sync-refused')
    await button(phone, '打开修改').tap()
    await text('有人核过').waitFor()
    await text('店还在，换了门头').waitFor()
    await text('搬到平遥了').waitFor()
    await inspect(phone, 'station-tick-both')
    await small('station-tick-both')
    await button(phone, '核好了').tap()
    await text('请选用哪一个').waitFor()
    await phone.page.getByRole('group', { name: '结果' }).getByRole('button', { name: '用对方的' }).tap()
    await phone.page.getByRole('group', { name: '说明' }).getByRole('button', { name: '用我填的' }).tap()
    await button(phone, '核好了').tap()
    await phone.page.waitForURL(/#\/survey$/)
    await until('the merged result is stored', async () => (await candidate('凤城戊店')).note === '搬到平遥了')
    check((await candidate('凤城戊店')).state === 'in', 'with the result of the other')
  }],
  ['firms to review are taken along; offline: corrections, the checklist, photos; killed midway', async () => {
    await go(phone, '/')
    await button(phone, /出门前存到手机/).waitFor()
    await inspect(phone, 'station-queue')
    await small('station-queue')
    await button(phone, /出门前存到手机/).tap()
    await text('没有网络也能审核').waitFor()
    await offline()
    await openRow(FIRMS.review.name)
    const blocks = () => phone.page.locator('section[id^=paper-]')
    await blocks().first().waitFor()
    await button(phone, '改这一项').first().tap()
    await phone.page.getByLabel('法定代表人/经营者').fill('赵改正')
    await phone.page.getByRole('dialog').getByRole('button', { name: '改好了' }).tap()
    await text('赵改正').waitFor()
    await text('等上传，下面已按更正显示').waitFor()
    for (const b of (await blocks().all()).slice(1)) await b.getByRole('button', { name: /^一致/ }).tap()
    await photo(PHOTO, 1)
    await text('草稿已存在手机里').waitFor()
    await start({ offline: true })
    await text('有草稿').waitFor()
    await openRow(FIRMS.review.name)
    await blocks().first().waitFor()
    await text('赵改正').waitFor()
    check((await phone.page.locator('section[id^=paper-] [aria-pressed=true]').count()) === (await blocks().count()) - 1, 'the answers are there')
    await phone.page.getByAltText('第 1 张照片').waitFor()
    await inspect(phone, 'station-review-offline')
    await small('station-review-offline')
    await blocks().first().getByRole('button', { name: /^一致/ }).tap()
    await button(phone, /^与纸质档案一致/).tap()
    await phone.page.getByLabel(/审核意见/).fill('情况属实，建议入库')
    await button(phone, '提交审核').tap()
    await phone.page.waitForURL(/#\/$/)
    await text('等上传').waitFor()
  }],
  ['another one is returned with a reason, offline', async () => {
    await openRow(FIRMS.back.name)
    await button(phone, '退回', true).tap()
    const sheet = phone.page.getByRole('dialog')
    await phone.page.getByLabel('退回原因').selectOption({ label: '不在适用范围' })
    await sheet.getByLabel('说明').fill('不生产也不批发')
    await inspect(phone, 'station-return')
    await sheet.getByRole('button', { name: '退回', exact: true }).tap()
    await phone.page.waitForURL(/#\/$/)
    await until('both wait', async () => (await phone.page.getByText('等上传', { exact: true }).count()) === 2)
    await inspect(phone, 'station-queue-waiting')
  }],
  ['a third is compared offline while the desk changes one of its fields', async () => {
    await openRow(FIRMS.moved.name)
    const blocks = () => phone.page.locator('section[id^=paper-]')
    await blocks().first().waitFor()
    for (const b of await blocks().all()) await b.getByRole('button', { name: /^一致/ }).tap()
    await button(phone, /^与纸质档案一致/).tap()
    await phone.page.getByLabel(/审核意见/).fill('同意')
    await server.editFirm(FIRMS.moved.name, { legal_person: '钱新任' })
    await button(phone, '提交审核').tap()
    await phone.page.waitForURL(/#\/$/)
  }],
  ['a firm is corrected offline while the desk changes the same field and another', async () => {
    await online()
    await go(phone, '/sync')
    await signInAgain('/sync')
    await text(`现场审核：${FIRMS.moved.name}`).waitFor()
    await go(phone, `/firm/${server.idOf(FIRMS.clash.name)}`)
    await button(phone, '更正基本情况').waitFor()
    await inspect(phone, 'station-firm')
    await small('station-firm')
    await offline()
    await button(phone, '更正基本情况').tap()
    await phone.page.getByLabel('法定代表人/经营者').fill('孙手机')
    await phone.page.getByLabel('从业人员').fill('75')
    await inspect(phone, 'station-edit')
    await start({ offline: true, at: `/firm/${server.idOf(FIRMS.clash.name)}` })
    await button(phone, '更正基本情况').tap()
    check((await phone.page.getByLabel('法定代表人/经营者').inputValue()) === '孙手机', 'what was typed outlives the browser')
    await phone.page.getByRole('dialog').getByRole('button', { name: '改好了' }).tap()
    await text('孙手机').waitFor()
    await server.editFirm(FIRMS.clash.name, { legal_person: '李桌面', site_address: '凤城镇北街 9 号' })
    await online()
    await signInAgain('/sync')
    await text('别人也改了：法定代表人/经营者').waitFor({ timeout: 30_000 })
    await inspect(phone, 'station-sync')
    await small('station-sync')
  }],
  ['both versions stand field by field; what is chosen is saved, nothing is lost', async () => {
    await phone.page.locator('li', { hasText: FIRMS.clash.name }).getByRole('button', { name: '打开修改' }).tap()
    await text('李桌面').waitFor()
    await text('孙手机').waitFor()
    await inspect(phone, 'station-merge')
    await small('station-merge')
    await button(phone, '按选的保存').tap()
    await text('请选用哪一个').waitFor()
    await phone.page.getByRole('group', { name: '法定代表人/经营者' }).getByRole('button', { name: '用现在的' }).tap()
    await button(phone, '按选的保存').tap()
    await phone.page.waitForURL(/#\/firm\//)
    const firm = (await server.firm(FIRMS.clash.name)).record
    check(firm.legal_person === '李桌面' && firm.staff === 75 && firm.site_address === '凤城镇北街 9 号', `merged by field: ${firm.legal_person}, ${firm.staff}, ${firm.site_address}`)
    await phone.page.getByText('75', { exact: true }).waitFor()
    await text('李桌面').waitFor()
  }],
  ['what was done offline is there, once: reviewed with correction and scan, returned with its reason', async () => {
    check((await server.firmState(FIRMS.back.name)) === 'returned', 'returned')
    const firm = await server.firm(FIRMS.review.name)
    check(firm.record.state === 'reviewed' && firm.record.legal_person === '赵改正', `reviewed with the correction: ${firm.record.state}, ${firm.record.legal_person}`)
    const files = (await county('GET', `/firms/${server.idOf(FIRMS.review.name)}/attachments`)).items
    check(files.length === 1 && files[0].owner_kind === 'paper_check', `one scan, of the check: ${JSON.stringify(files)}`)
  }],
  ['the review the desk overtook comes back, naming the item; looked at again it goes up', async () => {
    await go(phone, '/sync')
    await text('对照以后有人改过').waitFor()
    await button(phone, '打开修改').tap()
    await text('请把标出的几项再对照一遍').waitFor()
    await text('这一项对照以后有改动').waitFor()
    await text('钱新任').waitFor()
    await inspect(phone, 'station-review-moved')
    await small('station-review-moved')
    await button(phone, '提交审核').tap()
    await text('还有').waitFor()
    for (const b of await phone.page.locator('section[id^=paper-]', { hasText: '这一项对照以后有改动' }).all()) await b.getByRole('button', { name: /^一致/ }).tap()
    await button(phone, '提交审核').tap()
    await phone.page.waitForURL(/#\/$/)
    await until('the firm is reviewed', async () => (await server.firmState(FIRMS.moved.name)) === 'reviewed')
    await go(phone, '/sync')
    await synced()
  }],
  ['a status at the gate, without a network: kept, sent with its photo, once', async () => {
    const firm = server.idOf(FIRMS.gate.name)
    await go(phone, `/firm/${firm}/status`)
    await offline()
    await phone.page.getByLabel('异常状态').selectOption({ index: 2 })
    await phone.page.getByLabel('理由').fill('大门上锁，问过村委会')
    await photo(PHOTO, 1)
    await start({ offline: true, at: `/firm/${firm}/status` })
    await phone.page.getByAltText('第 1 张照片').waitFor()
    check((await phone.page.getByLabel('理由').inputValue()) === '大门上锁，问过村委会', 'the draft outlives the browser')
    await small('station-status')
    await button(phone, '提出', true).tap()
    await text('已存在手机里，联网后自动上传(1)').waitFor()
    await online()
    await signInAgain('/sync')
    await synced()
    const files = (await county('GET', `/firms/${firm}/attachments`)).items
    check(files.length === 1, `one photo as evidence, not ${files.length}`)
  }],
  ['a principal sees what is missing, supplies it without a network, and it waits to be looked at', async () => {
    await start({ dir: dirs[1], at: '' })
    await signIn(phone, 'wsq.principal', server.inspector.password, '/lack')
    await text('可以由本单位补的').waitFor()
    await ready()
    await offline()
    await button(phone, /^岗位职责/).tap()
    await phone.page.getByLabel('批准人').fill('岑演示')
    await phone.page.getByLabel('生效日期').fill('2026-05-01')
    await start({ dir: dirs[1], offline: true, at: '/lack' })
    await text('没填完').waitFor()
    await button(phone, /^岗位职责/).tap()
    check((await phone.page.getByLabel('批准人').inputValue()) === '岑演示', 'what was typed outlives the browser')
    await button(phone, '提交', true).tap()
    await text('等上传').waitFor()
    await inspect(phone, 'station-lack-offline')
    await small('station-lack-offline')
    await button(phone, /^营业执照扫描件/).tap()
    await button(phone, '提交', true).tap()
    await text('请先拍照片或选扫描件').waitFor()
    await photo(PHOTO, 1)
    await button(phone, '提交', true).tap()
    await until('both wait', async () => (await phone.page.getByText('等上传', { exact: true }).count()) === 2)
    await online()
    await signInAgain('/lack', 'wsq.principal')
    await button(phone, /^营业执照扫描件/).waitFor({ state: 'detached' })
    await text('项，待市场监管所核对').waitFor()
    await text('制度文件：岗位职责').waitFor()
    check((await button(phone, /^岗位职责/).count()) === 0, 'it is not missing any more')
    await inspect(phone, 'station-lack-told')
    await small('station-lack-told')
  }],
  ['the officer finds it at the firm and looks at it', async () => {
    await start({ at: '/firms' })
    await signInAgain('/firms')
    await until('it is on the list of what is to be looked at', async () => {
      await button(phone, '企业填写待核对').tap()
      await phone.page.waitForTimeout(3_000)
      return (await button(phone, /文水演示水泥厂/).count()) > 0
    })
    await inspect(phone, 'station-told-list')
    await small('station-told-list')
    await openRow('文水演示水泥厂')
    await text('制度文件：岗位职责').waitFor()
    await inspect(phone, 'station-told')
    await small('station-told')
    await button(phone, '核对 制度文件：岗位职责').tap()
    await phone.page.getByText('制度文件：岗位职责').waitFor({ state: 'detached' })
    await start({ dir: dirs[1], at: '/lack' })
    await signInAgain('/lack', 'wsq.principal')
    await text('可以由本单位补的').waitFor()
    check((await phone.page.getByText('制度文件：岗位职责').count()) === 0, 'the firm sees that it was looked at')
  }],
  ['no request left the origin, no script or policy error', async () => {
    await kill()
    check(state.faults.length === 0, state.faults.join('\n'))
  }],
]

/** Signs in again where the killed browser forgot its session. */
async function signInAgain(to, login = 'ws.fengcheng') {
  await phone.page.waitForTimeout(800)
  if (/#\/login/.test(phone.page.url())) await signIn(phone, login, server.inspector.password, to)
  else await go(phone, to)
}

try {
  await run(cases, (name) => phone && shot(phone, `FAIL-${name.slice(0, 24)}`).catch(() => {}))
} finally {
  await kill()
  await server.stop()
  for (const d of dirs) rmSync(d, { recursive: true, force: true })
}
