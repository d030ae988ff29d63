// Any list of the server as a file: its own operation, with what the page asks for now.
import { export_list } from '@generated/api'
import { t } from '../texts'
import type { Exporter, ListSource } from './types'

export const listExporter = (source: ListSource): Exporter => ({
  choices: Object.entries(t.list.exports).map(([key, label]) => ({ key, label })),
  async start(format, q) {
    const { org, ...filters } = { ...source.filters, ...q.filters }
    const made = await export_list({
      list: source.list, format, org: org ? Number(org) : source.org, q: q.q || null, sort: q.sort || null,
      columns: q.columns.join(',') || null, filters,
    })
    return made.job ?? 0
  },
})
