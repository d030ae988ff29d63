// Texts of 本单位档案 on the phone: what is missing and what one can supply oneself.
export const f = {
  title: '档案还缺什么',
  link: '档案还缺什么',
  lead: (there: number, asked: number) => `应有 ${asked} 项，已有 ${there} 项。下面是可以由本单位补的。`,
  none: '可以由本单位补的都有了',
  gaps: '人员配备',
  since: (day: string) => `自 ${day} 起`,
  fill: '补充',
  office: '请把材料带到市场监管所，或者请监管人员到场时录入',
  send: '提交',
  done: '已提交，市场监管所会核对',
  told: '提交的内容由市场监管所核对，已有内容的更正请联系市场监管所。',
  places: (n: number) => `${n} 处`,
} as const
