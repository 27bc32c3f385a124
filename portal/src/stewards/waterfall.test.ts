import { describe, expect, it } from 'vitest'
import { bits, percent, scaleOf, stepsOf, verdictOf, type Evidence } from './waterfall'

const key = { source: 'election', stream: 'member-person', key: '7' }
const evidence = (...weights: number[]): Evidence => ({
  left: key,
  right: { ...key, key: '8' },
  weight: weights.reduce((sum, weight) => sum + weight, 0),
  probability: 0.5,
  contributions: weights.map((weight, n) => (n === 0 ? { level: 'prior', weight } : { field: `f${n}`, level: 'same', weight })),
})
const thresholds = { possible: -4.2, match: 5.6 }

describe('the waterfall', () => {
  it('begins with the prior at zero and ends at the weight of the pair', () => {
    const steps = stepsOf(evidence(-14, 8.5, 6, -0.5))
    expect(steps.map((step) => [step.from, step.to])).toEqual([
      [0, -14],
      [-14, -5.5],
      [-5.5, 0.5],
      [0.5, 0],
    ])
    expect(steps[0]!.field).toBe('')
  })

  it('shows every sum, zero and both thresholds within the picture, in their order', () => {
    const scale = scaleOf(stepsOf(evidence(-14, 20)), thresholds)
    const at = [-14, thresholds.possible, 0, thresholds.match, 6].map(scale.at)
    expect(at).toEqual([...at].sort((one, other) => one - other))
    expect(at[0]).toBeGreaterThan(0)
    expect(at.at(-1)).toBeLessThan(100)
  })

  it('cuts off what a rule forbids, so that the rest can still be read', () => {
    const scale = scaleOf(stepsOf(evidence(-14, -1000)), thresholds)
    expect(scale.at(-1014)).toBe(0)
    expect(scale.at(5.6) - scale.at(-4.2)).toBeGreaterThan(10)
  })

  it('needs no thresholds', () => {
    const scale = scaleOf(stepsOf(evidence(0)), undefined)
    expect(scale.at(0)).toBe(50)
  })
})

it('holds a weight against the thresholds', () => {
  expect(verdictOf(5.6, thresholds)).toBe('match')
  expect(verdictOf(5.5, thresholds)).toBe('possible')
  expect(verdictOf(-4.3, thresholds)).toBe('no')
})

it('says bits with their sign and probabilities with the digits that matter', () => {
  expect([bits(3.25), bits(-14), bits(-0.01), bits(0)]).toEqual(['+3.3', '−14.0', '+0.0', '+0.0'])
  expect([percent(0.5), percent(0.052), percent(0.9971), percent(0.99999), percent(0.00001), percent(0.004)]).toEqual(['50%', '5.2%', '99.71%', '> 99.99%', '< 0.01%', '0.40%'])
})
