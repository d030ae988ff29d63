import { describe, expect, it } from 'vitest'
import ts from 'typescript'
import { generate } from '../../tools/web/mkclient.mjs'

const doc = {
  openapi: '3.1.0',
  components: {
    schemas: {
      firm_edit: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', 'x-label': '单位名称', 'x-max': 120 },
          entry_reason: { type: 'array', items: { type: 'string' }, 'x-codes': 'entry_reason', 'x-label': '录入原因' },
          revenue: { type: ['number', 'null'], 'x-label': '年营业收入' },
          since: { type: ['string', 'null'], format: 'date', 'x-label': '起' },
        },
      },
      firm_view: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'integer', 'x-label': '编号' },
          products: { type: 'array', items: { $ref: '#/components/schemas/product' } },
        },
      },
      product: { type: 'object', properties: { name: { type: 'string' } } },
    },
  },
  paths: {
    '/api/v1/firms/{firm}': {
      get: {
        operationId: 'firm_get',
        summary: 'One firm',
        parameters: [{ name: 'firm', in: 'path', required: true, schema: { type: 'integer' } }],
        responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/firm_view' } } } } },
      },
      put: {
        operationId: 'firm_edit',
        summary: 'Change a firm',
        parameters: [
          { name: 'firm', in: 'path', required: true, schema: { type: 'integer' } },
          { name: 'dry', in: 'query', schema: { type: 'boolean' } },
        ],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/firm_edit' } } } },
        responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/firm_view' } } } } },
      },
    },
    '/api/v1/imports': {
      post: {
        operationId: 'import_upload',
        summary: 'Upload',
        requestBody: {
          content: {
            'multipart/form-data': {
              schema: {
                type: 'object',
                required: ['kind'],
                properties: { kind: { type: 'string' }, file: { type: 'string', format: 'binary' } },
              },
            },
          },
        },
        responses: { 202: { content: { 'application/json': { schema: { $ref: '#/components/schemas/firm_view' } } } } },
      },
    },
  },
}

describe('mkclient', () => {
  const out = generate(doc)

  it('writes one function and one flat input per operation', () => {
    expect(out['api.ts']).toContain("path: '/api/v1/firms/:firm', inPath: [\"firm\"], inQuery: [\"dry\"]")
    expect(out['api.ts']).toMatch(/interface FirmEditInput \{\s+firm: number/)
    expect(out['api.ts']).toMatch(/name: string\n/)
    expect(out['api.ts']).toContain('call<FirmView>(op_firm_edit, input, o)')
    expect(out['api.ts']).toContain('products?: Product[] | null')
  })

  it('makes multipart operations uploads and keeps the file out of the input', () => {
    expect(out['api.ts']).toContain('upload<FirmView>(op_import_upload, input, file, name, o)')
    const input = /interface ImportUploadInput \{([^}]*)\}/.exec(out['api.ts'])
    expect(input?.[1]).toContain('kind: string')
    expect(input?.[1]).not.toContain('file')
  })

  it('writes the labels, limits and code lists', () => {
    expect(out['fields.ts']).toContain('"label":"单位名称","type":"text","max":120,"required":true')
    expect(out['fields.ts']).toContain('"type":"codes","codes":"entry_reason"')
    expect(out['fields.ts']).toContain('"type":"money"')
    expect(out['fields.ts']).toContain('"type":"day"')
  })

  it('writes TypeScript that parses', () => {
    for (const text of Object.values(out)) {
      const r = ts.transpileModule(text, { reportDiagnostics: true })
      expect(r.diagnostics).toEqual([])
    }
  })
})
