// What pages need beside the session: the organ in charge, whether this is a demonstration, the
// code lists.
import { setCodes, type CodeItem } from '@shared/codes'
import { code_lists } from '@generated/api'

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

const KEY = 'zhian.site'

/** What the last session said of this installation, for the pages before signing in. */
export async function loadSite(): Promise<Site> {
  const none: Site = { demo: false, organ: '', accounts: [] }
  try {
    return { ...none, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Site>) }
  } catch {
    return none
  }
}

export function keepSite(demo: boolean, organ: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ demo, organ }))
  } catch {
    // Without storage the sign-in page simply does not name the organ.
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
