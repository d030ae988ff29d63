// What the checks of C sources share: finding files, and reading C without comments or literals.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

function* walk(dir) {
  for (const name of readdirSync(dir).sort()) {
    const path = join(dir, name)
    if (statSync(path).isDirectory()) yield* walk(path)
    else yield path
  }
}

/** Files below a folder whose name matches, as {path (from the root), text}. */
export function sources(folder, pattern) {
  return [...walk(join(root, folder))]
    .filter((p) => pattern.test(p))
    .map((p) => ({ path: relative(root, p), text: readFileSync(p, 'utf8') }))
}

const LEXEMES = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g
const blank = (s) => s.replace(/[^\n]/g, ' ')

/** C text in which comments are blanks; every line keeps its number. */
export const withoutComments = (text) => text.replace(LEXEMES, (m) => (m[0] === '/' ? blank(m) : m))

/** C text in which comments, literals and preprocessor lines are blanks. */
export function bare(text) {
  return text
    .replace(LEXEMES, (m) => (m[0] === '/' ? blank(m) : `${m[0]}${blank(m.slice(1, -1))}${m[0]}`))
    .replace(/^[ \t]*#(?:[^\n]*\\\n)*[^\n]*/gm, blank)
}

/** String literals of a C text: [{line, text}]. */
export function literals(text) {
  const out = []
  for (const m of text.matchAll(LEXEMES)) {
    if (m[0][0] === '"') out.push({ line: lineAt(text, m.index), text: m[0].slice(1, -1) })
  }
  return out
}

export const lineAt = (text, index) => text.slice(0, index).split('\n').length

/** Prints findings and the closing count; the exit code. */
export function report(name, findings, note = '') {
  if (findings.length) console.error(findings.join('\n'))
  console.log(`${name}: ${findings.length} found${note ? `; ${note}` : ''}`)
  return findings.length ? 1 : 0
}
