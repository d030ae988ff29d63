// What pages need beside the session: the organ in charge, whether this is a demonstration, the
// code lists.
import { setCodes, type CodeItem } from '@shared/codes'
import { code_lists, site_get } from '@generated/api'

export interface DemoAccount {
  login: string
  name: string
  password: string
}

export interface Site {
  demo: boolean
  organ: string
  accounts: DemoAccount[]
}

/** Read before signing in; a server that does not answer leaves the page without these. */
export async function loadSite(): Promise<Site> {
  try {
    const site = await site_get({})
    const accounts = (site.accounts ?? []).map((a) => ({
      login: a.login ?? '',
      name: [a.who, a.name].filter(Boolean).join(' '),
      password: a.password ?? '',
    }))
    return { demo: !!site.demo, organ: site.organ ?? '', accounts }
  } catch {
    return { demo: false, organ: '', accounts: [] }
  }
}

export async function loadCodes(): Promise<void> {
  try {
    const all = await code_lists({})
    setCodes((all.lists ?? {}) as Record<string, CodeItem[]>)
  } catch {
    // Codes are then shown as they are; the page itself must not fail for it.
  }
}
