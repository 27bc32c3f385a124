import { api, ask, type LedgerRecord, type Reference } from '@/api/client'
import { session } from '@/session/session'

export function levelOf(place: LedgerRecord): string {
  return place.fields['level']?.value ?? ''
}

/** Where a place lies, in words: district and town. */
export function pathOf(place: LedgerRecord): string {
  return [place.fields['county']?.value, place.fields['town']?.value].filter((part) => part && part !== place.title).join(' · ')
}

export async function searchCommunities(q: string, signal?: AbortSignal): Promise<LedgerRecord[]> {
  const page = await ask(
    api.GET('/ledgers/{ledger}', {
      params: { path: { ledger: 'places' }, query: { q, filter: ['level:village'], limit: 20 } },
      ...(signal ? { signal } : {}),
    }),
  )
  return page.records
}

async function listAll(filter: string[]): Promise<LedgerRecord[]> {
  const all: LedgerRecord[] = []
  let cursor: string | undefined
  do {
    const page = await ask(
      api.GET('/ledgers/{ledger}', {
        params: { path: { ledger: 'places' }, query: { filter, limit: 200, ...(cursor ? { cursor } : {}) } },
      }),
    )
    all.push(...page.records)
    cursor = page.nextCursor
  } while (cursor)
  // By code, which is the order in which everybody knows them.
  return all.sort((one, other) => (one.fields['code']?.value ?? '').localeCompare(other.fields['code']?.value ?? ''))
}

/** The places directly below one. */
export function listBelow(id: string): Promise<LedgerRecord[]> {
  return listAll([`parent:${id}`])
}

/** Where browsing starts: the districts for who may see everything, one's own places for everybody else. */
export async function listRoots(): Promise<LedgerRecord[]> {
  const account = session.account.value
  if (!account) return []
  if (account.everything) return listAll(['level:county'])
  return Promise.all(account.places.map((place: Reference) => getPlace(place.id)))
}

export function getPlace(id: string, signal?: AbortSignal): Promise<LedgerRecord> {
  return ask(api.GET('/ledgers/{ledger}/{id}', { params: { path: { ledger: 'places', id } }, ...(signal ? { signal } : {}) }))
}
