import { describe, expect, it } from 'vitest'
import { addArea, addItem, dropArea, dropItem, gaps, setArea, setItem } from './editList'
import type { CheckArea } from './machine'

const areas: CheckArea[] = [
  { code: 'A1', name: '原料', items: [{ code: '101', text: '有检验结果', key: true, measure: '' }] },
]

describe('editing the list', () => {
  it('never reuses or changes a code', () => {
    const grown = addItem(addItem(areas, 'A1'), 'A1')
    const codes = grown[0]!.items.map((i) => i.code)
    expect(new Set(codes).size).toBe(3)
    expect(setItem(grown, '101', { text: '改', code: 'x' })[0]!.items[0]!.code).toBe('101')
    const again = addItem(dropItem(grown, codes[2]!), 'A1')
    expect(again[0]!.items[2]!.code).not.toBe(codes[1])
  })

  it('names what is still empty', () => {
    const grown = addArea(addItem(areas, 'A1'))
    const fresh = grown[0]!.items[1]!.code
    const area = grown[1]!.code
    expect([...gaps(grown)].sort()).toEqual([area, fresh].sort())
    const named = setItem(setArea(grown, area, '成品'), fresh, { text: '看标签' })
    expect([...gaps(named)]).toEqual([area])
    expect(gaps(dropArea(named, area)).size).toBe(0)
  })
})
