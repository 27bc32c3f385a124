import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import SourceChip from './SourceChip.vue'

it('says whose value it is, why it was chosen, and when the source changed it', () => {
  const chip = mount(SourceChip, { props: { source: 'election', title: '换届选举系统', at: '2026-02-01T00:00:00Z', stated: '2026-01-01T00:00:00Z', rule: 'recency' } })
  const label = chip.attributes('aria-label')
  expect(label).toContain('来源：换届选举系统')
  expect(label).toContain('采用依据：来源更新较晚')
  expect(label).toContain('来源标注更新于：2026')
  expect(label).toContain('收到：2026')
})

it('says nothing of what it does not know', () => {
  const label = mount(SourceChip, { props: { source: 'election' } }).attributes('aria-label')
  expect(label).toBe('来源：election')
})
