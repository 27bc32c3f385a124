import createClient from 'openapi-fetch'
import { language } from '@/texts/texts'
import { ApiProblem, toProblem } from './problem'
import type { components, paths } from './schema'

export type Schemas = components['schemas']
export type Account = Schemas['Account']
export type Ledger = Schemas['Ledger']
export type Field = Schemas['Field']
export type FieldValue = Schemas['FieldValue']
export type LedgerRecord = Schemas['LedgerRecord']
export type Reference = Schemas['Reference']
export type Lineage = Schemas['Lineage']
export type FieldClaim = Schemas['FieldClaim']
export type HistoryEntry = Schemas['HistoryEntry']
export type Run = Schemas['Run']
export type Source = Schemas['Source']
export type Summary = Schemas['Summary']
export type QuarantineItem = Schemas['QuarantineItem']
export type QuarantineSelection = Schemas['QuarantineSelection']
export type ReplayedRecord = Schemas['ReplayedRecord']

/** The hub's REST interface, typed by the contract. The session is a cookie that scripts cannot read. */
export const api = createClient<paths>({ baseUrl: '/api/v1', credentials: 'same-origin', fetch: (request) => globalThis.fetch(request) })

api.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', language.value === 'zh' ? 'zh-CN, en;q=0.5' : 'en, zh;q=0.5')
    return request
  },
})

let whenSessionEnds: () => void = () => {}

/** Sets what happens when a request finds that the session is over. */
export function onSessionEnd(action: () => void): void {
  whenSessionEnds = action
}

/** The body of a successful answer; an {@link ApiProblem} for everything else. */
export async function ask<T>(
  answer: Promise<{ data?: T; error?: unknown; response: Response }>,
  options: { signingIn?: boolean } = {},
): Promise<T> {
  let result
  try {
    result = await answer
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiProblem({ type: 'about:blank', title: 'network', status: 0, code: 'network' })
  }
  if (result.response.ok) return result.data as T
  const problem = toProblem(result.response, result.error)
  if (problem.status === 401 && !options.signingIn) whenSessionEnds()
  throw problem
}
