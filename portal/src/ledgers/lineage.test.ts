import { expect, it } from 'vitest'
import type { FieldClaim, Lineage } from '@/api/client'
import { matrixOf } from './lineage'

const at = '2026-01-01T00:00:00Z'
const claim = (source: string, value: string | undefined, won: boolean, lostBy?: string): FieldClaim => ({
  source,
  sourceTitle: source,
  stream: 's',
  key: '1',
  position: '1',
  observedAt: at,
  won,
  ...(value === undefined ? {} : { value }),
  ...(lostBy === undefined ? {} : { lostBy }),
})

const lineage: Lineage = {
  id: '1',
  sourceRecords: ['a', 'b'].map((source) => ({ source, sourceTitle: source, stream: 's', key: '1', position: '1', observedAt: at, decision: 'MATCH', origin: 'AUTO' })),
  fields: [
    { field: 'name', rule: 'recency', criteria: ['sound', 'recency'], exception: '110105', claims: [claim('b', '多福巷社区居委会', true), claim('a', '多福巷居委会', false, 'recency')] },
    { field: 'kind', rule: 'agreed', criteria: ['trust'], claims: [claim('a', 'JWH', true), claim('b', 'JWH', false)] },
    { field: 'address', rule: 'only', criteria: ['trust'], claims: [claim('b', '多福巷 1 号', true), claim('a', undefined, false)] },
    { field: 'phone', rule: 'recency', criteria: ['recency'], claims: [claim('a', '138****0001', true), claim('b', '138****0001', false, 'recency')] },
  ],
}

it('compares references by title, and not those that lead nowhere', () => {
  const place = (other: string): Lineage => ({ ...lineage, fields: [{ field: 'place', rule: 'trust', criteria: ['trust'], claims: [claim('a', '多福巷社区', true), claim('b', other, false, 'trust')] }] })
  const differs = (other: string) => matrixOf(place(other), (field) => field === 'place')[0]?.differs
  expect(differs('多福巷社区')).toBe(false)
  expect(differs('银闸社区')).toBe(true)
  expect(differs('place-code:2016|110101001001')).toBe(false)
})

it('lays claims out by source record and marks what differs from the winner', () => {
  const [name, kind, address, phone] = matrixOf(lineage)
  expect(name?.cells.map((cell) => [cell?.won, cell?.differs])).toEqual([[false, true], [true, false]])
  expect(name?.differs).toBe(true)
  expect(kind?.differs).toBe(false)
  expect(name?.criteria).toEqual(['sound', 'recency'])
  expect(name?.exception).toBe('110105')
  expect(address?.cells[0]?.differs, 'to say that there is nothing is no other value').toBe(false)
  expect(address?.differs).toBe(false)
  expect(phone?.differs, 'masked alike').toBe(true)
})

it('puts what people say before what sources say', () => {
  const corrected: Lineage = { ...lineage, fields: [{ field: 'name', rule: 'corrected', criteria: ['trust'], claims: [{ ...claim('yimen', '多福巷社区', true), key: '7' }, claim('a', '多福巷', false, 'corrected')] }, lineage.fields[1]!] }
  const [name, kind] = matrixOf(corrected)
  expect(name?.cells.map((cell) => [cell?.won, cell?.differs])).toEqual([[true, false], [false, true], [undefined, undefined]])
  expect(kind?.cells[0], 'nobody put it right').toBeUndefined()
  expect(kind?.cells).toHaveLength(3)
})
