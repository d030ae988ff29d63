/* Whose data the phone holds. One account at a time: when another account signs in, or the
 * account signs out, everything local is wiped before anything else happens. */
import { store, wipe } from './store'

const OWNER = 'owner'

export async function currentOwner(): Promise<string | null> {
  return (await (await store()).get('meta', OWNER)) ?? null
}

/* claim makes the store belong to that account; returns true when another account's data had to
 * be wiped for it. */
export async function claim(account: string): Promise<boolean> {
  const held = await currentOwner()
  if (held === account) return false
  if (held !== null) await wipe()
  await (await store()).put('meta', account, OWNER)
  return held !== null
}

export async function release(): Promise<void> {
  await wipe()
}

/* pendingOf tells the sign-in page what signing in as somebody else would delete. */
export async function pendingOf(): Promise<{ owner: string | null; count: number }> {
  const rows = await (await store()).getAll('outbox')
  return { owner: await currentOwner(), count: rows.filter((r) => r.state !== 'sent').length }
}
