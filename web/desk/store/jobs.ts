// Long work on the server: reading its state, cancelling it.
import { opUrl } from '@shared/api'
import { job_cancel, job_get, job_list, op_job_download, type JobView as ServerJob } from '@generated/api'

export interface JobView {
  id: number
  kind: string
  state: string
  title: string
  done: number
  total: number
  message: string
  created: string
  /** address of the result, '' when there is none (yet) */
  file: string
  /** figures the job left */
  result: Record<string, number>
}

export function jobOf(j: ServerJob): JobView {
  const id = j.id ?? 0
  return {
    id,
    kind: j.kind ?? '',
    state: j.state ?? '',
    title: j.title ?? '',
    done: j.done ?? 0,
    total: j.total ?? 0,
    message: j.message ?? '',
    created: j.created ?? '',
    file: j.has_file ? opUrl(op_job_download, { job: id }) : '',
    result: (j.result ?? {}) as Record<string, number>,
  }
}

/** Nothing more will happen to it without somebody's word. */
export const jobEnded = (j: JobView): boolean => !['queued', 'running'].includes(j.state)

export const readJob = async (id: number): Promise<JobView> => jobOf(await job_get({ job: id }))
export const cancelJob = (id: number) => job_cancel({ job: id })
export const readJobs = async (signal?: AbortSignal): Promise<JobView[]> =>
  ((await job_list({}, { signal })).items ?? []).map(jobOf)
