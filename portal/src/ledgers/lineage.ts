import type { FieldClaim, Lineage, Schemas } from '@/api/client'

export type SourceRecord = Schemas['SourceRecord']

export interface Cell {
  claim: FieldClaim
  won: boolean
  /** Says something else than the value that was chosen. */
  differs: boolean
}

export interface Row {
  field: string
  rule: string | undefined
  /** One a source record, in the order of the columns; undefined where it says nothing of the field. */
  cells: readonly (Cell | undefined)[]
  differs: boolean
}

const idOf = (one: { source: string; stream: string; key: string }) => `${one.source}\0${one.stream}\0${one.key}`

/** A reference as its source wrote it, such as place-code:2023|110101001001: it leads nowhere that the reader may see. */
export function isUnresolved(value: string | undefined): boolean {
  return /^(record|place-code):/.test(value ?? '')
}

/**
 * Fields down, source records across: what each says of each. References come as titles; one that leads nowhere cannot
 * be compared with them.
 */
export function matrixOf(lineage: Lineage, isReference: (field: string) => boolean = () => false): Row[] {
  return lineage.fields.map((entry) => {
    const winner = entry.claims.find((claim) => claim.won)
    const cells = lineage.sourceRecords.map((record) => {
      const claim = entry.claims.find((one) => idOf(one) === idOf(record))
      if (!claim) return undefined
      const comparable = winner !== undefined && !(isReference(entry.field) && (isUnresolved(claim.value) || isUnresolved(winner.value)))
      return { claim, won: claim.won, differs: comparable && (claim.value ?? '') !== (winner.value ?? '') }
    })
    return { field: entry.field, rule: entry.rule, cells, differs: cells.some((cell) => cell?.differs) }
  })
}
