// Responsible persons of a firm and their invitations.
import {
  invite_create, invite_withdraw, person_create, person_end, person_list, person_unmask, type InviteMade,
  type PersonCreateInput, type PersonView,
} from '@generated/api'
import type { Values } from './api'

export type { InviteMade, PersonView }

export const readPeople = async (firm: number, signal?: AbortSignal): Promise<PersonView[]> =>
  (await person_list({ firm }, { signal })).items ?? []
export const addPerson = (firm: number, v: Values) => person_create({ firm, ...v } as PersonCreateInput)
export const endPerson = (firm: number, person: number, to_day: string, reason: string) =>
  person_end({ firm, person, to_day, reason })
export const unmaskPerson = (firm: number, person: number, purpose: string) => person_unmask({ firm, person, purpose })
export const invitePerson = (firm: number, post: string, person: string, phone: string | null): Promise<InviteMade> =>
  invite_create({ firm, post, person, phone })
export const withdrawInvite = (firm: number, invite: number) => invite_withdraw({ firm, invite })
