// zhian verify over the whole big store.
import { bigStore, tell, timed } from './store.lib.mjs'

const BAR = 200000
const store = bigStore()
const r = await timed(['verify', ...store.args, '--json'])
const v = JSON.parse(r.out.trim().split('\n').pop())
if (r.code || v.findings) throw new Error(`verify ended with ${r.code}: ${r.out.slice(0, 500)}`)
const rate = v.records / r.seconds
tell({ name: 'verify', bar: BAR, value: Math.round(rate), unit: 'records/s', good: rate >= BAR, records: v.records, journal: v.journal, seals: v.seals, seconds: +r.seconds.toFixed(1), peak_mib: +r.peak.toFixed(0), anonymous_mib: +r.anon.toFixed(0) })
