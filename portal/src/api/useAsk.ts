import { onScopeDispose, shallowRef, watch, type ShallowRef, type WatchSource } from 'vue'
import { asProblem, type ApiProblem } from './problem'

export interface Asked<T> {
  data: ShallowRef<T | undefined>
  problem: ShallowRef<ApiProblem | undefined>
  loading: ShallowRef<boolean>
  again: () => Promise<void>
}

/**
 * Asks whenever `depends` changes and keeps the latest answer. An answer that was overtaken by a later question is
 * dropped, so that a slow page never shows under a newer one.
 */
export function useAsk<T>(question: (signal: AbortSignal) => Promise<T>, depends: WatchSource | WatchSource[] = []): Asked<T> {
  const data = shallowRef<T>()
  const problem = shallowRef<ApiProblem>()
  const loading = shallowRef(true)
  let current: AbortController | undefined

  async function again(): Promise<void> {
    current?.abort()
    const mine = new AbortController()
    current = mine
    loading.value = true
    problem.value = undefined
    try {
      const answer = await question(mine.signal)
      if (current === mine) data.value = answer
    } catch (thrown) {
      if (current === mine && !mine.signal.aborted) {
        data.value = undefined
        problem.value = asProblem(thrown)
      }
    } finally {
      if (current === mine) loading.value = false
    }
  }

  watch(depends, again, { immediate: true })
  onScopeDispose(() => {
    current?.abort()
    current = undefined
  })
  return { data, problem, loading, again }
}
