import { describe, expect, it } from 'vitest'
import { turnoutOf } from './turnout'

describe('turnoutOf', () => {
  it('asks for more than half, not for half', () => {
    expect(turnoutOf('100', '50').verdict).toBe('under')
    expect(turnoutOf('100', '51').verdict).toBe('over')
    expect(turnoutOf('101', '51').verdict).toBe('over')
  })

  it('says so when more voted than are registered', () => {
    expect(turnoutOf('100', '101').verdict).toBe('impossible')
  })

  it('does not guess where numbers are missing', () => {
    expect(turnoutOf(undefined, '3').verdict).toBe('unknown')
    expect(turnoutOf('100', undefined).verdict).toBe('unknown')
    expect(turnoutOf('0', '0').verdict).toBe('unknown')
    expect(turnoutOf('many', '3').verdict).toBe('unknown')
  })
})
