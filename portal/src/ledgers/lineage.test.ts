import { expect, it } from 'vitest'
import type { FieldClaim, Lineage } from '@/api/client'
import { matrixOf } from './lineage'

const at = '2026-01-01T00:00:00Z'
const claim = (source: string, value: string | undefined, won: boolean): FieldClaim => ({
  source,
  sourceTitle: source,
  stream: 's',
  key: '1',
  position: '1',
  observedAt: at,
  won,
  ...(value === undefined ? {} : { value }),
})

const lineage: Lineage = {
  id: '1',
  sourceRecords: ['a', 'b'].map((source) => ({ source, sourceTitle: source, stream: 's', key: '1', position: '1', observedAt: at, decision: 'MATCH', origin: 'AUTO' })),
  fields: [
    { field: 'name', rule: 'trust', claims: [claim('b', '多福巷社区居委会', true), claim('a', '多福巷居委会', false)] },
    { field: 'kind', rule: 'trust', claims: [claim('a', 'JWH', true), claim('b', 'JWH', false)] },
    { field: 'address', rule: 'trust', claims: [claim('b', '多福巷 1 号', true)] },
  ],
}

it('compares references by title, and not those that lead nowhere', () => {
  const place = (other: string): Lineage => ({ ...lineage, fields: [{ field: 'place', rule: 'trust', claims: [claim('a', '多福巷社区', true), claim('b', other, false)] }] })
  const differs = (other: string) => matrixOf(place(other), (field) => field === 'place')[0]?.differs
  expect(differs('多福巷社区')).toBe(false)
  expect(differs('银闸社区')).toBe(true)
  expect(differs('place-code:2016|110101001001')).toBe(false)
})

it('lays claims out by source record and marks what differs from the winner', () => {
  const [name, kind, address] = matrixOf(lineage)
  expect(name?.cells.map((cell) => [cell?.won, cell?.differs])).toEqual([[false, true], [true, false]])
  expect(name?.differs).toBe(true)
  expect(kind?.differs).toBe(false)
  expect(address?.cells[0]).toBeUndefined()
  expect(address?.differs).toBe(false)
})
