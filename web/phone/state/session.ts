/* Who is signed in, as the pages need it. Kept on the phone so that the application opens without a
 * network; the local store is claimed for the account at every sign-in and wiped at sign-out. */
import { reactive } from 'vue'
import { setCsrf } from '@shared/api'
import { setCodes, type CodeItem } from '@shared/codes'
import { asProblem } from '@shared/problem'
import { claim, keep, kept, release } from '@shared/offline'
import {
  code_lists,
  invite_look,
  invite_redeem,
  password_change,
  session_create,
  session_delete,
  session_end,
  session_get,
  session_list,
  site_get,
  type InviteFace,
  type SessionView,
} from '@generated/api'

export const session = reactive({
  in: false,
  /* was in, until the server said otherwise */
  expired: false,
  account: 0,
  name: '',
  login: '',
  roleName: '',
  unit: '',
  firm: 0,
  isFirm: false,
  mustChange: false,
  demo: false,
  demoAccounts: [] as { login: string; who: string; password: string }[],
  /* the server's clock minus the phone's, ms */
  skew: 0,
  /* from the phone's own store, or with a token the server no longer takes: to be asked again */
  unsure: false,
  can: new Set<string>(),
})

const KEPT = 'session'
// whose work is on the phone: only their demonstration accounts are offered here
const PHONE_ROLES = new Set(['principal', 'director', 'officer', 'inspector'])
const LEAVING = 'zhian.leaving'
let asked: Promise<void> | null = null

function fill(v: SessionView): void {
  setCsrf(v.csrf ?? '')
  const isFirm = v.kind === 'firm'
  Object.assign(session, {
    in: true,
    expired: false,
    skew: 0,
    unsure: false,
    account: v.account ?? 0,
    name: v.name ?? '',
    login: v.login ?? '',
    roleName: v.role_label ?? '',
    unit: (isFirm ? v.firm_name : v.org_name) ?? '',
    firm: v.firm ?? 0,
    isFirm,
    mustChange: v.must_change === true,
    demo: session.demo || v.demo === true,
    can: new Set((v.perms as string[] | null) ?? []),
  })
}

/* serverNow: the time as the server has it, ms. A phone's clock may be days off; dates offered to a
 * person follow the server, the phone's own time goes up beside a record as it is. */
export function serverNow(): number {
  return Date.now() + session.skew
}

/* enter makes the phone this account's before anything of it is shown. */
async function enter(v: SessionView): Promise<void> {
  await claim(String(v.account))
  await keep(KEPT, v)
  fill(v)
  if (v.now) session.skew = Date.parse(v.now) - Date.now()
  if (!session.mustChange) void readCodes()
}

async function readCodes(): Promise<void> {
  try {
    const got = await code_lists({})
    await keep('codes', got.lists)
    setCodes(got.lists as Record<string, CodeItem[]>)
  } catch {
    const old = await kept<Record<string, CodeItem[]>>('codes')
    if (old) setCodes(old.data)
  }
}

/* Without a network the phone goes on with the account it was last used by. */
async function enterOffline(): Promise<void> {
  const old = await kept<SessionView>(KEPT)
  if (!old) return
  fill(old.data)
  session.unsure = true
  const codes = await kept<Record<string, CodeItem[]>>('codes')
  if (codes) setCodes(codes.data)
}

/* Whether this is a demonstration has to be said before anybody has signed in. */
async function readSite(): Promise<void> {
  try {
    const got = await site_get({})
    session.demo = got.demo === true
    session.demoAccounts = (got.accounts ?? []).filter((a) => PHONE_ROLES.has(a.role ?? '')).map((a) => ({
      login: a.login ?? '',
      who: a.who ?? '',
      password: a.password ?? '',
    }))
  } catch {
    // without a network the kept session says it
  }
}

export async function refreshSession(): Promise<void> {
  if (!(await finishLeaving(false))) return
  try {
    await enter(await session_get({}))
  } catch (e) {
    const kind = asProblem(e).kind
    if (kind === 'signin') session.in = false
    else await enterOffline()
  }
}

/* ensureSession asks once per opened page. */
export function ensureSession(): Promise<void> {
  asked ??= Promise.all([readSite(), refreshSession()]).then(() => undefined)
  return asked
}

/* lostSession returns true when somebody was signed in here until now. */
export function lostSession(): boolean {
  const was = session.in
  session.expired = session.expired || was
  session.in = false
  return was
}

export async function signIn(login: string, password: string): Promise<void> {
  localStorage.removeItem(LEAVING)
  await enter(await session_create({ login, password }))
}

export function lookInvite(code: string): Promise<InviteFace> {
  return invite_look({ code })
}

export async function acceptInvite(input: { code: string; login: string; password: string }): Promise<void> {
  await enter(await invite_redeem(input))
}

/* signOut leaves nothing behind on the phone, even when the server cannot be reached: the server's
 * session is then ended before anything else at the next start. */
export async function signOut(): Promise<void> {
  localStorage.setItem(LEAVING, '1')
  await release()
  session.in = false
  session.expired = false
  await finishLeaving(true)
}

/* finishLeaving returns true when no sign-out is waiting any more. A page just opened has no token
 * yet and asks for one first. */
async function finishLeaving(hasToken: boolean): Promise<boolean> {
  if (!localStorage.getItem(LEAVING)) return true
  try {
    if (!hasToken) setCsrf((await session_get({})).csrf ?? '')
    await session_delete({})
  } catch (e) {
    if (asProblem(e).kind !== 'signin') return false
  }
  localStorage.removeItem(LEAVING)
  return true
}

export async function changePassword(old: string, fresh: string): Promise<void> {
  await password_change({ old_password: old, new_password: fresh })
  await refreshSession()
}

export async function loadSessions() {
  const got = await session_list({})
  return (got.items ?? []).map((s) => ({
    id: s.id ?? 0,
    device: [s.agent, s.ip].filter(Boolean).join(' · '),
    seen: s.seen ?? '',
    current: s.current === true,
  }))
}

export async function endSession(id: number): Promise<void> {
  await session_end({ session: id })
}
