import type { LocationQuery, LocationQueryRaw } from 'vue-router'

/** What a ledger page shows; all of it is in the address, so that it can be bookmarked and sent. */
export interface LedgerQuery {
  q: string
  place: string
  filter: readonly string[]
  sort: 'title' | 'updatedAt'
  order: 'asc' | 'desc'
  /** The state of the records, as an instant. */
  asOf: string
  /** The day on which it was so, by the dates that sources give. */
  validAt: string
}

function one(value: LocationQuery[string] | undefined): string {
  const first = Array.isArray(value) ? value[0] : value
  return first ?? ''
}

function many(value: LocationQuery[string] | undefined): string[] {
  const all = Array.isArray(value) ? value : [value]
  return all.filter((entry): entry is string => typeof entry === 'string' && entry.includes(':'))
}

/** Whether it is a day of the calendar, as 2026-01-31. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text)
}

export function readQuery(query: LocationQuery): LedgerQuery {
  const asOf = one(query['asOf'])
  const validAt = one(query['validAt'])
  const place = one(query['place'])
  return {
    q: one(query['q']).slice(0, 100),
    place: /^\d{1,18}$/.test(place) ? place : '',
    filter: many(query['filter']).slice(0, 10),
    sort: one(query['sort']) === 'updatedAt' ? 'updatedAt' : 'title',
    order: one(query['order']) === 'desc' ? 'desc' : 'asc',
    asOf: Number.isNaN(Date.parse(asOf)) ? '' : asOf,
    validAt: isDay(validAt) ? validAt : '',
  }
}

/** The address of what is shown, without what goes without saying. */
export function writeQuery(query: LedgerQuery): LocationQueryRaw {
  return {
    ...(query.q ? { q: query.q } : {}),
    ...(query.place ? { place: query.place } : {}),
    ...(query.filter.length > 0 ? { filter: [...query.filter] } : {}),
    ...(query.sort !== 'title' ? { sort: query.sort } : {}),
    ...(query.order !== 'asc' ? { order: query.order } : {}),
    ...(query.asOf ? { asOf: query.asOf } : {}),
    ...(query.validAt ? { validAt: query.validAt } : {}),
  }
}

/** The query as the contract wants it. */
export function apiQuery(query: LedgerQuery) {
  return {
    sort: query.sort,
    order: query.order,
    ...(query.q.trim() ? { q: query.q.trim() } : {}),
    ...(query.place ? { place: query.place } : {}),
    ...(query.filter.length > 0 ? { filter: [...query.filter] } : {}),
    ...(query.asOf ? { asOf: query.asOf } : {}),
    ...(query.validAt ? { validAt: query.validAt } : {}),
  }
}

export function filterOf(query: LedgerQuery, field: string): string {
  const found = query.filter.find((entry) => entry.startsWith(`${field}:`))
  return found ? found.slice(field.length + 1) : ''
}

export function withFilter(query: LedgerQuery, field: string, value: string): LedgerQuery {
  const others = query.filter.filter((entry) => !entry.startsWith(`${field}:`))
  return { ...query, filter: value ? [...others, `${field}:${value}`] : others }
}
