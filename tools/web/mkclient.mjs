// mkclient OPENAPI.json OUTDIR: writes the typed client (api.ts) and the field metadata (fields.ts)
// from the OpenAPI document that the binary generates from its operation and field tables.
//
// An operation's inputs are one flat object, as in its C struct: path, query and body members
// together. Functions carry the operationId, types the schema's name in PascalCase. Every export is
// a plain literal or arrow function, so a build keeps only what its pages name.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

const pascal = (s) => s.replace(/(^|[_.-])(\w)/g, (_m, _p, c) => c.toUpperCase())
const key = (s) => (/^[A-Za-z_$][\w$]*$/.test(s) ? s : JSON.stringify(s))
const refName = (ref) => ref.split('/').pop()
const kinds = (schema) => [schema.type ?? []].flat()

// Names of the schemas that have members; a reference to an empty one says nothing.
let known = new Set()

function baseType(schema) {
  if (schema.$ref) return known.has(refName(schema.$ref)) ? pascal(refName(schema.$ref)) : 'unknown'
  const variants = schema.oneOf ?? schema.anyOf ?? schema.allOf
  if (variants) return variants.map(tsType).join(schema.allOf ? ' & ' : ' | ')
  if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(' | ')
  const kind = kinds(schema).find((k) => k !== 'null')
  if (kind === 'array') return `${wrap(tsType(schema.items ?? {}))}[]`
  if (kind === 'integer' || kind === 'number') return 'number'
  if (kind === 'boolean') return 'boolean'
  if (kind === 'string') return 'string'
  if (kind === 'object' && schema.properties) return objectType(schema)
  return kind === 'object' ? 'Record<string, unknown>' : 'unknown'
}

const wrap = (t) => (/[|&]/.test(t) ? `(${t})` : t)

function tsType(schema) {
  const t = baseType(schema)
  return kinds(schema).includes('null') ? `${t} | null` : t
}

function member(name, schema, required) {
  const note = schema['x-label'] ?? schema.description
  const doc = note ? `  /** ${String(note).replace(/\*\//g, '')} */\n` : ''
  return `${doc}  ${key(name)}${required ? '' : '?'}: ${tsType(schema)}${required ? '' : ' | null'}\n`
}

function objectType(schema) {
  const req = new Set(schema.required ?? [])
  const rows = Object.entries(schema.properties ?? {}).map(([n, s]) => member(n, s, req.has(n)))
  return `{\n${rows.join('')}}`
}

function resolveRef(doc, schema) {
  if (!schema?.$ref) return schema
  return schema.$ref
    .slice(2)
    .split('/')
    .reduce((o, k) => o?.[k], doc)
}

function contentOf(part) {
  const content = part?.content ?? {}
  for (const type of ['application/json', 'multipart/form-data']) {
    if (content[type]) return { type, schema: content[type].schema ?? {} }
  }
  const type = Object.keys(content)[0]
  return type ? { type, schema: null } : null
}

/** One operation of the document as the generator needs it. */
function readOp(doc, path, method, row, shared) {
  const params = [...(shared ?? []), ...(row.parameters ?? [])].map((p) => resolveRef(doc, p))
  const body = contentOf(resolveRef(doc, row.requestBody))
  const okCode = Object.keys(row.responses ?? {}).find((c) => /^2/.test(c))
  const ok = contentOf(resolveRef(doc, row.responses?.[okCode]))
  return {
    name: row.operationId,
    help: row.summary ?? row.description ?? '',
    method: method.toUpperCase(),
    path: path.replace(/\{(\w+)\}/g, ':$1'),
    inPath: params.filter((p) => p.in === 'path'),
    inQuery: params.filter((p) => p.in === 'query'),
    body,
    upload: body?.type === 'multipart/form-data',
    answer: ok ? (ok.schema ? tsType(ok.schema) : null) : 'null',
  }
}

function paramMember(p) {
  const schema = { ...p.schema, 'x-label': p['x-label'] ?? p.schema?.['x-label'] ?? p.description }
  return member(p.name, schema, p.in === 'path' || p.required)
}

function inputType(doc, op) {
  const own = [...op.inPath, ...op.inQuery].map(paramMember).join('')
  const schema = op.body?.schema
  if (!schema) return `{\n${own}}`
  const flat = resolveRef(doc, schema)
  const req = new Set(flat.required ?? [])
  const taken = new Set([...op.inPath, ...op.inQuery].map((p) => p.name))
  const isFile = (s) => s.format === 'binary' || s.contentMediaType
  const rows = Object.entries(flat.properties ?? {})
    .filter(([n, s]) => !taken.has(n) && !(op.upload && isFile(s)))
    .map(([n, s]) => member(n, s, req.has(n)))
  return `{\n${own}${rows.join('')}}`
}

const names = (list) => `[${list.map((p) => JSON.stringify(p.name)).join(', ')}]`

function opText(doc, op) {
  const type = `${pascal(op.name)}Input`
  const row = `{ name: '${op.name}', method: '${op.method}', path: '${op.path}', inPath: ${names(op.inPath)}, inQuery: ${names(op.inQuery)} }`
  const out = [`export interface ${type} ${inputType(doc, op)}`, `export const op_${op.name}: Op = ${row}`]
  const doc1 = `/** ${op.help.replace(/\*\//g, '')} */\n`
  if (op.answer === null) return out.join('\n')
  const fn = op.upload
    ? `(input: ${type}, file: Blob, name: string, o?: UploadOptions) => upload<${op.answer}>(op_${op.name}, input, file, name, o)`
    : `(input: ${type}, o?: CallOptions) => call<${op.answer}>(op_${op.name}, input, o)`
  out.push(`${doc1}export const ${op.name} = ${fn}`)
  return out.join('\n')
}

function fieldType(schema) {
  const kind = kinds(schema).find((k) => k !== 'null')
  if (schema['x-type']) return schema['x-type']
  if (schema['x-codes']) return kind === 'array' ? 'codes' : 'code'
  if (schema.format === 'date') return 'day'
  if (schema.format === 'date-time') return 'time'
  const plain = { integer: 'int', number: 'money', boolean: 'bool', array: 'list', object: 'json' }
  return plain[kind] ?? 'text'
}

function fieldMeta(name, schema, required) {
  const m = { name, label: schema['x-label'] ?? schema.description ?? name, type: fieldType(schema) }
  const max = schema['x-max'] ?? schema.maxLength ?? schema.maxItems ?? schema.maximum
  if (max) m.max = max
  if (schema['x-codes']) m.codes = schema['x-codes']
  if (required) m.required = true
  for (const flag of ['lines', 'private', 'secret']) if (schema[`x-${flag}`]) m[flag] = true
  if (schema.readOnly) m.readonly = true
  return m
}

function fieldsText(name, schema) {
  const req = new Set(schema.required ?? [])
  const rows = Object.entries(schema.properties ?? {}).map(
    ([n, s]) => `  ${key(n)}: ${JSON.stringify(fieldMeta(n, s, req.has(n)))},\n`
  )
  return `export const fields_${name.replace(/\W/g, '_')} = {\n${rows.join('')}} satisfies Fields\n`
}

/** The generated modules' texts, by file name. */
export function generate(doc) {
  const schemas = Object.entries(doc.components?.schemas ?? {})
  known = new Set(schemas.map(([n]) => n))
  const ops = []
  for (const [path, item] of Object.entries(doc.paths ?? {})) {
    for (const m of METHODS) if (item[m]?.operationId) ops.push(readOp(doc, path, m, item[m], item.parameters))
  }
  const types = schemas.map(([n, s]) =>
    s.properties ? `export interface ${pascal(n)} ${objectType(s)}` : `export type ${pascal(n)} = ${tsType(s)}`
  )
  const head = '// Generated from the operation and field tables. Do not edit.\n'
  const api =
    `${head}import { call, upload, type CallOptions, type Op, type UploadOptions } from '../shared/api'\n\n` +
    `void upload\n\n${types.join('\n\n')}\n\n${ops.map((o) => opText(doc, o)).join('\n\n')}\n`
  const fields =
    `${head}import type { Fields } from '../shared/fields'\n\n` +
    schemas.filter(([, s]) => s.properties).map(([n, s]) => fieldsText(n, s)).join('\n')
  return { 'api.ts': api, 'fields.ts': fields }
}

function main([input, outDir]) {
  if (!input || !outDir) {
    console.error('usage: mkclient OPENAPI.json OUTDIR')
    return 2
  }
  mkdirSync(outDir, { recursive: true })
  const files = generate(JSON.parse(readFileSync(input, 'utf8')))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(outDir, name), text)
  return 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(main(process.argv.slice(2)))
