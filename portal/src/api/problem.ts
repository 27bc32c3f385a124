import type { TextKey } from '@/texts/texts'
import type { components } from './schema'

export type Problem = components['schemas']['Problem']

/** An answer that is not a success, or no answer at all (status 0). */
export class ApiProblem extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfter?: number,
  ) {
    super(problem.detail ?? problem.title)
    this.name = 'ApiProblem'
  }

  get status(): number {
    return this.problem.status
  }

  get code(): string {
    return this.problem.code
  }
}

export type ProblemKind = 'network' | 'unauthenticated' | 'forbidden' | 'notFound' | 'erased' | 'badRequest' | 'tooMany' | 'server'

export function kindOf(status: number): ProblemKind {
  switch (status) {
    case 0:
      return 'network'
    case 401:
      return 'unauthenticated'
    case 403:
      return 'forbidden'
    case 404:
      return 'notFound'
    case 410:
      return 'erased'
    case 429:
      return 'tooMany'
    default:
      // What a proxy answers while the hub is away is the network's fault, not the reader's.
      if (status === 502 || status === 503 || status === 504) return 'network'
      return status >= 400 && status < 500 ? 'badRequest' : 'server'
  }
}

export function textKeysOf(kind: ProblemKind): { title: TextKey; remedy: TextKey } {
  return { title: `problem.${kind}`, remedy: `problem.${kind}.remedy` }
}

/** Reads problem+json; what is not, such as a proxy's error page, becomes a problem by its status. */
export function toProblem(response: Response, body: unknown): ApiProblem {
  const retryAfter = Number(response.headers.get('Retry-After') ?? '')
  const seconds = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined
  if (body !== null && typeof body === 'object' && 'code' in body && 'title' in body) {
    return new ApiProblem({ ...(body as Problem), status: response.status }, seconds)
  }
  return new ApiProblem(
    { type: 'about:blank', title: response.statusText, status: response.status, code: kindOf(response.status) },
    seconds,
  )
}

/** Any thrown thing as a problem. */
export function asProblem(thrown: unknown): ApiProblem {
  if (thrown instanceof ApiProblem) return thrown
  return new ApiProblem({ type: 'about:blank', title: 'unexpected', status: 500, code: 'unexpected' })
}
