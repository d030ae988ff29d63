// Authorities, areas and accounts as the system pages use them.
import {
  account_create, account_disable, account_grant, op_account_list, account_reset, account_unlock, org_create,
  org_edit, org_list, type AccountCreateInput, type AccountMade, type OrgCreateInput, type OrgEditInput,
  type OrgView,
} from '@generated/api'
import { serverList } from '../list/reader'

type Values = Record<string, unknown>

export interface OrgRow {
  id: number
  parent: number
  name: string
  shortName: string
  level: number
  area: string
  areas: string[]
  firms: number
  validFrom: string
  validTo: string
  version: number
}

function orgOf(o: OrgView): OrgRow {
  return {
    id: o.id ?? 0,
    parent: o.parent ?? 0,
    name: o.name ?? '',
    shortName: o.short_name ?? '',
    level: o.level ?? 0,
    area: o.area ?? '',
    areas: (o.areas ?? '').split(',').filter(Boolean),
    firms: o.firms ?? 0,
    validFrom: o.valid_from ?? '',
    validTo: o.valid_to ?? '',
    version: o.version ?? 0,
  }
}

/** Without a parent: one's own authority (or the top of the tree) and its children. */
export const readOrgs = async (parent: number | null, signal?: AbortSignal): Promise<OrgRow[]> =>
  ((await org_list({ parent }, { signal })).items ?? []).map(orgOf)

export const readChildren = async (parent: number): Promise<OrgRow[]> =>
  (await readOrgs(parent)).filter((o) => o.id !== parent)

export const findOrgs = async (q: string): Promise<OrgRow[]> => ((await org_list({ q })).items ?? []).map(orgOf)

export const addOrg = (parent: OrgRow, v: Values) =>
  org_create({ ...v, parent: parent.id } as unknown as OrgCreateInput)
export const saveOrg = (org: OrgRow, v: Values) =>
  org_edit({ ...v, org: org.id } as OrgEditInput, { ifMatch: String(org.version) })

export interface AccountRow {
  id: number
  login: string
  name: string
  role: string
  state: string
  locked: boolean
}

export const accountReader = () => serverList(op_account_list, {})

/** Locked is a fact of the clock: an end in the past locks nobody. */
function lockedNow(until: unknown): boolean {
  if (until === null || until === undefined || until === '') return false
  return new Date(until as string | number).getTime() > Date.now()
}

export function accountOf(r: Values): AccountRow {
  return {
    id: Number(r.id ?? 0),
    login: String(r.login ?? ''),
    name: String(r.name ?? ''),
    role: String(r.role ?? ''),
    state: String(r.state ?? ''),
    locked: lockedNow(r.locked_until),
  }
}

export const addAccount = (v: Values): Promise<AccountMade> => account_create(v as unknown as AccountCreateInput)
export const resetPassword = (a: AccountRow): Promise<AccountMade> => account_reset({ account: a.id })

export const grantAccount = (a: AccountRow, role: string, reason: string) =>
  account_grant({ account: a.id, role, reason: reason || null })
export const disableAccount = (a: AccountRow, reason: string) => account_disable({ account: a.id, reason })
export const unlockAccount = (a: AccountRow, reason: string) => account_unlock({ account: a.id, reason })
