// Makes data/pinyin_initials.txt: the first pinyin letter of every character, and of the words
// whose characters read differently together.
//
//   npm install pinyin-pro@3.29.4 --ignore-scripts
//   node tools/mkpinyin.mjs data/divisions_shanxi.csv > data/pinyin_initials.txt
//
// One reading per character: the most frequent one, except for characters met chiefly as surnames.
import { readFileSync } from 'node:fs'
import { pinyin } from 'pinyin-pro'

const blocks = [
    [0x3007, 0x3007],
    [0x3400, 0x4dbf],
    [0x4e00, 0x9fff],
    [0x20000, 0x323af],
]

// Seen in names as surnames far more often than in any other word.
const surnames = { 曾: 'z', 仇: 'q', 翟: 'z', 缪: 'm', 朴: 'p', 覃: 'q', 谌: 'c', 冼: 'x', 逄: 'p', 贠: 'y', 郇: 'h' }

// Words of firm and product names; those whose letters follow from the characters are left out.
const candidates = `银行 商行 车行 行业 行车 行吊 重庆 重熔 长治 长子 音乐 乐器 乐平 厦门 大厦 会计 调味 调料 调压
校准 洪洞 繁峙 曲沃 阳曲 降压 降解 车间 车载 单县 弹簧 弹性 藏药 宝藏 人参 党参 给水 给排水 供给 蚌埠 番禺 角钢 都市
薄膜 薄板 模具 强力 效率 宿舍 系统 校园 巷道 处理 粘合剂 轧钢 臭氧 畜牧 畜禽 家畜 钥匙 石家庄 隰县 临猗 壶关 尉氏 种业
种子 盛装 相似 传动 传媒 地壳 子弹`
    .trim().split(/\s+/)

// Readings that the dictionary misses: rolled steel, and a town of 运城.
const fixed = { 冷轧: 'lz', 热轧: 'rz', 轧制: 'zz', 轧花: 'yh', 解州: 'hz' }

const char = (ch) => {
    if (surnames[ch])
        return surnames[ch]
    const got = pinyin(ch, { toneType: 'none', v: true, type: 'array' })[0] ?? ''
    const letter = got.normalize('NFD').replace(/[^a-z]/gi, '').charAt(0).toLowerCase()
    return got !== ch && /[a-z]/.test(letter) ? letter : ''
}
const byChars = (word) => [...word].map(char).join('')

const lines = Object.fromEntries([...'abcdefghijklmnopqrstuvwxyz'].map((l) => [l, []]))
for (const [from, to] of blocks)
    for (let cp = from; cp <= to; cp++) {
        const ch = String.fromCodePoint(cp)
        const letter = char(ch)
        if (letter)
            lines[letter].push(ch)
    }

const words = new Map()
for (const word of candidates) {
    if ([...word].length < 2)
        continue
    const letters = pinyin(word, { toneType: 'none', v: true, type: 'array' })
        .map((s) => s.charAt(0)).join('')
    if (/^[a-z]+$/.test(letters) && letters !== byChars(word))
        words.set(word, letters)
}
for (const [word, letters] of Object.entries(fixed))
    if (letters !== byChars(word))
        words.set(word, letters)
// City and county names carry checked initials in the area table (without the last character).
for (const row of readFileSync(process.argv[2], 'utf8').trim().split('\n').slice(1)) {
    const [, , name, level, , , , , initials] = row.split(',')
    const stem = name.slice(0, initials.length)
    if (level <= 3 && initials.length >= 2 && byChars(stem) !== initials)
        words.set(stem, initials)
}

console.log('# First pinyin letter of characters; then of words read differently from their characters.')
console.log('# From pinyin-pro 3.29.4 (MIT) by tools/mkpinyin.mjs.')
for (const [letter, chars] of Object.entries(lines))
    if (chars.length)
        console.log(`${letter}:${chars.join('')}`)
for (const [word, letters] of [...words].sort((a, b) => b[0].length - a[0].length || (a[0] < b[0] ? -1 : 1)))
    console.log(`${word}=${letters}`)
