import { describe, expect, it, vi } from 'vitest'
import { queryFrom, queryTo } from '../desk/list/useList'
import { serverList } from '../desk/list/reader'
import { emptyQuery } from '../desk/list/types'
import { applies, paperComplete, type Paper } from '../desk/review/paper'
import { menuFor } from '../desk/menu'

describe('a list query in the address', () => {
  it('comes back as it went, defaults left out', () => {
    const q = { q: '水泥', sort: '-revenue', limit: 50, filters: { grade: 'A,B' }, columns: ['name', 'grade'] }
    expect(queryTo(q)).toEqual({ q: '水泥', sort: '-revenue', limit: '50', cols: 'name,grade', 'f.grade': 'A,B' })
    expect(queryFrom(queryTo(q))).toEqual(q)
    expect(queryTo(emptyQuery())).toEqual({})
  })

  it('takes no filter from other members', () => {
    expect(queryFrom({ q: ['a', 'b'], limit: 'x', grade: 'A' })).toEqual(emptyQuery())
  })
})

describe('reading a list page by page', () => {
  it('asks for the total once and keeps the columns of the first page', async () => {
    const asked: (string | null)[] = []
    const pages = [
      { items: [{ id: 1 }], next: 'c2', total: 3, columns: [{ name: 'id', label: '编号', type: 'int', filter: true }] },
      { items: [{ id: 2 }], next: null },
    ]
    vi.stubGlobal('fetch', async (url: string) => {
      asked.push(new URL(url, 'http://x').searchParams.get('total'))
      return new Response(JSON.stringify(pages[asked.length - 1]), { headers: { 'Content-Type': 'application/json' } })
    })
    const read = serverList({ name: 'twin_list', method: 'GET', path: '/api/v1/twins', inPath: [], inQuery: ['total', 'cursor'] }, {}, { state: 'open' })
    expect(read.source).toEqual({ list: 'twin_list', org: null, filters: { state: 'open' } })
    const signal = new AbortController().signal
    await read(emptyQuery(), '', signal)
    const second = await read(emptyQuery(), 'c2', signal)
    vi.unstubAllGlobals()
    expect(asked).toEqual(['true', null])
    expect(second).toMatchObject({ total: 3, next: null, columns: [{ key: 'id', filterable: true, shown: false }] })
  })
})

describe('the paper checklist', () => {
  const ccc = { roles: ['生产'], when: { key: 'applicability', is: '许可证,CCC' } }

  it('asks only for papers that concern the firm', () => {
    expect(applies(ccc, { kind: 'producer', applicability: ['CCC'] })).toBe(true)
    expect(applies(ccc, { kind: 'producer', applicability: '强制性国家标准' })).toBe(false)
    expect(applies(ccc, { kind: 'seller', applicability: ['CCC'] })).toBe(false)
    expect(applies({ roles: ['销售'] }, { kind: 'both' })).toBe(true)
    expect(applies({}, {})).toBe(true)
  })

  it('is complete when the required ones are answered and a mismatch is told', () => {
    const line = { code: 'a', text: '', hint: '', required: true, result: null, note: '', compare: [], diffs: {} }
    const paper: Paper = { items: [line], match: true, note: '' }
    expect(paperComplete(paper)).toBe(false)
    const answered: Paper = { ...paper, items: [{ ...line, result: 'differs' }] }
    expect(paperComplete(answered)).toBe(true)
    expect(paperComplete({ ...answered, match: false })).toBe(false)
    expect(paperComplete({ ...answered, match: false, note: '地址不符' })).toBe(true)
    expect(paperComplete({ ...answered, match: null })).toBe(false)
  })
})

describe('the menu', () => {
  it('shows an administrator no business page', () => {
    const perms = new Set(['org_read', 'account_read', 'account_create'])
    const paths = menuFor((p) => perms.has(p)).flatMap((g) => g.items.map((i) => i.to))
    expect(paths).toContain('/accounts')
    expect(paths).not.toContain('/firms')
    expect(paths).not.toContain('/board')
  })
})
