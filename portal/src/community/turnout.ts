export type TurnoutVerdict = 'over' | 'under' | 'impossible' | 'unknown'

export interface Turnout {
  registered: number
  cast: number
  /** Between 0 and 1; more than 1 only where the numbers cannot be right. */
  share: number
  verdict: TurnoutVerdict
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/**
 * How many took part. An election is valid if more than half of the registered voters voted: exactly half is not
 * enough.
 */
export function turnoutOf(registered: string | undefined, cast: string | undefined): Turnout {
  const all = count(registered)
  const votes = count(cast)
  if (all === undefined || votes === undefined || all === 0) return { registered: all ?? 0, cast: votes ?? 0, share: 0, verdict: 'unknown' }
  const verdict = votes > all ? 'impossible' : votes * 2 > all ? 'over' : 'under'
  return { registered: all, cast: votes, share: votes / all, verdict }
}
