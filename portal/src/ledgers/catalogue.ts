import { shallowRef } from 'vue'
import { api, ask, type Field, type FieldValue, type Ledger, type LedgerRecord } from '@/api/client'
import { codesInEnglish } from '@/texts/codes'
import { language, number, pick, t } from '@/texts/texts'

const known = shallowRef<readonly Ledger[]>([])
let asked: Promise<readonly Ledger[]> | undefined

/** The ledgers and their fields; they are data of the hub and asked for once. */
export function loadLedgers(): Promise<readonly Ledger[]> {
  asked ??= ask(api.GET('/ledgers')).then(
    (list) => (known.value = list.ledgers),
    (thrown) => {
      asked = undefined
      throw thrown
    },
  )
  return asked
}

export function ledgers(): readonly Ledger[] {
  return known.value
}

export function findLedger(name: string): Ledger | undefined {
  return known.value.find((ledger) => ledger.name === name)
}

export function findField(ledger: string, name: string): Field | undefined {
  return findLedger(ledger)?.fields.find((field) => field.name === name)
}

export function ledgerLabel(name: string): string {
  return pick(findLedger(name)?.label) || name
}

export function fieldLabel(ledger: string, name: string): string {
  return pick(findField(ledger, name)?.label) || name
}

/** What a plain value reads as: the meaning of a code, grouped digits of a number, else as it is. */
export function valueText(ledger: string, field: Field | undefined, value: string | undefined): string {
  if (value === undefined || value === '') return ''
  if (!field) return value
  const meaning = field.values?.[value]
  if (meaning !== undefined) {
    return language.value === 'en' ? (codesInEnglish[`${ledger}.${field.name}.${value}`] ?? meaning) : meaning
  }
  if (field.kind === 'boolean') return value === 'true' ? t('value.yes') : value === 'false' ? t('value.no') : value
  if (field.kind === 'integer' && /^-?\d+$/.test(value) && field.name !== 'term') return number(Number(value))
  return value
}

export function fieldText(record: LedgerRecord, name: string): string {
  const value = record.fields[name]
  return value?.reference?.title ?? valueText(record.ledger, findField(record.ledger, name), value?.value)
}

export function isFilled(value: FieldValue | undefined): value is FieldValue {
  return value !== undefined && ((value.value !== undefined && value.value !== '') || value.reference !== undefined)
}

/**
 * What a record is called. Where the title is a code or its meaning, as the post of a membership is, the person it speaks of comes
 * first and the code is told in words.
 */
export function recordTitle(record: LedgerRecord): string {
  const ledger = findLedger(record.ledger)
  const coded = ledger?.fields.find((field) => {
    const code = record.fields[field.name]?.value
    return field.values && code !== undefined && (code === record.title || field.values[code] === record.title)
  })
  if (!coded) return record.title || t('record.id', { id: record.id })
  const who = ledger?.fields.find((field) => field.kind === 'reference' && field.to !== 'places' && record.fields[field.name]?.reference)
  const words = valueText(record.ledger, coded, record.fields[coded.name]?.value)
  const name = who && record.fields[who.name]?.reference?.title
  return name ? `${name} · ${words}` : words
}

const usual: Readonly<Record<string, readonly string[]>> = {
  places: ['level', 'kind', 'code', 'parent', 'county', 'town'],
  organizations: ['creditCode', 'place', 'legalPerson', 'phone', 'validTo', 'status'],
  persons: ['idNumber', 'sex', 'birthDate', 'politicalStatus', 'education', 'phone', 'place'],
  memberships: ['post', 'organization', 'term', 'from', 'to', 'status', 'place'],
  elections: ['organization', 'stage', 'date', 'method', 'registeredVoters', 'ballotsCast', 'result'],
  candidacies: ['post', 'election', 'votes', 'elected', 'place'],
  'service-cases': ['number', 'kind', 'person', 'state', 'acceptedAt', 'dueAt', 'place'],
  notices: ['kind', 'publishedAt', 'place'],
  covenants: ['adoptedAt', 'place'],
  'work-records': ['kind', 'date', 'state', 'place'],
}

/** The columns that a ledger shows unless the reader chose others. */
export function usualColumns(ledger: Ledger): string[] {
  const there = (usual[ledger.name] ?? []).filter((name) => ledger.fields.some((field) => field.name === name))
  return there.length > 0 ? there : ledger.fields.slice(0, 7).map((field) => field.name)
}

/** Where the page of a record is. A place has its overview, everything else its record. */
export function recordLink(ledger: string, id: string): { name: string; params: Record<string, string> } {
  return { name: 'record', params: { ledger, id } }
}
