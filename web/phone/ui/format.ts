/* Days and clock times as people read them. Days are ISO dates of Asia/Shanghai from the server;
 * no working-day arithmetic here (legal facts come from the server). */
const ZONE = 'Asia/Shanghai'
const WEEK = ['周日', '周一', '周二', '周三', '周四', '周五', '周六']

function part(ms: number, o: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, hourCycle: 'h23', ...o }).format(ms)
}

/* 2026-11-02 → 11月2日 周一 */
export function dayText(iso: string): string {
  const [y, m, d] = iso.split('-').map(Number)
  if (!y || !m || !d) return iso
  const week = new Date(Date.UTC(y, m - 1, d)).getUTCDay()
  return `${m}月${d}日 ${WEEK[week]}`
}

/* 2026-11-02 → 11月2日 */
export function dayShort(iso: string): string {
  return dayText(iso).split(' ')[0]!
}

/* instant (ms or RFC 3339) → 17:20 */
export function hourText(at: string | number): string {
  return part(new Date(at).getTime(), { hour: '2-digit', minute: '2-digit' })
}

/* instant → 11月2日 17:20 */
export function clockText(at: string | number): string {
  const ms = new Date(at).getTime()
  return `${part(ms, { month: 'numeric', day: 'numeric' }).replace('/', '月')}日 ${hourText(ms)}`
}

/* the day of an instant in Shanghai: for choosing dates only, the server has the last word */
export function dayOf(ms: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: ZONE }).format(ms).slice(0, 10)
}

export function addDays(iso: string, n: number): string {
  const d = new Date(`${iso}T00:00:00Z`)
  d.setUTCDate(d.getUTCDate() + n)
  return d.toISOString().slice(0, 10)
}
