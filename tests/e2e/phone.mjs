// The phone end to end against the real server: first sign-in by invitation, a normal day with its
// taps counted, a day with a problem and photo, offline, reload midway, correction, late entry,
// suspension, the inspector's review; axe, target sizes and foreign requests on every screen.
import { deflateSync, crc32 } from 'node:zlib'
import {
  axe, button, check, fits, go, inspect, newPhone, openBrowser, run, shot, signIn, tap, targets,
} from './phone-lib.mjs'
import { startServer } from './phone-fixture.mjs'

const TAPS_OF_A_NORMAL_DAY = 12
const PASSWORD = 'Kiln7-blue-Tongchuan'

/** A small real PNG (a camera's picture as far as the server can tell). */
function picture(side = 64) {
  const chunk = (type, body) => {
    const all = Buffer.concat([Buffer.from(type), body])
    const out = Buffer.alloc(body.length + 12)
    out.writeUInt32BE(body.length)
    all.copy(out, 4)
    out.writeUInt32BE(crc32(all) >>> 0, body.length + 8)
    return out
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(side, 0)
  head.writeUInt32BE(side, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const rows = Buffer.alloc(side * (side * 3 + 1), 120)
  for (let y = 0; y < side; y++) rows[y * (side * 3 + 1)] = 0
  const magic = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  return Buffer.concat([magic, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

const items = (phone) => phone.page.locator('li.item')

/** Answers everything as a careful person does on a normal day: key items one by one, the rest of each
 * area by its button. `leave` items are answered otherwise before. */
async function answerAll(phone) {
  await items(phone).first().waitFor()
  for (const area of await phone.page.locator('section.card').all()) {
    for (const item of await area.locator('li.item').all()) {
      const isKey = (await item.locator('.tag.info').count()) > 0
      const isOpen = (await item.locator('[aria-pressed=true]').count()) === 0
      if (isKey && isOpen) await tap(phone, item.getByRole('button', { name: /^正常/ }))
    }
    const rest = area.getByRole('button', { name: '这一区其余都正常' })
    if (await rest.count()) await tap(phone, rest)
  }
}

async function submit(phone, reason) {
  await tap(phone, button(phone, /^提交/))
  if (reason) await phone.page.getByLabel(/^为什么/).fill(reason)
  await tap(phone, button(phone, '确认提交', true))
}

async function receiptNo(phone) {
  await phone.page.getByText('编号', { exact: true }).waitFor()
  return phone.page.locator('dd').first().innerText()
}

const FIRMS = {
  wang: { name: '文水县晋水水泥有限公司', product: '水泥' },
  li: { name: '文水县汾河铸造厂', product: '铸件' },
  zhang: { name: '文水县吕梁电缆有限公司', product: '电线电缆' },
  zhao: { name: '文水县云周钢筋加工厂', product: '钢筋' },
  he: { name: '文水县马西塑料包装厂', product: '食品用塑料包装' },
  sun: { name: '文水县胡兰化肥有限公司', product: '化肥' },
  refused: { name: '文水县东庄小卖部', product: '插座', waits: true },
  waiting: { name: '文水县凤城五金厂', product: '钢筋', waits: true },
}

const server = await startServer(Object.values(FIRMS))
const browser = await openBrowser()
const phones = []
const phone = async (options) => {
  const p = await newPhone(browser, server.base, options)
  phones.push(p)
  return p
}

/** A phone in the hands of a new officer of a new firm: invited, signed in, list chosen. */
async function officerOf(firm, login, post = 'officer', label = '质量安全员', name = '王建国') {
  const p = await phone()
  const code = await server.invite(firm.name, post, name)
  await go(p, `/invite?code=${encodeURIComponent(code)}`)
  await p.page.getByText(label).waitFor()
  await p.page.getByLabel('给自己起一个账号').fill(login)
  await p.page.getByLabel('设一个密码').fill(PASSWORD)
  await p.page.getByLabel('密码再填一遍').fill(PASSWORD)
  return p
}

async function ready(firm, login) {
  const p = await officerOf(firm, login)
  await button(p, '开始使用', true).tap()
  await button(p, '选清单', true).tap()
  await button(p, '用这份清单', true).first().tap()
  await button(p, /开始今天检查/).waitFor()
  return p
}

const state = {}
const cases = [
  ['first sign-in by invitation, list from a template', async () => {
    const p = await officerOf(FIRMS.wang, 'e2e_wang')
    state.p = p
    await inspect(p, 'invite')
    await button(p, '开始使用', true).tap()
    await button(p, '选清单', true).waitFor()
    await inspect(p, 'today-no-list')
    await button(p, '选清单', true).tap()
    await p.page.getByText('和本单位产品对得上').waitFor()
    await inspect(p, 'list-pick')
    await button(p, '用这份清单', true).first().tap()
    await button(p, /开始今天检查/).waitFor()
    await inspect(p, 'today')
  }],
  ['a normal day within the taps', async () => {
    const p = state.p
    p.taps = 1 // opening the application
    await tap(p, button(p, /开始今天检查/))
    await items(p).first().waitFor()
    check((await p.page.locator('[aria-pressed=true]').count()) === 0, 'nothing preset')
    check((await button(p, '这一区其余都正常').count()) === 0, 'no button for the rest before the key items')
    await inspect(p, 'check')
    await answerAll(p)
    await tap(p, button(p, /^提交今天记录/))
    await p.page.getByText(/^今天\d+项: 正常\d+$/).waitFor()
    await inspect(p, 'confirm')
    await tap(p, button(p, '确认提交', true))
    state.number = await receiptNo(p)
    check(state.number.length > 3, 'a receipt number')
    await p.page.getByText('零风险报告', { exact: true }).waitFor()
    await inspect(p, 'receipt')
    console.log(`     taps of a normal day: ${p.taps}`)
    check(p.taps <= TAPS_OF_A_NORMAL_DAY, `at most ${TAPS_OF_A_NORMAL_DAY} taps, not ${p.taps}`)
  }],
  ['a second submission is a correction with reason, the first stays', async () => {
    const p = state.p
    await go(p, '/')
    await button(p, '更正今天的记录').tap()
    await items(p).first().waitFor()
    await items(p).last().getByRole('button', { name: '不适用' }).tap()
    await button(p, /^提交记录/).tap()
    await button(p, '确认提交', true).tap()
    await p.page.getByText('请写明原因').waitFor()
    await p.page.getByLabel(/^为什么更正/).fill('最后一项今天用不上')
    await inspect(p, 'correct')
    await button(p, '确认提交', true).tap()
    await p.page.getByText('更正，第 2 次记录').waitFor()
    check((await receiptNo(p)) !== state.number, 'a receipt of its own')
    await button(p, /的记录$/).tap()
    await p.page.getByText('最后一项今天用不上').waitFor()
    check((await p.page.locator('section.card').count()) === 2, 'both versions shown')
    check(await p.page.getByText(state.number).isVisible(), 'the first version stands')
    await inspect(p, 'record')
  }],
  ['a day with a problem: required fields, photo, hazard opened', async () => {
    const p = await ready(FIRMS.li, 'e2e_li')
    state.li = p
    await button(p, /开始今天检查/).tap()
    await items(p).first().getByRole('button', { name: '有问题' }).tap()
    await button(p, '记下这个问题').tap()
    await p.page.getByText('请写采取的防范措施').waitFor()
    await p.page.getByLabel(/^什么问题/).fill('砂箱裂了一道缝')
    await p.page.getByLabel(/^采取的防范措施/).fill('停用这个砂箱，换备用的')
    await p.page.locator('input[type=file]').setInputFiles({ name: 'IMG_1.png', mimeType: 'image/png', buffer: picture() })
    await p.page.getByAltText('第 1 张照片').waitFor()
    await button(p, /^较大/).tap()
    await p.page.getByLabel('谁来改').fill('李强')
    await inspect(p, 'finding')
    await button(p, '记下这个问题').tap()
    await p.page.getByText('砂箱裂了一道缝').waitFor()
    await answerAll(p)
    await submit(p)
    await receiptNo(p)
    await button(p, /已建立 1 个问题/).tap()
    await button(p, /砂箱裂了一道缝/).tap()
    const img = p.page.locator('figure img')
    await img.waitFor()
    await p.page.waitForFunction(() => document.querySelector('figure img')?.naturalWidth > 0)
    await p.page.getByText('停用这个砂箱，换备用的').waitFor()
    await inspect(p, 'hazard')
  }],
  ['a keyboard opens, walks and closes a sheet', async () => {
    const p = await ready(FIRMS.he, 'e2e_he')
    await button(p, /开始今天检查/).press('Enter')
    const bad = items(p).first().getByRole('button', { name: '有问题' })
    await bad.press('Enter')
    const sheet = p.page.getByRole('dialog')
    await sheet.waitFor()
    await p.page.waitForFunction(() => document.activeElement?.textContent === '有问题' && document.activeElement.tagName === 'H2')
    for (let i = 0; i < 14; i++) {
      await p.page.keyboard.press('Tab')
      check(await sheet.evaluate((el) => el.contains(document.activeElement)), 'the focus stays in the sheet')
    }
    await p.page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'hidden' })
    check(await bad.evaluate((el) => el === document.activeElement), 'the focus is back where it was')
    check((await p.page.locator('[aria-pressed=true]').count()) === 0, 'a closed sheet answers nothing')
  }],
  ['a reload midway and a lost network lose nothing; sent once when back', async () => {
    const p = await ready(FIRMS.zhang, 'e2e_zhang')
    await p.page.evaluate(() => navigator.serviceWorker.ready.then(() => true))
    await button(p, /开始今天检查/).tap()
    await items(p).first().getByRole('button', { name: /^正常/ }).tap()
    await p.page.getByText('已存在手机里').waitFor()
    const answered = items(p).first().locator('[aria-pressed=true]')
    await p.page.reload()
    await answered.waitFor()
    await p.context.setOffline(true)
    await p.page.reload()
    await answered.waitFor()
    await answerAll(p)
    await submit(p)
    await p.page.getByText('已存在手机里，联网后自动上传(1)').first().waitFor()
    await inspect(p, 'offline')
    await p.page.reload()
    await p.page.getByText('联网后自动上传，不用再填一遍').waitFor()
    await button(p, '回到今天').tap()
    await p.page.getByText('今天的检查已存在手机里').waitFor()
    await p.context.setOffline(false)
    await p.page.evaluate(() => window.dispatchEvent(new Event('online')))
    await p.page.getByText(/今天 .* 已完成/).waitFor()
    const versions = await server.dailyVersions(FIRMS.zhang.name, { login: 'e2e_zhang', password: PASSWORD })
    check(versions === 1, `one record on the server, not ${versions}`)
    await inspect(p, 'today-done')
  }],
  ['an answer lost on the way makes no second record', async () => {
    const p = await ready(FIRMS.sun, 'e2e_sun')
    state.sun = p
    const other = await phone()
    state.other = other
    await signIn(other, 'e2e_sun', PASSWORD)
    await button(other, /开始今天检查/).tap()
    await items(other).first().waitFor()
    await other.context.setOffline(true)
    let lost = 0
    await p.context.route('**/daily/*', async (route) => {
      if (route.request().method() !== 'POST' || lost > 0) return route.continue()
      lost += 1
      await route.fetch()
      await route.abort('connectionfailed')
    })
    await button(p, /开始今天检查/).tap()
    await answerAll(p)
    await submit(p)
    await receiptNo(p)
    check(lost === 1, 'the first answer was lost')
    const versions = await server.dailyVersions(FIRMS.sun.name, { login: 'e2e_sun', password: PASSWORD })
    check(versions === 1, `one record on the server, not ${versions}`)
  }],
  ['what the server refuses is shown with its reason and can be put right', async () => {
    const p = state.other
    await answerAll(p)
    await items(p).last().getByRole('button', { name: '不适用' }).tap()
    await submit(p)
    await p.page.getByText('联网后自动上传，不用再填一遍').waitFor()
    await p.context.setOffline(false)
    await p.page.evaluate(() => window.dispatchEvent(new Event('online')))
    await p.page.getByText('这一天已经提交过记录', { exact: false }).waitFor()
    await inspect(p, 'refused')
    await go(p, '/sync')
    await button(p, '打开修改').waitFor()
    await inspect(p, 'refused-list')
    await button(p, '打开修改').tap()
    await p.page.getByText('已提交的记录不会改动', { exact: false }).waitFor()
    check((await items(p).last().getByRole('button', { name: /^不适用/ }).getAttribute('aria-pressed')) === 'true', 'the answers are still there')
    await submit(p, '两部手机都查了，以这次为准')
    await p.page.getByText('更正，第 2 次记录').waitFor()
  }],
  ['a session that ended midway loses nothing', async () => {
    const p = state.other
    await go(p, '/')
    await button(p, '更正今天的记录').tap()
    await items(p).first().waitFor()
    await items(p).first().getByRole('button', { name: '不适用' }).tap()
    await p.context.clearCookies()
    await submit(p, '第一项也不适用')
    await p.page.getByText('登录已过期，请重新登录', { exact: false }).first().waitFor()
    await p.page.getByText('登录后自动上传(1)').waitFor()
    await inspect(p, 'expired')
    await p.page.getByLabel('账号').fill('e2e_sun')
    await p.page.getByLabel('密码').fill(PASSWORD)
    await button(p, '登录', true).tap()
    await p.page.getByText('更正，第 3 次记录').waitFor()
  }],
  ['a problem is solved step by step, with a photo', async () => {
    const p = state.li
    await go(p, '/hazards')
    await button(p, /砂箱裂了一道缝/).tap()
    await button(p, '改好了', true).tap()
    await p.page.getByRole('dialog').getByRole('button', { name: '改好了', exact: true }).tap()
    await p.page.getByText('请填写这一项').waitFor()
    await p.page.getByLabel(/怎么改的/).fill('换了新砂箱')
    await p.page.locator('input[type=file]').setInputFiles({ name: 'after.png', mimeType: 'image/png', buffer: picture(80) })
    await p.page.getByAltText('第 1 张照片').last().waitFor()
    await inspect(p, 'hazard-fix')
    await p.page.getByRole('dialog').getByRole('button', { name: '改好了', exact: true }).tap()
    await p.page.getByText('换了新砂箱').waitFor()
    await p.page.getByText('已整改').first().waitFor()
    check((await p.page.locator('figure img').count()) === 2, 'the photo before and the one after')
    await inspect(p, 'hazard-fixed')
    check((await button(p, '核实关闭').count()) === 0, 'who fixed a larger problem does not confirm it himself')
  }],
  ['the principal confirms what the officer fixed', async () => {
    const p = await officerOf(FIRMS.li, 'e2e_boss', 'principal', '主要负责人', '李厂长')
    await button(p, '开始使用', true).tap()
    await p.page.getByText('未解决的问题 1 个').waitFor()
    await button(p, /未解决的问题/).tap()
    await button(p, /砂箱裂了一道缝/).tap()
    await button(p, '核实关闭').tap()
    await p.page.getByLabel(/核实情况/).fill('看过了，新砂箱没有裂缝')
    await inspect(p, 'hazard-close')
    await p.page.getByRole('dialog').getByRole('button', { name: '核实关闭', exact: true }).tap()
    await p.page.getByText('看过了，新砂箱没有裂缝').waitFor()
    await go(p, '/hazards')
    await p.page.getByText('没有未解决的问题').waitFor()
    await button(p, '全部', true).tap()
    await button(p, /砂箱裂了一道缝/).waitFor()
  }],
  ['补录 of an earlier day asks for the reason and is marked', async () => {
    const p = state.p
    await go(p, '/')
    await button(p, /^补录/).first().tap()
    await items(p).first().waitFor()
    await answerAll(p)
    await submit(p, '当天停电')
    await receiptNo(p)
    await p.page.getByText('补记', { exact: true }).waitFor()
    await inspect(p, 'late')
    await go(p, '/calendar')
    await p.page.getByRole('button', { name: /补记/ }).first().waitFor()
    await inspect(p, 'calendar')
  }],
  ['停产停业 in one tap takes the day out', async () => {
    const p = await ready(FIRMS.zhao, 'e2e_zhao')
    await button(p, /今天停产/).tap()
    await button(p, '报备', true).waitFor()
    await inspect(p, 'stop')
    await button(p, '报备', true).tap()
    await p.page.getByText('已报备', { exact: true }).waitFor()
    await go(p, '/')
    await p.page.getByText(/已报备停产停业/).waitFor()
    check((await button(p, /开始今天检查/).count()) === 0, 'no check asked for')
    await inspect(p, 'today-stopped')
  }],
  ['a phone whose clock is days off offers the right day, and says its own time', async () => {
    const p = await phone()
    await p.page.clock.setSystemTime(Date.now() - 5 * 86_400_000)
    await signIn(p, 'e2e_he', PASSWORD)
    const right = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date())
    await go(p, '/stop')
    check((await p.page.getByLabel('从哪天').inputValue()) === right, `the stop begins on ${right}`)
    await go(p, '/')
    await button(p, /今天检查|接着查/).tap()
    await answerAll(p)
    await submit(p)
    await receiptNo(p)
    const [, taken, device] = await p.page.locator('dd').allInnerTexts()
    check(taken.split(' ')[0] !== device.split(' ')[0], `receive time ${taken} beside device time ${device}`)
  }],
  ['the other pages of a firm', async () => {
    const p = state.p
    for (const [path, text] of [
      ['/hazards', '还没解决的问题'], ['/files', '检查日历'], ['/list', '风险管控清单'], ['/list/edit', '存成新的一版'],
      ['/me', '退出登录'], ['/sync', '上传情况'], ['/password', '新密码'], ['/sessions', '这部设备'],
      ['/help', '怎么用'], ['/privacy', '隐私告知'],
    ]) {
      await go(p, path)
      await p.page.getByText(text).first().waitFor()
      await inspect(p, `page${path.replaceAll('/', '-')}`)
    }
  }],
  ['a changed list is a new edition and the next check uses it', async () => {
    const p = state.p
    await go(p, '/list/edit')
    await p.page.getByLabel('查什么').first().fill('端到端改过的一项')
    await button(p, '存成新的一版').tap()
    await p.page.getByText('第 2 版', { exact: false }).waitFor()
    await p.page.getByText('端到端改过的一项').waitFor()
  }],
  ['大字版', async () => {
    const p = await phone({ large: true })
    await signIn(p, 'e2e_wang', PASSWORD)
    for (const path of ['/', '/me', '/calendar', '/hazards']) {
      await go(p, path)
      await p.page.locator('h1').waitFor()
      await p.page.waitForTimeout(400)
      await shot(p, `large${path.replaceAll('/', '-')}`)
      await axe(p, `large ${path}`)
      await fits(p, `large ${path}`)
      if (path !== '/calendar') await targets(p, `large ${path}`, 60)
    }
    await signIn(await phone({ large: true }), 'e2e_he', PASSWORD)
    const he = phones[phones.length - 1]
    await button(he, '更正今天的记录').tap()
    await items(he).first().getByRole('button', { name: '有问题' }).tap()
    await he.page.getByLabel(/^什么问题/).waitFor()
    await he.page.waitForTimeout(400)
    await shot(he, 'large-finding')
    await axe(he, 'large finding')
    await fits(he, 'large finding')
    await targets(he, 'large finding', 60)
  }],
  ['signing out, and another account, leave nothing behind', async () => {
    const p = state.li
    await go(p, '/me')
    await button(p, '退出登录').tap()
    await p.page.locator('.van-dialog').getByRole('button', { name: '退出登录' }).tap()
    await p.page.getByLabel('账号').waitFor()
    const left = await p.page.evaluate(async () => {
      const db = await new Promise((r) => {
        const q = indexedDB.open('zhian-phone')
        q.onsuccess = () => r(q.result)
      })
      const counts = []
      for (const s of db.objectStoreNames) {
        counts.push(await new Promise((r) => {
          const q = db.transaction(s).objectStore(s).count()
          q.onsuccess = () => r(q.result)
        }))
      }
      db.close()
      return counts.reduce((a, b) => a + b, 0)
    })
    check(left === 0, `an empty local store, not ${left} rows`)
    await inspect(p, 'login')
    await p.page.getByLabel('账号').fill('e2e_li')
    await p.page.getByLabel('密码').fill('wrong-password-1')
    await button(p, '登录', true).tap()
    await p.page.getByRole('alert').waitFor()
  }],
  ['the inspector reviews a firm beside its paper archive', async () => {
    const firm = FIRMS.waiting
    const p = await phone()
    await signIn(p, server.inspector.login, server.inspector.password)
    await button(p, new RegExp(firm.name)).waitFor()
    await inspect(p, 'queue')
    await button(p, new RegExp(firm.name)).tap()
    await p.page.getByText('营业执照').first().waitFor()
    await inspect(p, 'review')
    await button(p, '改这一项').first().tap()
    await p.page.getByLabel('法定代表人/经营者').fill('赵改正')
    await inspect(p, 'edit')
    await button(p, '改好了', true).tap()
    await p.page.getByText('赵改正').first().waitFor()
    await button(p, '改这一项').first().tap()
    await p.page.getByLabel('法定代表人/经营者').fill('赵再改')
    await server.editFirm(firm.name, { legal_person: '别人改的' })
    await button(p, '改好了', true).tap()
    await p.page.getByText('别人改的', { exact: true }).waitFor()
    await inspect(p, 'edit-conflict')
    await button(p, '用我填的').tap()
    await button(p, '按选的保存').tap()
    await p.page.getByRole('heading', { name: '现场审核' }).waitFor()
    await p.page.getByText('赵再改').first().waitFor()
    await p.page.reload()
    const blocks = p.page.locator('section[id^=paper-]')
    await blocks.first().waitFor()
    for (const b of await blocks.all()) await b.getByRole('button', { name: /^一致/ }).tap()
    await blocks.nth(1).getByRole('button', { name: /^不一致/ }).tap()
    await p.page.getByLabel('哪里不一致').fill('门牌号不同')
    await p.page.getByText('草稿已存在手机里').waitFor()
    await p.page.reload()
    await blocks.first().waitFor()
    check((await p.page.locator('section[id^=paper-] [aria-pressed=true]').count()) === (await blocks.count()), 'the draft after a reload')
    await p.context.setOffline(true)
    await p.page.reload()
    await p.page.getByText('没有网络，下面是', { exact: false }).waitFor()
    await blocks.nth(1).getByRole('button', { name: /^不一致/ }).and(p.page.locator('[aria-pressed=true]')).waitFor()
    await inspect(p, 'review-offline')
    await p.context.setOffline(false)
    await p.page.reload()
    await blocks.first().waitFor()
    await p.page.locator('input[type=file]').setInputFiles({ name: 'scan.png', mimeType: 'image/png', buffer: picture() })
    await p.page.getByAltText('第 1 张照片').waitFor()
    await button(p, /^与纸质档案有出入/).tap()
    await p.page.getByLabel(/有出入的说明/).fill('营业执照门牌与实际不同')
    await p.page.getByLabel(/审核意见/).fill('情况属实，建议入库')
    await inspect(p, 'review-filled')
    await button(p, '提交审核').tap()
    await p.page.getByText('没有等现场审核的单位').or(p.page.getByText('等现场审核的单位')).first().waitFor()
    check((await button(p, new RegExp(firm.name)).count()) === 0, 'the firm has left the queue')
    check((await server.firmState(firm.name)) === 'reviewed', 'the firm is reviewed')
    await go(p, '/firms')
    await p.page.getByLabel('名称、代码或拼音首字母').fill(firm.name)
    await button(p, '查找').tap()
    await button(p, new RegExp(firm.name)).tap()
    await p.page.getByText('赵再改').waitFor()
    await inspect(p, 'firm')
    await go(p, '/hazards')
    await button(p, '全部', true).tap()
    await button(p, /砂箱裂了一道缝/).tap()
    await p.page.getByText('停用这个砂箱').waitFor()
    check((await button(p, '改好了').count()) === 0, 'hazards are read only for the authority')
  }],
  ['the inspector gives an entry back with a reason', async () => {
    const p = await phone()
    await signIn(p, server.inspector.login, server.inspector.password)
    await button(p, new RegExp(FIRMS.refused.name)).tap()
    await button(p, '退回', true).tap()
    const sheet = p.page.getByRole('dialog')
    await sheet.getByRole('button', { name: '退回', exact: true }).tap()
    await p.page.getByText('请选退回原因，或写一句说明').waitFor()
    await p.page.getByLabel('退回原因').selectOption({ label: '不在适用范围' })
    await inspect(p, 'return')
    await sheet.getByRole('button', { name: '退回', exact: true }).tap()
    await p.page.getByText('已退回', { exact: true }).waitFor()
    check((await server.firmState(FIRMS.refused.name)) === 'returned', 'the firm is returned')
  }],
  ['a browser that keeps nothing is told so instead of losing a check', async () => {
    const p = await phone()
    await p.context.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new Error('refused')
      }
    })
    await go(p, '/login')
    await p.page.getByLabel('账号').fill('wsq.officer')
    await p.page.getByLabel('密码').fill(server.inspector.password)
    await button(p, '登录', true).tap()
    await p.page.getByText('这个浏览器不让保存内容', { exact: false }).waitFor()
    check((await button(p, /开始今天检查|选清单/).count()) === 0, 'no check is begun there')
  }],
  ['every role finds its start page', async () => {
    for (const [login, text] of [
      ['wsq.officer', '今天查什么?'], ['wsq.principal', '今天查什么?'], ['ws.kaizha', '开栅镇'], ['ws', '文水县'],
      ['sysadmin', '管理员请在电脑上登录'],
    ]) {
      const p = await phone()
      await signIn(p, login, server.inspector.password)
      await p.page.getByText(text).first().waitFor()
      await inspect(p, `home-${login}`)
    }
  }],
  ['no request left the origin, no script or policy error', async () => {
    const faults = phones.flatMap((p) => p.faults)
    check(faults.length === 0, faults.join('\n'))
  }],
]

try {
  await run(cases, async () => {
    for (const [n, p] of phones.entries()) await shot(p, `failed-${n}`).catch(() => {})
  })
} finally {
  await browser.close()
  await server.stop()
}
