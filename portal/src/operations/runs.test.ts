import { describe, expect, it } from 'vitest'
import type { Run } from '@/api/client'
import { accountedFor, isBalanced, Rates, shareDone, totalsOf } from './runs'

const counts = (stream: string, read: number, applied: number, unchanged = 0, stale = 0, quarantined = 0) => ({ stream, read, applied, unchanged, stale, quarantined, withheld: 0 })
const run = (parts: Partial<Run>): Run => ({
  id: '1',
  source: 'election',
  feed: 'main',
  kind: 'snapshot',
  status: 'RUNNING',
  startedAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:10Z',
  counts: [],
  ...parts,
})

describe('a run', () => {
  it('balances stream by stream, not only in all', () => {
    expect(isBalanced(run({ counts: [counts('a', 10, 6, 2, 1, 1), counts('b', 3, 3)] }))).toBe(true)
    const crossed = run({ counts: [counts('a', 10, 9), counts('b', 3, 4)] })
    expect(accountedFor(totalsOf(crossed))).toBe(totalsOf(crossed).read)
    expect(isBalanced(crossed)).toBe(false)
  })

  it('tells how much is done only where the source can tell how much there is', () => {
    expect(shareDone(run({ counts: [counts('a', 5, 5)] }))).toBeUndefined()
    expect(shareDone(run({ expected: 10, counts: [counts('a', 5, 5)] }))).toBe(0.5)
    expect(shareDone(run({ expected: 10, counts: [counts('a', 12, 12)] }))).toBe(1)
    expect(shareDone(run({ status: 'COMPLETED' }))).toBe(1)
  })

  it('has a rate while it moves and none when it stands', () => {
    const rates = new Rates(5000)
    rates.report(run({ counts: [counts('a', 0, 0)] }), 0)
    rates.report(run({ counts: [counts('a', 2000, 2000)] }), 1000)
    expect(rates.of(run({}), 1500)).toBe(2000)
    expect(rates.of(run({}), 9000)).toBe(0)
  })
})
