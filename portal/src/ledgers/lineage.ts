import type { FieldClaim, Lineage, Schemas } from '@/api/client'

export type SourceRecord = Schemas['SourceRecord']

export interface Cell {
  claim: FieldClaim
  won: boolean
  /** Says something else than the value that was chosen; that there is nothing to say is no other value. */
  differs: boolean
}

export interface Row {
  field: string
  rule: string | undefined
  /** What the rules ask of the field, in this order. */
  criteria: readonly string[]
  /** Beginning of the division code of the place by whose exception it was decided. */
  exception: string | undefined
  /** One a source record, in the order of the columns; undefined where it says nothing of the field. */
  cells: readonly (Cell | undefined)[]
  differs: boolean
}

const idOf = (one: { source: string; stream: string; key: string }) => `${one.source}\0${one.stream}\0${one.key}`

/** A reference as its source wrote it, such as place-code:2023|110101001001: it leads nowhere that the reader may see. */
export function isUnresolved(value: string | undefined): boolean {
  return /^(record|place-code):/.test(value ?? '')
}

/** References are written in many ways; they differ where their titles do. */
function isElsewhere(claim: FieldClaim, winner: FieldClaim | undefined): boolean {
  const comparable = winner !== undefined && claim.value !== undefined && !isUnresolved(claim.value) && !isUnresolved(winner.value)
  return comparable && claim.value !== winner.value
}

/** What people put right stands beside the source records, as one more of them; undefined where nobody did. */
export function peopleOf(lineage: Lineage): FieldClaim | undefined {
  return lineage.fields.flatMap((entry) => entry.claims).find((claim) => claim.source === 'yimen')
}

/**
 * Fields down, people and source records across: what each says of each. Masked values may look alike and be others: the hub
 * says which. References come as titles; one that leads nowhere cannot be compared with them.
 */
export function matrixOf(lineage: Lineage, isReference: (field: string) => boolean = () => false): Row[] {
  return lineage.fields.map((entry) => {
    const winner = entry.claims.find((claim) => claim.won)
    const people = peopleOf(lineage) ? [entry.claims.find((one) => one.source === 'yimen')] : []
    const said = lineage.sourceRecords.map((record) => entry.claims.find((one) => idOf(one) === idOf(record)))
    const cells = [...people, ...said].map((claim) => {
      if (!claim) return undefined
      const differs = isReference(entry.field) ? isElsewhere(claim, winner) : claim.lostBy !== undefined
      return { claim, won: claim.won, differs }
    })
    return { field: entry.field, rule: entry.rule, criteria: entry.criteria, exception: entry.exception, cells, differs: cells.some((cell) => cell?.differs) }
  })
}
