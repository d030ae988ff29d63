// One's own sign-ins.
import { session_end, session_list } from '@generated/api'

export interface SignIn {
  id: number
  created: string
  seen: string
  ip: string
  agent: string
  here: boolean
}

export async function readSessions(signal?: AbortSignal): Promise<SignIn[]> {
  const page = await session_list({}, { signal })
  return (page.items ?? []).map((s) => ({
    id: s.id ?? 0,
    created: s.created ?? '',
    seen: s.seen ?? '',
    ip: s.ip ?? '',
    agent: s.agent ?? '',
    here: !!s.current,
  }))
}

export async function endSession(id: number): Promise<void> {
  await session_end({ session: id })
}
