// Who is signed in, what he may do, and what happens when the session ends under a page: the page
// stays, a sign-in dialog comes over it.
import { defineStore } from 'pinia'
import { onSessionLost, setCsrf } from '@shared/api'
import { ApiProblem } from '@shared/problem'
import { password_change, session_create, session_delete, session_get, type SessionView } from '@generated/api'
import { loadCodes, loadSite, type DemoAccount } from './site'

interface State {
  view: SessionView | null
  /** the session ended while a page was open */
  lost: boolean
  asked: boolean
  demo: boolean
  organ: string
  demoAccounts: DemoAccount[]
}

export const useSession = defineStore('session', {
  state: (): State => ({ view: null, lost: false, asked: false, demo: false, organ: '', demoAccounts: [] }),
  getters: {
    in: (s) => !!s.view,
    account: (s) => s.view?.account ?? 0,
    login: (s) => s.view?.login ?? '',
    name: (s) => s.view?.name ?? '',
    role: (s) => s.view?.role ?? '',
    roleLabel: (s) => s.view?.role_label ?? '',
    org: (s) => s.view?.org ?? 0,
    orgName: (s) => s.view?.org_name ?? '',
    area: (s) => s.view?.area ?? '',
    level: (s) => s.view?.level ?? 0,
    mustChange: (s) => !!s.view?.must_change,
    today: (s) => s.view?.today ?? '',
    can: (s) => {
      const perms = new Set(Array.isArray(s.view?.perms) ? (s.view.perms as string[]) : [])
      return (perm: string) => perms.has(perm)
    },
  },
  actions: {
    /** Asks once who is signed in; pages wait for it. */
    async ready(): Promise<void> {
      if (this.asked) return
      this.asked = true
      onSessionLost(() => {
        if (this.view) this.lost = true
      })
      const site = await loadSite()
      this.demo = site.demo
      this.organ = site.organ
      this.demoAccounts = site.accounts
      await this.refresh()
    },
    async refresh(): Promise<void> {
      try {
        await this.take(await session_get({}))
      } catch (e) {
        if (!(e instanceof ApiProblem) || e.kind !== 'signin') this.asked = false
        this.view = null
      }
    },
    async take(v: SessionView): Promise<void> {
      setCsrf(v.csrf ?? '')
      this.view = v
      this.demo = this.demo || !!v.demo
      this.organ = v.organ || this.organ
      if (!v.must_change) await loadCodes()
    },
    async signIn(login: string, password: string): Promise<void> {
      const before = this.view?.account
      const v = await session_create({ login, password })
      await this.take(v)
      // Another person must not go on in a page that was read for the first one.
      if (this.lost && before !== v.account) location.replace('/')
    },
    /** The dialog over a page is done: the page goes on. */
    found(): void {
      this.lost = false
    },
    /** The dialog was closed without signing in. */
    leave(): void {
      this.view = null
      this.lost = false
      location.replace('/')
    },
    async signOut(): Promise<void> {
      try {
        await session_delete({})
      } finally {
        this.view = null
        location.replace('/')
      }
    },
    async changePassword(old: string, fresh: string): Promise<void> {
      await password_change({ old_password: old, new_password: fresh })
      await this.refresh()
    },
  },
})
