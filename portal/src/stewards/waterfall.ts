import type { Schemas } from '@/api/client'

export type Evidence = Schemas['Evidence']
export type Thresholds = Schemas['Thresholds']

/** One step of the waterfall, in bits. */
export interface Step {
  /** Empty for what belongs to no single field. */
  field: string
  level: string
  weight: number
  left: string | undefined
  right: string | undefined
  /** Sum before and after it. */
  from: number
  to: number
}

export interface Scale {
  least: number
  most: number
  /** Where a number of bits lies, 0 to 100, cut off at both ends. */
  at: (bits: number) => number
}

/** A rule that forbids a match weighs more than any picture holds. */
const FARTHEST = 60

export function stepsOf(evidence: Evidence): Step[] {
  let sum = 0
  return evidence.contributions.map((one) => {
    const from = sum
    sum += one.weight
    return { field: one.field ?? '', level: one.level, weight: one.weight, left: one.left, right: one.right, from, to: sum }
  })
}

/** One scale for all that is shown: every sum on the way, zero, and the thresholds, with a little room at both ends. */
export function scaleOf(steps: readonly Step[], thresholds: Thresholds | undefined): Scale {
  const points = [0, ...steps.flatMap((step) => [step.from, step.to]), ...(thresholds ? [thresholds.possible, thresholds.match] : [])]
  const low = Math.max(-FARTHEST, Math.min(...points))
  const high = Math.min(FARTHEST, Math.max(...points))
  const room = Math.max(1, (high - low) * 0.06)
  const least = low - room
  const most = high + room
  return { least, most, at: (bits) => Math.min(100, Math.max(0, ((bits - least) / (most - least)) * 100)) }
}

export type Verdict = 'match' | 'possible' | 'no'

export function verdictOf(weight: number, thresholds: Thresholds): Verdict {
  return weight >= thresholds.match ? 'match' : weight >= thresholds.possible ? 'possible' : 'no'
}

/** Bits with their sign, as they are added up. */
export function bits(weight: number): string {
  const text = Math.abs(weight).toFixed(1)
  return weight < 0 && text !== '0.0' ? `−${text}` : `+${text}`
}

/** A probability, with more digits the nearer it is to certainty. */
export function percent(probability: number): string {
  const hundred = probability * 100
  if (hundred >= 99.995) return '> 99.99%'
  if (hundred < 0.005) return '< 0.01%'
  const digits = hundred >= 99 || hundred < 1 ? 2 : hundred >= 10 ? 0 : 1
  return `${hundred.toFixed(digits)}%`
}
