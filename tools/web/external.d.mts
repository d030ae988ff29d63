export function stripExternalUrls(css: string): string
export function stripExternalStrings(js: string): string
export function findExternal(text: string): string[]
