import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Run, Source } from '@/api/client'
import { session } from '@/session/session'
import RereadDialog from './RereadDialog.vue'
import SourceCard from './SourceCard.vue'

const source = (parts: Partial<Source>): Source => ({
  id: 'election',
  title: '选举系统',
  titleEn: 'Elections',
  owner: '民政局',
  kind: 'capture-postgres',
  quarantined: 0,
  access: { state: 'APPROVED', waiting: [] },
  streams: [{ stream: 'membership', ledger: 'memberships', trust: 80, records: 15437 }],
  ...parts,
})
const run = (parts: Partial<Run>): Run => ({ id: '40', source: 'election', feed: 'election', kind: 'reread', status: 'RUNNING', startedAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z', counts: [], ...parts })

const asked: { call: string; body: unknown }[] = []
let answers: Record<string, [number, unknown]>

beforeEach(() => {
  asked.length = 0
  answers = {
    'GET /runs': [200, { runs: [run({ id: '41', kind: 'stream', status: 'LIVE' })] }],
    'POST /sources/election/rereads': [202, { id: '7', source: 'election', streams: ['membership'], askedBy: 'admin', askedAt: '2026-01-01T00:00:00Z' }],
    'POST /session': [200, { account: { login: 'admin', name: '管理员', roles: ['admin'], everything: true } }],
  }
  vi.stubGlobal('fetch', async (input: Request) => {
    const call = `${input.method} ${new URL(input.url).pathname.replace('/api/v1', '')}`
    asked.push({ call, body: input.method === 'POST' ? await input.json() : undefined })
    const [status, body] = answers[call]!
    return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' } })
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  session.forget()
})

const stubs = { ElDialog: { props: ['title'], template: '<section><h2>{{ title }}</h2><slot /></section>' }, RouterLink: true }
const show = (parts: Partial<Source>, runs: Run[] = []) => mount(RereadDialog, { props: { source: source(parts), runs, rateOf: () => 0 }, global: { stubs } })

it('says what happens before anything does, and names the stream', async () => {
  const shown = show({})
  expect(shown.find('[data-testid=reread-kind]').text()).toContain('另行复制')
  expect(asked).toEqual([])
  await shown.find('[data-testid=reread-membership]').setValue()
  await shown.find('form').trigger('submit')
  await flushPromises()
  expect(asked.map((one) => one.call)).toEqual(['GET /runs', 'POST /sources/election/rereads'])
  expect(asked[1]!.body).toEqual({ streams: ['membership'] })
  expect(shown.find('[data-testid=reread-asked]').exists()).toBe(true)
})

it('asks for all streams by naming none', async () => {
  const shown = show({})
  await shown.find('form').trigger('submit')
  await flushPromises()
  expect(asked[1]!.body).toEqual({})
})

it('follows the run that begins after it was asked for, and no earlier one', async () => {
  const shown = show({}, [run({ id: '40', status: 'COMPLETED' })])
  await shown.find('form').trigger('submit')
  await flushPromises()
  expect(shown.find('[data-testid=reread-run]').exists()).toBe(false)
  await shown.setProps({ runs: [run({ id: '40' }), run({ id: '42', expected: 200, counts: [{ stream: 'membership', read: 50, applied: 1, unchanged: 49, stale: 0, quarantined: 0, withheld: 0 }] }), run({ id: '43', kind: 'stream' })] })
  expect(shown.find('[data-testid=reread-run]').text()).toContain('50 / 200')
  expect(shown.find('[role=progressbar]').attributes('aria-valuenow')).toBe('25')
})

it('stays as it is where the hub refuses', async () => {
  answers['POST /sources/election/rereads'] = [409, { type: 'about:blank', title: 'Conflict', status: 409, code: 'conflict', detail: 'The connector does not run' }]
  const shown = show({})
  await shown.find('form').trigger('submit')
  await flushPromises()
  expect(shown.find('form').exists()).toBe(true)
})

it('has a button only for who sees everything, where a connector runs that reads', async () => {
  const card = (shown: Source) => mount(SourceCard, { props: { source: shown, runs: [], lastSuccess: undefined, rateOf: () => 0, now: 0 }, global: { stubs } })
  const button = '[data-testid=reread-open-election]'
  expect(card(source({})).find(button).exists()).toBe(false)
  await session.signIn('admin', 'secret')
  expect(card(source({})).find(button).exists()).toBe(true)
  expect(card(source({ access: { state: 'EXPIRED', waiting: [] } })).find(button).exists()).toBe(false)
  const push = card(source({ kind: 'push' }))
  expect(push.find(button).exists()).toBe(false)
  expect(push.find('[data-testid=reread-none-election]').text()).toContain('推送')
  const gone = source({})
  delete gone.access
  delete gone.kind
  expect(card(gone).find(button).exists()).toBe(false)
})
