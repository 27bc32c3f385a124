import { expect, it } from 'vitest'
import { actsOf, base64, fileFault, type Correction } from './corrections'

const correction = (state: Correction['state'], acceptable: boolean): Correction => ({
  id: '1', ledger: 'persons', title: '张秀英', field: 'name', state, level: 'STREET', actor: 'worker', at: '2026-01-01T00:00:00Z', reason: '身份证', acceptable,
})

it('offers what may be done and nothing else', () => {
  expect(actsOf(correction('PROPOSED', true), 'officer')).toEqual(['acceptance', 'rejection'])
  expect(actsOf(correction('PROPOSED', false), 'worker')).toEqual(['withdrawal'])
  expect(actsOf(correction('PROPOSED', false), 'other')).toEqual([])
  expect(actsOf(correction('IN_CONFLICT', true), 'officer')).toEqual(['keep-correction', 'keep-source'])
  expect(actsOf(correction('STANDING', false), 'worker')).toEqual(['withdrawal'])
  expect(actsOf(correction('RETIRED', true), 'worker')).toEqual([])
})

it('knows which files can be evidence', () => {
  expect(fileFault({ size: 10, type: 'application/pdf' })).toBeUndefined()
  expect(fileFault({ size: 10, type: 'text/html' })).toBe('type')
  expect(fileFault({ size: 6_000_000, type: 'image/png' })).toBe('size')
  expect(fileFault({ size: 0, type: 'image/png' })).toBe('size')
})

it('writes large files as base64', () => {
  const bytes = new Uint8Array(100_003).map((_, at) => at % 251)
  expect(Uint8Array.from(atob(base64(bytes)), (c) => c.charCodeAt(0))).toEqual(bytes)
})
