import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { t } from '@phone/texts'
import AreaBlock from './AreaBlock.vue'
import { answer, newCheck, type CheckArea } from './machine'

const area: CheckArea = {
  code: 'A1',
  name: '原料库',
  items: [
    { code: '101', text: '水泥标号核对', key: true },
    { code: '102', text: '包装标识', key: false },
  ],
}

function show(check = newCheck([area])) {
  return mount(AreaBlock, { props: { area, check } })
}
const rest = (w: ReturnType<typeof show>) => w.findAll('button').find((b) => b.text() === t.check.rest)

describe('one area of the check', () => {
  it('shows nothing chosen and no button for the rest at first', () => {
    const w = show()
    expect(w.findAll('[aria-pressed="true"]')).toHaveLength(0)
    expect(rest(w)).toBeUndefined()
    expect(w.text()).toContain('0/2')
  })

  it('offers the rest once the key item is answered', async () => {
    const w = show(answer(newCheck([area]), '101', 'ok'))
    await rest(w)!.trigger('click')
    expect(w.emitted('rest')).toEqual([[area]])
  })

  it('asks for the problem instead of marking the item', async () => {
    const w = show()
    await w.findAll('button').find((b) => b.text() === t.check.bad)!.trigger('click')
    expect(w.emitted('problem')).toEqual([[area.items[0]]])
    expect(w.emitted('answer')).toBeUndefined()
  })
})
