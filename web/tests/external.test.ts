import { describe, expect, it } from 'vitest'
import { findExternal, stripExternalStrings, stripExternalUrls } from '../../tools/web/external.mjs'

describe('external references', () => {
  it('drops a protocol-relative font fallback and keeps the inlined one', () => {
    const css = "@font-face{src:url(data:font/woff2;base64,AA==) format('woff2'),url(//at.alicdn.com/t/c/font_1.woff?t=1) format('woff')}"
    const out = stripExternalUrls(css)
    expect(out).toContain('base64,AA==')
    expect(out).not.toContain('alicdn')
    expect(findExternal(out)).toEqual([])
  })

  it('cuts documentation links out of scripts and leaves XML namespaces', () => {
    const js = 'throw Error("see https://vuejs.org/error-reference/#x");e("http://www.w3.org/2000/svg")'
    const out = stripExternalStrings(js)
    expect(out).toBe('throw Error("see ");e("http://www.w3.org/2000/svg")')
  })

  it('finds what is left', () => {
    expect(findExternal('<img src="//cdn.example.com/a.png">')).toEqual(['//cdn.example.com/a.png'])
    expect(findExternal('fetch("https://a.example.com/x")')).toEqual(['https://a.example.com/x'])
  })
})
