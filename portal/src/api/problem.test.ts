import { describe, expect, it } from 'vitest'
import { kindOf, toProblem } from './problem'
import { ask } from './client'

describe('problems', () => {
  it('keep what the hub said', () => {
    const response = new Response('', { status: 429, headers: { 'Retry-After': '30' } })
    const problem = toProblem(response, { type: '/problems/x', title: 'Slow', status: 429, code: 'too-many', remedy: 'wait' })
    expect(problem.code).toBe('too-many')
    expect(problem.problem.remedy).toBe('wait')
    expect(problem.retryAfter).toBe(30)
  })

  it('make one of what is no problem+json', () => {
    expect(toProblem(new Response('<html>', { status: 502 }), '<html>').code).toBe('network')
    expect(kindOf(500)).toBe('server')
    expect(kindOf(422)).toBe('badRequest')
  })

  it('tell that the service cannot be reached', async () => {
    await expect(ask(Promise.reject(new TypeError('fetch failed')))).rejects.toMatchObject({ status: 0, code: 'network' })
  })
})
