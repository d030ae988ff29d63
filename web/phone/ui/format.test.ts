import { describe, expect, it } from 'vitest'
import { addDays, clockText, dayOf, dayShort, dayText, hourText } from './format'

describe('days and times as people read them', () => {
  it('are of Shanghai, wherever the phone is', () => {
    const at = '2026-11-01T17:20:00Z'
    expect(dayOf(Date.parse(at))).toBe('2026-11-02')
    expect(hourText(at)).toBe('01:20')
    expect(clockText(at)).toBe('11月2日 01:20')
    expect(hourText('2026-11-01T16:05:00Z')).toBe('00:05')
  })

  it('name the day of the week', () => {
    expect(dayText('2026-11-02')).toBe('11月2日 周一')
    expect(dayShort('2026-11-02')).toBe('11月2日')
    expect(dayText('someday')).toBe('someday')
  })

  it('cross months and leap days', () => {
    expect(addDays('2026-11-01', -1)).toBe('2026-10-31')
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
  })
})
