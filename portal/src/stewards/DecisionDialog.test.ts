import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { LedgerRecord } from '@/api/client'
import DecisionDialog from './DecisionDialog.vue'
import { mergeOf, recordsOf } from './draft'

const record = (id: string, version: number): LedgerRecord => ({ id, ledger: 'persons', version, title: `P${id}`, status: 'ACTIVE', records: 2, updatedAt: '2026-01-01T00:00:00Z', fields: {} })
const effect = { outcomes: [{ id: '12', ledger: 'persons', fate: 'MERGED', into: '7', title: 'P12', recordsBefore: 1, recordsAfter: 0, values: [] }] }
const stale = { type: '/problems/stale-version', title: 'x', status: 409, code: 'stale-version', detail: 'persons/7 is in version 4 by now, not 3' }

const asked: { path: string; body: unknown }[] = []
let answers: Record<string, [number, unknown]>

beforeEach(() => {
  asked.length = 0
  answers = { '/decisions/preview': [200, effect], '/decisions': [201, { decision: {}, effect }] }
  vi.stubGlobal('fetch', async (input: Request) => {
    const path = new URL(input.url).pathname.replace('/api/v1', '')
    asked.push({ path, body: await input.json() })
    const [status, body] = answers[path]!
    return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' } })
  })
})
afterEach(() => vi.unstubAllGlobals())

// What is asked about is the dialog's content; that it floats is Element Plus's business.
const stubs = { ElDialog: { props: ['title'], template: '<section><h2>{{ title }}</h2><slot /></section>' } }
const show = (draft = mergeOf(record('7', 3), record('12', 1))) => mount(DecisionDialog, { props: { draft }, global: { stubs } })

it('shows the effect first and asks for the reason before it decides', async () => {
  const shown = show()
  expect(shown.get('[data-testid=decision-confirm]').attributes('disabled')).toBeDefined()
  await flushPromises()
  expect(shown.get('[data-fate=MERGED]').text()).toContain('12 → 7')
  await shown.get('form').trigger('submit')
  await flushPromises()
  expect(shown.text()).toContain('请写明理由')
  expect(asked.map((one) => one.path)).toEqual(['/decisions/preview'])

  await shown.get('textarea').setValue('  同一个人  ')
  await shown.get('form').trigger('submit')
  await flushPromises()
  expect(asked.at(-1)).toEqual({
    path: '/decisions',
    body: { proposal: { action: 'MERGE', entities: [{ id: '7', version: 3 }, { id: '12', version: 1 }], records: [] }, reason: '同一个人' },
  })
  expect(shown.emitted('decided')).toHaveLength(1)
})

it('hands a conflict on, from the preview as from the decision', async () => {
  answers['/decisions'] = [409, stale]
  const shown = show()
  await flushPromises()
  await shown.get('textarea').setValue('同一个人')
  await shown.get('form').trigger('submit')
  await flushPromises()
  expect(shown.emitted('conflict')).toHaveLength(1)
  expect(shown.emitted('decided')).toBeUndefined()

  answers['/decisions/preview'] = [409, stale]
  const again = show()
  await flushPromises()
  expect(again.emitted('conflict')).toHaveLength(1)
})

it('says what the hub refuses and stays open', async () => {
  answers['/decisions'] = [400, { type: '/problems/invalid-request', title: 'x', status: 400, code: 'invalid-request', detail: 'A split leaves something behind' }]
  const shown = show(recordsOf('SPLIT', record('7', 3), [{ source: 'election', stream: 'member-person', key: '1' }]))
  await flushPromises()
  expect(asked[0]!.body).toEqual({ action: 'SPLIT', entities: [{ id: '7', version: 3 }], records: [{ source: 'election', stream: 'member-person', key: '1' }] })
  await shown.get('textarea').setValue('两个人')
  await shown.get('form').trigger('submit')
  await flushPromises()
  expect(shown.text()).toContain('A split leaves something behind')
  expect(shown.emitted()).not.toHaveProperty('decided')
})
