import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Ledger, LedgerRecord } from '@/api/client'
import { loadLedgers, recordTitle } from './catalogue'
import FieldText from './FieldText.vue'
import { question } from './purpose'

const ledgers: Ledger[] = [
  {
    name: 'persons',
    type: 'Person',
    label: { zh: '人员', en: 'Persons' },
    fields: [
      { name: 'name', kind: 'name', label: { zh: '姓名', en: 'Name' }, sensitive: false },
      { name: 'phone', kind: 'text', label: { zh: '电话', en: 'Phone' }, sensitive: true },
      { name: 'sex', kind: 'code', label: { zh: '性别', en: 'Sex' }, sensitive: false, values: { '1': '男', '2': '女' } },
      { name: 'place', kind: 'reference', to: 'places', label: { zh: '所在社区村', en: 'Place' }, sensitive: false },
    ],
  },
  {
    name: 'memberships',
    type: 'Membership',
    label: { zh: '任职', en: 'Memberships' },
    fields: [
      { name: 'person', kind: 'reference', to: 'persons', label: { zh: '人员', en: 'Person' }, sensitive: false },
      { name: 'post', kind: 'code', label: { zh: '职务', en: 'Post' }, sensitive: false, values: { CHAIR: '主任' } },
    ],
  },
]
const base: LedgerRecord = { id: '7', ledger: 'persons', version: 1, title: '测试甲', status: 'ACTIVE', records: 1, updatedAt: '2026-01-01T00:00:00Z', fields: {} }
const asked: { url: string; body: unknown }[] = []

beforeEach(async () => {
  asked.length = 0
  vi.stubGlobal('fetch', async (input: Request) => {
    const path = new URL(input.url).pathname
    asked.push({ url: path, body: input.method === 'POST' ? await input.json() : undefined })
    const answer = path.endsWith('/unmask') ? { fields: { phone: '13800000000' } } : { ledgers }
    return new Response(JSON.stringify(answer), { status: 200, headers: { 'Content-Type': 'application/json' } })
  })
  await loadLedgers()
})
afterEach(() => vi.unstubAllGlobals())

function show(field: string, value: LedgerRecord['fields'][string] | undefined) {
  return mount(FieldText, { props: { record: { ...base, fields: value ? { [field]: value } : {} }, field, chip: 'full' }, global: { stubs: { RouterLink: { props: ['to'], template: '<a><slot /></a>' } } } })
}

it('says what a code means and where the value comes from', () => {
  const shown = show('sex', { value: '2', source: 'election', sourceTitle: '换届选举系统', observedAt: new Date().toISOString() })
  expect(shown.text()).toContain('女')
  expect(shown.get('[data-testid=source-chip]').text()).toContain('换届选举系统')
  expect(shown.get('[data-testid=source-chip]').attributes('aria-label')).toContain('来源：换届选举系统')
})

it('tells a missing value from a reference that leads nowhere yet', () => {
  expect(show('place', undefined).text()).toBe('—')
  // The hub sends the field without value and reference while it is unresolved.
  expect(show('place', {}).text()).toContain('未对应')
})

it('explains a doubt', () => {
  expect(show('name', { value: 'x', flags: ['check-digit'] }).get('[data-testid=flag]').text()).toBe('校验位不符')
})

it('opens a masked value only after a purpose was stated, and masks it again', async () => {
  const shown = show('phone', { value: '138****0000', masked: true })
  expect(shown.get('[data-testid=masked-value]').text()).toBe('138****0000')

  await shown.get('[data-testid=unmask]').trigger('click')
  question.value!.answer(undefined)
  await flushPromises()
  expect(asked.some((one) => one.url.endsWith('/unmask'))).toBe(false)

  await shown.get('[data-testid=unmask]').trigger('click')
  question.value!.answer('核对本人身份')
  await flushPromises()
  expect(asked.at(-1)).toEqual({ url: '/api/v1/ledgers/persons/7/unmask', body: { fields: ['phone'], purpose: '核对本人身份' } })
  expect(shown.get('[data-testid=masked-value]').text()).toBe('13800000000')

  await shown.get('[data-testid=unmask]').trigger('click')
  expect(shown.get('[data-testid=masked-value]').text()).toBe('138****0000')
})

it('calls a membership by its person and post', () => {
  for (const title of ['CHAIR', '主任']) {
    expect(recordTitle({ ...base, ledger: 'memberships', title, fields: { post: { value: 'CHAIR' }, person: { value: '7', reference: { id: '7', title: '测试甲' } } } })).toBe('测试甲 · 主任')
  }
})
