import type { Run } from '@/api/client'

export interface Totals {
  read: number
  applied: number
  unchanged: number
  stale: number
  quarantined: number
  withheld: number
}

export const outcomes = ['applied', 'unchanged', 'stale', 'quarantined', 'withheld'] as const

export function totalsOf(run: Run): Totals {
  const totals: Totals = { read: 0, applied: 0, unchanged: 0, stale: 0, quarantined: 0, withheld: 0 }
  for (const counts of run.counts) {
    totals.read += counts.read
    for (const outcome of outcomes) totals[outcome] += counts[outcome]
  }
  return totals
}

export function accountedFor(totals: Totals): number {
  return outcomes.reduce((sum, outcome) => sum + totals[outcome], 0)
}

/** A run balances when every record that was read is accounted for, in every stream. */
export function isBalanced(run: Run): boolean {
  return run.counts.every((counts) => counts.read === outcomes.reduce((sum, outcome) => sum + counts[outcome], 0))
}

/** How much of a run is done, between 0 and 1; undefined where the source cannot tell how much there is. */
export function shareDone(run: Run): number | undefined {
  if (run.status === 'COMPLETED') return 1
  if (!run.expected) return undefined
  return Math.min(1, totalsOf(run).read / run.expected)
}

/** Records a second, smoothed over the last few reports of each run. */
export class Rates {
  private readonly seen = new Map<string, { at: number; read: number }[]>()

  constructor(private readonly span = 5000) {}

  report(run: Run, at: number): void {
    const samples = this.seen.get(run.id) ?? []
    samples.push({ at, read: totalsOf(run).read })
    while (samples.length > 2 && at - samples[0]!.at > this.span) samples.shift()
    this.seen.set(run.id, samples)
  }

  of(run: Run, now: number): number {
    const samples = this.seen.get(run.id)
    const first = samples?.[0]
    const last = samples?.at(-1)
    if (!first || !last || last.at === first.at || now - last.at > this.span) return 0
    return Math.round(((last.read - first.read) * 1000) / (last.at - first.at))
  }
}
