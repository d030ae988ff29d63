// What an API case expects of an answer. An object expects its members and lets others be; an array
// expects as many elements. Special objects: {"$len": n} {"$any": x} (some element) {"$all": x}
// (every element) {"$none": x} {"$re": "…"} {"$gte": n} {"$lte": n} {"$ne": x} {"$type": "string"}.

const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v)
const show = (v) => (v === undefined ? 'nothing' : JSON.stringify(v)).slice(0, 300)
const holds = (got, want) => differences(got, want).length === 0

const SPECIAL = {
  $len: (got, n) => got?.length === n,
  $any: (got, want) => Array.isArray(got) && got.some((g) => holds(g, want)),
  $all: (got, want) => Array.isArray(got) && got.every((g) => holds(g, want)),
  $none: (got, want) => !Array.isArray(got) || !got.some((g) => holds(g, want)),
  $re: (got, re) => typeof got === 'string' && new RegExp(re, 'u').test(got),
  $gte: (got, n) => typeof got === 'number' && got >= n,
  $lte: (got, n) => typeof got === 'number' && got <= n,
  $ne: (got, want) => !holds(got, want),
  $type: (got, t) => (Array.isArray(got) ? 'array' : got === null ? 'null' : typeof got) === t,
}

function special(got, want, at) {
  return Object.entries(want).flatMap(([k, v]) =>
    SPECIAL[k](got, v) ? [] : [`${at}: ${k} ${show(v)} does not hold for ${show(got)}`]
  )
}

/** The ways in which got is not what is wanted, each as a line. */
export function differences(got, want, at = '$') {
  if (isObject(want)) {
    const keys = Object.keys(want)
    if (keys.length && keys.every((k) => k in SPECIAL)) return special(got, want, at)
    if (!isObject(got)) return [`${at}: expected an object, got ${show(got)}`]
    return keys.flatMap((k) => differences(got[k], want[k], `${at}.${k}`))
  }
  if (Array.isArray(want)) {
    if (!Array.isArray(got) || got.length !== want.length) {
      return [`${at}: expected ${want.length} elements, got ${show(got)}`]
    }
    return want.flatMap((w, i) => differences(got[i], w, `${at}[${i}]`))
  }
  return Object.is(got, want) ? [] : [`${at}: expected ${show(want)}, got ${show(got)}`]
}

/** The value at a path such as "$.items[0].id" or "a.b"; undefined when there is none. */
export function valueAt(body, path) {
  const parts = path.replace(/^\$\.?/, '').match(/[^.[\]]+/g) ?? []
  return parts.reduce((v, k) => (v === null || v === undefined ? undefined : v[k]), body)
}

/** A value with every "{{name}}" replaced; a string that is nothing else keeps the value's type. */
export function substitute(value, vars) {
  if (Array.isArray(value)) return value.map((v) => substitute(v, vars))
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([k, v]) => [substitute(k, vars), substitute(v, vars)])
    )
  }
  if (typeof value !== 'string') return value
  const need = (name) => {
    if (!(name in vars)) throw new Error(`nothing was saved as ${name}`)
    return vars[name]
  }
  const whole = value.match(/^\{\{(\w+)\}\}$/)
  return whole ? need(whole[1]) : value.replace(/\{\{(\w+)\}\}/g, (_m, n) => String(need(n)))
}
