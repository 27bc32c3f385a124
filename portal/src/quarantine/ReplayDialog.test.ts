import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ReplayedRecord, Run } from '@/api/client'
import ReplayDialog from './ReplayDialog.vue'

const record = (id: string, parts: Partial<ReplayedRecord>): ReplayedRecord => ({ id, stream: 'member-person', key: `k${id}`, position: '0/1', outcome: 'APPLIED', edited: false, effects: [], allEffects: 0, ...parts })
const dry = {
  selected: 70,
  token: 'mac1:abc',
  counts: [],
  records: [
    record('1', { effects: [{ operation: 'CREATED', ledger: 'persons', title: '赵六', differences: [{ field: 'phone', to: '139****5678', masked: true }] }], allEffects: 1 }),
    record('2', { outcome: 'STALE' }),
    record('3', { outcome: 'QUARANTINED', reason: 'unknown-code', field: 'xb', message: 'xb holds a code' }),
  ],
}
const run = (parts: Partial<Run>): Run => ({ id: '12', source: 'election', feed: 'election/replay', kind: 'replay', status: 'RUNNING', expected: 70, startedAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z', counts: [], ...parts })

const asked: { call: string; body: unknown }[] = []
let answers: Record<string, [number, unknown]>

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  asked.length = 0
  answers = {
    'POST /quarantine/dry-runs': [200, dry],
    'POST /quarantine/replays': [202, run({})],
    'GET /quarantine/replays/12': [200, run({ counts: [{ stream: 'member-person', read: 35, applied: 35, unchanged: 0, stale: 0, quarantined: 0, withheld: 0 }] })],
    'DELETE /quarantine/replays/12': [204, undefined],
  }
  vi.stubGlobal('fetch', async (input: Request) => {
    const call = `${input.method} ${new URL(input.url).pathname.replace('/api/v1', '')}`
    asked.push({ call, body: input.method === 'POST' ? await input.json() : undefined })
    const [status, body] = answers[call]!
    return new Response(status === 204 ? null : JSON.stringify(body), { status, headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' } })
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

// What is asked about is the dialog's content; that it floats is Element Plus's business.
const stubs = { ElDialog: { props: ['title'], template: '<section><h2>{{ title }}</h2><slot /></section>' }, RouterLink: true }
const show = () => mount(ReplayDialog, { props: { selection: { source: 'election' }, edits: [{ id: '1', text: '{}' }] }, global: { stubs } })

it('shows what each record would do before anything can be replayed', async () => {
  const shown = show()
  expect(shown.find('[data-testid=replay-start]').exists()).toBe(false)
  await flushPromises()
  expect(shown.findAll('[data-testid=dry-record]').map((one) => one.attributes('data-outcome'))).toEqual(['APPLIED', 'STALE', 'QUARANTINED'])
  expect(shown.text()).toContain('139****5678')
  expect(shown.text()).toContain('池中已有这条记录更新的内容')
  expect(shown.text()).toContain('未知代码')
  expect(shown.text()).toContain('显示前 3 条，共 70 条')
})

it('asks why, replays what was tried, follows it and stops it', async () => {
  const shown = show()
  await flushPromises()
  await shown.get('form').trigger('submit')
  await flushPromises()
  expect(shown.text()).toContain('请写明理由')
  expect(asked.map((one) => one.call)).toEqual(['POST /quarantine/dry-runs'])

  await shown.get('[data-testid=replay-why]').setValue(' 已核对 ')
  await shown.get('form').trigger('submit')
  await flushPromises()
  expect(asked.at(-1)).toEqual({ call: 'POST /quarantine/replays', body: { selection: { source: 'election' }, edits: [{ id: '1', text: '{}' }], why: '已核对', token: 'mac1:abc', rate: 100 } })

  await vi.advanceTimersByTimeAsync(500)
  await flushPromises()
  expect(shown.get('[role=progressbar]').attributes('aria-valuenow')).toBe('50')
  await shown.get('[data-testid=replay-stop]').trigger('click')
  await flushPromises()
  expect(asked.at(-1)!.call).toBe('DELETE /quarantine/replays/12')

  answers['GET /quarantine/replays/12'] = [200, run({ status: 'COMPLETED', endedAt: '2026-01-01T00:00:09Z', message: 'stopped' })]
  await vi.advanceTimersByTimeAsync(500)
  await flushPromises()
  expect(shown.find('[data-testid=replay-stop]').exists()).toBe(false)
  const before = asked.length
  await vi.advanceTimersByTimeAsync(2000)
  expect(asked.length).toBe(before)
})

it('says what the hub refuses', async () => {
  answers['POST /quarantine/dry-runs'] = [409, { type: '/problems/invalid-manifest', title: 'x', status: 409, code: 'invalid-manifest', detail: 'connector.yaml:12: unknown key' }]
  const shown = show()
  await flushPromises()
  expect(shown.text()).toContain('connector.yaml:12: unknown key')
})
