import { describe, expect, it } from 'vitest'
import {
  answer,
  areaLeft,
  canFillRest,
  fillRest,
  findingGaps,
  firstOpen,
  isComplete,
  newCheck,
  normalDayTaps,
  onList,
  photosOf,
  report,
  summary,
  type CheckArea,
  type Finding,
} from './machine'

function area(code: string, keys: number, others: number): CheckArea {
  const item = (n: number, key: boolean) => ({ code: `${code}${key ? 'k' : 'n'}${n}`, text: code, key })
  return {
    code,
    name: code,
    items: [
      ...Array.from({ length: keys }, (_, n) => item(n, true)),
      ...Array.from({ length: others }, (_, n) => item(n, false)),
    ],
  }
}

const areas = [area('a', 2, 2), area('b', 1, 3), area('c', 1, 3)]
const finding: Finding = {
  what: '袋子破了',
  measures: '已换袋',
  severity: '',
  fixer: '',
  due: null,
  photos: ['p1'],
}

describe('a fresh check', () => {
  it('has nothing preset', () => {
    expect(summary(newCheck(areas))).toEqual({ total: 12, ok: 0, bad: 0, na: 0, left: 12 })
    expect(isComplete(newCheck(areas))).toBe(false)
  })

  it('is not complete when it has no items at all', () => {
    expect(isComplete(newCheck([]))).toBe(false)
  })
})

describe('the rest of an area', () => {
  it('is offered only when every key item of that area is answered', () => {
    const one = answer(newCheck(areas), 'ak0', 'ok')
    expect(canFillRest(one, areas[0]!)).toBe(false)
    expect(fillRest(one, areas[0]!)).toBe(one)
    const both = answer(one, 'ak1', 'na')
    expect(canFillRest(both, areas[0]!)).toBe(true)
    expect(canFillRest(both, areas[1]!)).toBe(false)
  })

  it('fills only unanswered items of that area', () => {
    let c = answer(answer(newCheck(areas), 'ak0', 'ok'), 'ak1', 'ok')
    c = report(c, 'an0', finding)
    c = fillRest(c, areas[0]!)
    expect(summary(c)).toEqual({ total: 12, ok: 3, bad: 1, na: 0, left: 8 })
    expect(areaLeft(c, areas[0]!)).toBe(0)
    expect(canFillRest(c, areas[0]!)).toBe(false)
  })
})

describe('a problem', () => {
  it('needs what is wrong and the measures taken', () => {
    const c = newCheck(areas)
    expect(report(c, 'ak0', { ...finding, measures: '  ' })).toBe(c)
    expect(findingGaps({ ...finding, what: '', measures: '' })).toEqual(['what', 'measures'])
    expect(summary(report(c, 'ak0', finding)).bad).toBe(1)
    expect(photosOf(report(c, 'ak0', finding))).toEqual(['p1'])
  })

  it('goes away when the item is answered otherwise', () => {
    const c = answer(report(newCheck(areas), 'ak0', finding), 'ak0', 'ok')
    expect(c.answers['ak0']).toEqual({ result: 'ok' })
  })
})

describe('a draft on a changed list', () => {
  it('drops answers to items that are gone and asks the new ones', () => {
    const c = answer(newCheck(areas), 'ak0', 'ok')
    const moved = onList(answer(c, 'bk0', 'ok'), [areas[0]!, area('d', 1, 0)])
    expect(Object.keys(moved.answers)).toEqual(['ak0'])
    expect(firstOpen(moved)?.code).toBe('ak1')
  })
})

describe('taps of a normal day', () => {
  it('walks a day with as many taps as promised', () => {
    let c = newCheck(areas)
    let taps = 1
    for (const a of areas) {
      for (const i of a.items.filter((x) => x.key)) {
        c = answer(c, i.code, 'ok')
        taps += 1
      }
      c = fillRest(c, a)
      taps += 1
    }
    expect(isComplete(c)).toBe(true)
    expect(taps + 2).toBe(normalDayTaps(areas))
    expect(normalDayTaps(areas)).toBeLessThanOrEqual(12)
  })
})
