import { api, ask, type Field, type Ledger, type LedgerRecord } from '@/api/client'
import { ledgers } from './catalogue'

export interface Related {
  ledger: Ledger
  field: Field
  records: readonly LedgerRecord[]
  total: number
}

const SHOWN = 12

/** Records of any ledger that refer to this one, found by the reference fields that the catalogue tells of. */
export async function relatedTo(ledger: string, id: string, signal: AbortSignal): Promise<Related[]> {
  const ways = ledgers().flatMap((other) =>
    other.fields.filter((field) => field.kind === 'reference' && field.to === ledger).map((field) => ({ ledger: other, field })),
  )
  const found = await Promise.all(
    ways.map(async (way) => {
      const page = await ask(
        api.GET('/ledgers/{ledger}', { params: { path: { ledger: way.ledger.name }, query: { filter: [`${way.field.name}:${id}`], limit: SHOWN, explain: true } }, signal }),
      )
      return { ...way, records: page.records, total: page.total ?? page.records.length }
    }),
  )
  return found.filter((one) => one.total > 0)
}
