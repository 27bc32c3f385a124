import { describe, expect, it } from 'vitest'
import { filterOf, isColumns, nothingSought, readable, selectionOf } from './search'

const now = Date.parse('2026-03-08T08:00:00Z')

describe('a search of quarantine', () => {
  it('asks for nothing that was not said', () => {
    expect(filterOf(nothingSought, now)).toEqual({})
  })

  it('seeks a key by its beginning and an age from now', () => {
    expect(filterOf({ ...nothingSought, key: ' 1101 ', age: 'day' }, now)).toEqual({ key: '1101*', since: '2026-03-07T08:00:00.000Z' })
    expect(filterOf({ ...nothingSought, key: '1101*', age: 'older' }, now)).toEqual({ key: '1101*', until: '2026-03-01T08:00:00.000Z' })
  })
})

describe('a selection', () => {
  it('is what was ticked, of one source', () => {
    expect(selectionOf(nothingSought, now, [{ id: '7', source: 'election' }, { id: '8', source: 'election' }])).toEqual({ source: 'election', ids: ['7', '8'] })
    expect(selectionOf(nothingSought, now, [{ id: '7', source: 'election' }, { id: '8', source: 'codes' }])).toBeUndefined()
  })

  it('is else all that was sought of a source and waits', () => {
    expect(selectionOf({ ...nothingSought, source: 'election', reason: 'unknown-code' }, now, [])).toEqual({ source: 'election', reason: 'unknown-code' })
    expect(selectionOf(nothingSought, now, [])).toBeUndefined()
    expect(selectionOf({ ...nothingSought, source: 'election', status: 'DISCARDED' }, now, [])).toBeUndefined()
  })
})

describe('a raw form', () => {
  it('is shown with a line a column, if it has columns', () => {
    expect(readable('{"a":"1","b":"2"}')).toBe('{\n  "a": "1",\n  "b": "2"\n}')
    expect(readable('<html>')).toBe('<html>')
    expect(readable('[1]')).toBe('[1]')
  })

  it('can be given back as columns only', () => {
    expect(isColumns('{"a":"1"}')).toBe(true)
    expect(isColumns('{"a":')).toBe(false)
    expect(isColumns('null')).toBe(false)
  })
})
