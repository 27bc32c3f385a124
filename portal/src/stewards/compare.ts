import type { Field, FieldValue, LedgerRecord } from '@/api/client'
import { isFilled } from '@/ledgers/catalogue'
import type { Evidence } from './waterfall'

/** How the values of a field stand to each other; `hidden` where both are masked and nothing tells. */
export type Likeness = 'same' | 'different' | 'left' | 'right' | 'hidden'

export interface Pair {
  field: Field
  likeness: Likeness
}

function masked(field: string, evidence: readonly Evidence[]): Likeness {
  for (const one of evidence) {
    const told = one.contributions.find((contribution) => contribution.field === field && contribution.left !== undefined && contribution.right !== undefined)
    if (told) return told.level.split(',')[0] === 'same' ? 'same' : 'different'
  }
  return 'hidden'
}

function likenessOf(field: Field, left: FieldValue | undefined, right: FieldValue | undefined, evidence: readonly Evidence[]): Likeness | undefined {
  if (!isFilled(left) && !isFilled(right)) return undefined
  if (!isFilled(right)) return 'left'
  if (!isFilled(left)) return 'right'
  if (left.masked || right.masked) {
    // Masks differ only where the values do; equal masks prove nothing.
    return left.value !== right.value ? 'different' : masked(field.name, evidence)
  }
  const same = left.reference && right.reference ? left.reference.id === right.reference.id : left.value === right.value
  return same ? 'same' : 'different'
}

/** The fields of which either record has a value, in the ledger's order. */
export function pairsOf(fields: readonly Field[], left: LedgerRecord, right: LedgerRecord, evidence: readonly Evidence[]): Pair[] {
  return fields.flatMap((field) => {
    const likeness = likenessOf(field, left.fields[field.name], right.fields[field.name], evidence)
    return likeness ? [{ field, likeness }] : []
  })
}

export interface Alteration {
  field: string
  before: FieldValue | undefined
  after: FieldValue | undefined
}

const textOf = (value: FieldValue | undefined) => (isFilled(value) ? (value.reference?.id ?? value.value ?? '') : '')

/** What is published otherwise of a record since somebody looked at it. */
export function alterationsOf(before: LedgerRecord, after: LedgerRecord): Alteration[] {
  const names = [...new Set([...Object.keys(before.fields), ...Object.keys(after.fields)])]
  return names
    .filter((name) => textOf(before.fields[name]) !== textOf(after.fields[name]))
    .map((field) => ({ field, before: before.fields[field], after: after.fields[field] }))
}
