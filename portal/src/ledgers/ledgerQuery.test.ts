import { describe, expect, it } from 'vitest'
import { apiQuery, filterOf, readQuery, withFilter, writeQuery, type LedgerQuery } from './ledgerQuery'

const plain: LedgerQuery = { q: '', place: '', filter: [], sort: 'title', order: 'asc', asOf: '', validAt: '' }

describe('the state of a ledger page', () => {
  it('survives the way through the address', () => {
    const query: LedgerQuery = {
      q: '多福巷',
      place: '17',
      filter: ['kind:JWH', 'status:ACTIVE'],
      sort: 'updatedAt',
      order: 'desc',
      asOf: '2026-03-01T00:00:00.000Z',
      validAt: '2026-01-01',
    }
    expect(readQuery(writeQuery(query) as never)).toEqual(query)
  })

  it('leaves out what goes without saying', () => {
    expect(writeQuery(plain)).toEqual({})
    expect(apiQuery(plain)).toEqual({ sort: 'title', order: 'asc' })
  })

  it('drops what an address made up', () => {
    expect(readQuery({ place: "1' or 1=1", asOf: 'yesterday', validAt: '2026-02-30', sort: 'password', order: 'x', filter: 'novalue' })).toEqual(plain)
  })

  it('keeps one filter a field', () => {
    const once = withFilter(plain, 'kind', 'JWH')
    const twice = withFilter(once, 'kind', 'CWH')
    expect(filterOf(twice, 'kind')).toBe('CWH')
    expect(twice.filter).toEqual(['kind:CWH'])
    expect(withFilter(twice, 'kind', '').filter).toEqual([])
  })
})
