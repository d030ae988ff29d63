// Removes what would make a page ask another origin: absolute and protocol-relative url() in style
// sheets, and the documentation links that libraries keep inside their error texts.

const SRC_PART = /,?\s*url\(\s*(['"]?)(?:https?:)?\/\/[^)]*\1\s*\)(?:\s*format\([^)]*\))?/g

/** Style text without any absolute or protocol-relative url(). */
export function stripExternalUrls(css) {
  return css
    .replace(SRC_PART, '')
    .replace(/(src|background(?:-image)?)\s*:\s*(?=[;}])/g, '')
    .replace(/@import\s+(['"])(?:https?:)?\/\/[^;]*;/g, '')
}

// XML namespace names are identifiers the DOM wants verbatim; nothing fetches them.
const NAMESPACES = new Set([
  'http://www.w3.org/2000/svg',
  'http://www.w3.org/1998/Math/MathML',
  'http://www.w3.org/1999/xlink',
  'http://www.w3.org/1999/xhtml',
  'http://www.w3.org/XML/1998/namespace',
])

/** Script text in which a link inside a string is cut down to nothing. */
export function stripExternalStrings(js) {
  return js.replace(/https?:\/\/[A-Za-z0-9.-]+\.[a-z]{2,}[^\s"'`\\)<>,;]*/g, (url) =>
    NAMESPACES.has(url) ? url : ''
  )
}

/** Every absolute URL left in a text, namespaces aside. */
export function findExternal(text) {
  const found = []
  for (const m of text.matchAll(/(?:https?:)\/\/[A-Za-z0-9.-]+\.[a-z]{2,}[^\s"'`\\)<>,;]*/g)) {
    if (!NAMESPACES.has(m[0])) found.push(m[0])
  }
  for (const m of text.matchAll(/(?:url\(\s*['"]?|(?:src|href)=["'])(\/\/[^)"']+)/g)) found.push(m[1])
  return found
}
