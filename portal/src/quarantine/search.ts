import type { QuarantineSelection, Schemas } from '@/api/client'

export const ages = ['day', 'week', 'older'] as const
export const statuses = ['WAITING', 'REPLAYED', 'SUPERSEDED', 'DISCARDED'] as const

/** What is looked for; empty text stands for all. */
export interface Search {
  source: string
  stream: string
  reason: string
  key: string
  age: (typeof ages)[number] | ''
  status: Schemas['QuarantineStatus'] | ''
}

export const nothingSought: Search = { source: '', stream: '', reason: '', key: '', age: '', status: 'WAITING' }

const DAY = 86_400_000

interface Filter {
  source?: string
  stream?: string
  reason?: string
  key?: string
  since?: string
  until?: string
}

/** What the hub is asked for. A key is sought by its beginning; an age is counted from `now`. */
export function filterOf(search: Search, now: number): Filter {
  const filter: Filter = {}
  if (search.source) filter.source = search.source
  if (search.stream) filter.stream = search.stream
  if (search.reason) filter.reason = search.reason
  const key = search.key.trim()
  if (key) filter.key = key.endsWith('*') ? key : `${key}*`
  if (search.age === 'day') filter.since = new Date(now - DAY).toISOString()
  if (search.age === 'week') filter.since = new Date(now - 7 * DAY).toISOString()
  if (search.age === 'older') filter.until = new Date(now - 7 * DAY).toISOString()
  return filter
}

/** Which records are meant: those that were ticked, else all that were sought. One source at a time. */
export function selectionOf(search: Search, now: number, ticked: readonly { id: string; source: string }[]): QuarantineSelection | undefined {
  const first = ticked[0]
  if (first) {
    return ticked.every((one) => one.source === first.source) ? { source: first.source, ids: ticked.map((one) => one.id) } : undefined
  }
  if (!search.source || search.status !== 'WAITING') return undefined
  return { ...filterOf(search, now), source: search.source }
}

/** A raw form that is a JSON object, with a line a column; anything else as it is. */
export function readable(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? JSON.stringify(parsed, undefined, 2) : text
  } catch {
    return text
  }
}

/** Whether it can be given as an edited form. */
export function isColumns(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
  } catch {
    return false
  }
}
