export function generate(doc: unknown): Record<'api.ts' | 'fields.ts', string>
