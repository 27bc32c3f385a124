import { expect, it } from 'vitest'
import type { LedgerRecord } from '@/api/client'
import { membersOf } from './members'

function membership(id: string, post: string, status: string, to?: string): LedgerRecord {
  return {
    id,
    ledger: 'memberships',
    version: 1,
    title: post,
    status: 'ACTIVE',
    records: 1,
    updatedAt: '2026-01-01T00:00:00Z',
    fields: {
      post: { value: post },
      status: { value: status },
      person: { value: id, reference: { id, title: id } },
      ...(to ? { to: { value: to } } : {}),
    },
  }
}

it('puts the chair first and keeps those who left apart, the latest first', () => {
  const { serving, former } = membersOf([
    membership('a', 'MEMBER', 'SERVING'),
    membership('b', 'CHAIR', 'SERVING'),
    membership('c', 'VICE_CHAIR', 'SERVING'),
    membership('d', 'CHAIR', 'LEFT', '2018-05-01'),
    membership('e', 'MEMBER', 'LEFT', '2021-05-01'),
  ])
  expect(serving.map((one) => one.id)).toEqual(['b', 'c', 'a'])
  expect(former.map((one) => one.id)).toEqual(['e', 'd'])
})
