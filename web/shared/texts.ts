// The zh-CN catalogue, part shared by desk and phone. Each client's own part is desk/texts.ts and
// phone/texts.ts. Field labels are not here: they come with the generated metadata.

export const texts = {
  product: '工业产品质量安全主体责任信息平台',
  productShort: '质安',
  demo: '演示数据：这里的单位、人员和记录都是编造的，口令是公开的，请勿录入真实信息',
  problem: {
    offline: '网络不通，内容还在本机，联网后再试',
    timeout: '等待太久没有答复，请再试一次',
    signin: '登录已过期，请重新登录，已填的内容不会丢',
    forbidden: '没有这项权限，需要时请联系本单位的安全管理员',
    missing: '没有找到，可能不在您的辖区或已变动',
    conflict: '别人刚改过这一条，请核对两边的值',
    state: '现在的状态不能做这一步，请刷新后再看',
    invalid: '有内容需要改一下',
    busy: '现在忙，请稍后再试',
    server: '服务器出错了，请稍后再试',
  },
  common: {
    ok: '确定',
    cancel: '取消',
    save: '保存',
    close: '关闭',
    retry: '再试一次',
    loadMore: '再看一些',
    back: '返回',
    loading: '正在读取',
    empty: '没有内容',
    asOf: '截至',
    yes: '是',
    no: '否',
    none: '无',
    required: '必填',
    largeOn: '大字版',
    largeOff: '标准版',
    feedback: '意见建议',
    help: '帮助',
    privacy: '隐私告知',
    signOut: '退出',
  },
  offline: {
    noStore: '这个浏览器不让保存内容，检查到一半会丢。请换普通窗口（不要用无痕模式）或别的浏览器',
  },
  form: {
    required: (label: string) => `请填写${label}`,
    tooLong: (label: string, max: number) => `${label}最多 ${max} 个字`,
  },
} as const
