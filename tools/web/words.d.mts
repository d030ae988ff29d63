export interface Finding {
  line: number
  word: string
}
export function findWords(text: string, words: string[]): Finding[]
export function findTokens(text: string, tokens: string[]): Finding[]
