import { describe, expect, it } from 'vitest'
import { percent, rightness, tone } from './quality'

describe('quality', () => {
  it('is the share of what a source says that is published', () => {
    expect(rightness({ said: 200, differing: 3 })).toBeCloseTo(0.985)
    expect(rightness({ said: 0, differing: 0 })).toBeUndefined()
    expect(rightness(undefined)).toBeUndefined()
  })

  it('never rounds up to whole', () => {
    expect(percent(1)).toBe('100%')
    expect(percent(0.99999)).toBe('99.9%')
    expect(percent(undefined)).toBe('')
    expect([1, 0.96, 0.9, 0.1].map(tone)).toEqual(['best', 'good', 'fair', 'poor'])
  })
})
