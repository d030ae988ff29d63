import { describe, expect, it } from 'vitest'
import { findTokens, findWords } from '../../tools/web/words.mjs'

describe('forbidden words', () => {
  it('finds a word and says where', () => {
    expect(findWords('甲\n本月排名前三', ['排名'])).toEqual([{ line: 2, word: '排名' }])
  })

  it('leaves quotations of law and the reviewed exception', () => {
    expect(findWords("'law.r41': '零报告'", ['零报告'])).toEqual([])
    expect(findWords('工业产品质量安全主体责任信息平台', ['责任主体'])).toEqual([])
  })

  it('matches identifier tokens whole', () => {
    expect(findTokens('OP(firm_ranking, GET)', ['ranking'])).toHaveLength(1)
    expect(findTokens('OP(job_tracker, GET, backtrack)', ['track'])).toHaveLength(0)
  })
})
