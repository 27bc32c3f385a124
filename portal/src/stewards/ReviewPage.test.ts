import { flushPromises, mount } from '@vue/test-utils'
import { createMemoryHistory, createRouter } from 'vue-router'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { LedgerRecord, Schemas } from '@/api/client'
import { loadLedgers } from '@/ledgers/catalogue'
import { queue } from './queue'
import ReviewPage from './ReviewPage.vue'

const ledgers = [{ name: 'persons', type: 'Person', label: { zh: '人员', en: 'Persons' }, fields: [{ name: 'name', kind: 'name', label: { zh: '姓名', en: 'Name' }, sensitive: false }] }]
const record = (id: string, version: number, name: string): LedgerRecord => ({ id, ledger: 'persons', version, title: name, status: 'ACTIVE', records: 1, updatedAt: '2026-01-01T00:00:00Z', fields: { name: { value: name } } })
const review = (left: string, right: string): Schemas['Review'] => ({ left, right, ledger: 'persons', kind: 'POSSIBLE_DUPLICATE', weight: 2, probability: 0.8, effect: 3, leftTitle: '张伟', rightTitle: '张玮', openedAt: '2026-01-01T00:00:00Z' })
const key = { source: 'election', stream: 'member-person', key: '1' }
const detail = (left: LedgerRecord, right: LedgerRecord): Schemas['ReviewDetail'] => ({
  review: review(left.id, right.id),
  left,
  right,
  thresholds: { possible: -4, match: 6 },
  evidence: [{ left: key, right: { ...key, key: '2' }, weight: 2, probability: 0.8, contributions: [{ level: 'prior', weight: -10 }, { field: 'name', level: 'look-alike', weight: 12, left: '张伟', right: '张玮' }] }],
  decisions: [],
})
const effect = { outcomes: [{ id: '12', ledger: 'persons', fate: 'MERGED', into: '7', title: '张玮', recordsBefore: 1, recordsAfter: 0, values: [] }] }
const problem = (status: number, code: string) => [status, { type: `/problems/${code}`, title: code, status, code }] as [number, unknown]

let answers: Record<string, [number, unknown]>
const posted: string[] = []

beforeEach(async () => {
  posted.length = 0
  answers = {
    '/ledgers': [200, { ledgers }],
    '/sources': [200, { sources: [], faults: [] }],
    '/reviews': [200, { reviews: [review('7', '12'), review('8', '13')] }],
    '/reviews/7/12': [200, detail(record('7', 3, '张伟'), record('12', 1, '张玮'))],
    '/reviews/8/13': [200, detail(record('8', 1, '李梅'), record('13', 1, '李海'))],
    '/decisions/preview': [200, effect],
    '/decisions': [201, { decision: {}, effect }],
  }
  vi.stubGlobal('fetch', async (input: Request) => {
    const path = new URL(input.url).pathname.replace('/api/v1', '')
    if (input.method === 'POST') posted.push(path)
    const [status, body] = answers[path] ?? problem(404, 'not-found')
    return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' } })
  })
  await loadLedgers()
})
afterEach(() => {
  queue.forget()
  vi.unstubAllGlobals()
})

async function show() {
  const nothing = { template: '<i />' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/reviews', name: 'reviews', component: nothing },
      { path: '/reviews/:left/:right', name: 'review', component: nothing },
      { path: '/decisions', name: 'decisions', component: nothing },
      { path: '/rules', name: 'rules', component: nothing },
      { path: '/erasures', name: 'erasures', component: nothing },
      { path: '/ledgers/:ledger/:id', name: 'record', component: nothing },
    ],
  })
  await router.push('/reviews/7/12')
  const stubs = { ElDialog: { props: ['title'], template: '<section class="el-overlay-dialog"><slot /></section>' } }
  const shown = mount(ReviewPage, { global: { plugins: [router], stubs }, attachTo: document.body })
  await flushPromises()
  return { shown, router }
}
const press = (letter: string) => window.dispatchEvent(new KeyboardEvent('keydown', { key: letter }))

it('marks what differs and shows how the weights add up against the thresholds', async () => {
  const { shown } = await show()
  expect(shown.get('[data-field=name]').attributes('data-likeness')).toBe('different')
  expect(shown.findAll('[data-testid=waterfall-step]')).toHaveLength(2)
  expect(shown.get('tfoot').text()).toContain('可能，需人工')
  shown.unmount()
})

it('merges by keyboard and goes on to the next pair', async () => {
  const { shown, router } = await show()
  press('m')
  await flushPromises()
  expect(posted).toEqual(['/decisions/preview'])
  await shown.get('textarea').setValue('同一个人')
  await shown.get('form').trigger('submit')
  await flushPromises()
  expect(posted.at(-1)).toBe('/decisions')
  expect(router.currentRoute.value.path).toBe('/reviews/8/13')
  expect(queue.reviews.value?.map((one) => one.left)).toEqual(['8'])
  shown.unmount()
})

it('takes no letter for a command while somebody writes or a dialog is open', async () => {
  const { shown, router } = await show()
  press('n')
  await flushPromises()
  press('j')
  await flushPromises()
  expect(router.currentRoute.value.path).toBe('/reviews/7/12')
  shown.unmount()
})

it('shows what changed when it was decided against an outdated version', async () => {
  const { shown, router } = await show()
  press('m')
  await flushPromises()
  answers['/decisions'] = problem(409, 'stale-version')
  answers['/reviews/7/12'] = [200, detail(record('7', 4, '张伟民'), record('12', 1, '张玮'))]
  await shown.get('textarea').setValue('同一个人')
  await shown.get('form').trigger('submit')
  await flushPromises()
  const told = shown.get('[data-testid=conflict]').text()
  expect(told).toContain('第 3 版 → 第 4 版')
  expect(told).toContain('张伟民')
  expect(told).not.toContain('张玮')
  expect(shown.get('[data-testid=left-record]').text()).toContain('张伟民')
  expect(router.currentRoute.value.path).toBe('/reviews/7/12')
  shown.unmount()
})

it('says where a record leads that somebody else merged meanwhile', async () => {
  const { shown } = await show()
  answers['/decisions/preview'] = problem(409, 'redirected')
  answers['/reviews/7/12'] = problem(404, 'not-found')
  answers['/ledgers/persons/7'] = [200, record('7', 3, '张伟')]
  answers['/ledgers/persons/12'] = [200, { ...record('7', 3, '张伟'), redirectedFrom: '12' }]
  press('m')
  await flushPromises()
  expect(shown.get('[data-testid=conflict]').text()).toContain('“张玮”（12）已合并到')
  expect(shown.text()).toContain('这一对已不再等待核对')
  expect(queue.reviews.value?.map((one) => one.left)).toEqual(['8'])
  shown.unmount()
})
