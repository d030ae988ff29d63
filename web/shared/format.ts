// Values as people read them. Instants arrive as RFC 3339 text and are shown in Shanghai time.
import { texts } from './texts'

const stamp = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
})

/** "2026-11-02 09:00" of an instant (text or ms), '' when absent or not an instant. */
export function showTime(v: string | number | null | undefined): string {
  if (v === null || v === undefined || v === '') return ''
  const d = new Date(v)
  return Number.isNaN(d.getTime()) ? '' : stamp.format(d)
}

/** Today's civil day in Shanghai, ISO. The server's clock decides; this only presets a picker. */
export function todayIso(): string {
  return stamp.format(new Date()).slice(0, 10)
}

export function showBool(v: unknown): string {
  if (v === null || v === undefined) return ''
  return v ? texts.common.yes : texts.common.no
}

export function showMoney(v: number | null | undefined): string {
  if (v === null || v === undefined) return ''
  return v.toLocaleString('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}

export function showCount(v: number | null | undefined): string {
  return v === null || v === undefined ? '' : v.toLocaleString('zh-CN')
}

export function showBytes(n: number): string {
  if (n < 1024) return `${n} B`
  return n < 1048576 ? `${(n / 1024).toFixed(0)} KB` : `${(n / 1048576).toFixed(1)} MB`
}
