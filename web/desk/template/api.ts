import { template_get, template_list, template_publish, type TemplateView } from '@generated/api'

export type { TemplateView }

export const readTemplates = async (signal?: AbortSignal): Promise<TemplateView[]> =>
  (await template_list({}, { signal })).items ?? []
export const readVersions = async (name: string, signal?: AbortSignal): Promise<TemplateView[]> =>
  (await template_list({ name }, { signal })).items ?? []
export const readTemplate = (template: string, version: number | null, signal?: AbortSignal): Promise<TemplateView> =>
  template_get({ template, version }, { signal })
export const publish = (from: TemplateView, title: string, body: unknown, reason: string): Promise<TemplateView> =>
  template_publish({ template: from.name ?? '', title, body, reason, from_version: from.version ?? 0 })
