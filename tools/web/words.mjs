// Words that must not reach a user (the product's anti-formalism rules): scans catalogues,
// components, built assets, shipped data and the names of operations and columns.
// Exit 1 with one line per finding. Exceptions are rows of words.json with a reason.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const rules = JSON.parse(readFileSync(join(root, 'tools/web/words.json'), 'utf8'))

function* walk(dir, pattern) {
  if (!existsSync(dir)) return
  for (const name of readdirSync(dir)) {
    if (name === 'node_modules') continue
    const path = join(dir, name)
    if (statSync(path).isDirectory()) yield* walk(path, pattern)
    else if (pattern.test(name)) yield path
  }
}

function excused(line, at, word) {
  return rules.allow.some((a) => {
    const i = a.word === word ? line.lastIndexOf(a.within, at) : -1
    return i >= 0 && at < i + a.within.length
  })
}

/** Findings of the words in a text: [{line, word}]. Quotations of law (law.* keys) are exempt. */
export function findWords(text, words) {
  const found = []
  text.split('\n').forEach((line, n) => {
    if (/^\s*["']?law\./.test(line)) return
    for (const word of words) {
      const at = line.indexOf(word)
      if (at >= 0 && !excused(line, at, word)) found.push({ line: n + 1, word })
    }
  })
  return found
}

/** Forbidden identifier tokens among names such as firm_get or :org. */
export function findTokens(text, tokens) {
  const found = []
  text.split('\n').forEach((line, n) => {
    for (const name of line.match(/[a-z][a-z0-9]*(?:_[a-z0-9]+)*/g) ?? []) {
      const hit = tokens.find((t) => `_${name}_`.includes(`_${t}_`))
      if (hit) found.push({ line: n + 1, word: hit })
    }
  })
  return found
}

const SCANS = [
  ['web/shared', /\.(ts|vue)$/, [...rules.never, ...rules.tone]],
  ['web/desk', /\.(ts|vue)$/, [...rules.never, ...rules.tone]],
  ['web/phone', /\.(ts|vue)$/, [...rules.never, ...rules.tone, ...rules.phone]],
  ['web/generated', /\.ts$/, rules.never],
  ['web/dist', /\.(js|css|html|webmanifest)$/, rules.never],
  ['data', /\.json$/, rules.never],
  ['src', /\.(c|h|def|sql)$/, [...rules.never, ...rules.tone.filter((w) => w !== '！')]],
]

function main() {
  const out = []
  const say = (path, f) => out.push(`${relative(root, path)}:${f.line}: ${f.word}`)
  for (const [dir, pattern, words] of SCANS) {
    for (const path of walk(join(root, dir), pattern)) {
      if (/\.test\.ts$/.test(path)) continue
      for (const f of findWords(readFileSync(path, 'utf8'), words)) say(path, f)
    }
  }
  for (const path of walk(join(root, 'src/feature'), /^(ops|fields)\.def$/)) {
    for (const f of findTokens(readFileSync(path, 'utf8'), rules.tokens)) say(path, f)
  }
  for (const path of walk(join(root, 'src/sql'), /\.sql$/)) {
    const text = readFileSync(path, 'utf8').replace(/--[^\n]*/g, '')
    for (const f of findTokens(text, rules.tokens)) say(path, f)
  }
  if (out.length) console.error(out.join('\n'))
  console.log(`words: ${out.length} forbidden`)
  return out.length ? 1 : 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(main())
