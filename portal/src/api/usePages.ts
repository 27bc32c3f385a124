import { onScopeDispose, shallowRef, watch, type ShallowRef, type WatchSource } from 'vue'
import { asProblem, type ApiProblem } from './problem'

export interface Page<T> {
  items: readonly T[]
  nextCursor?: string | undefined
}

export interface Pages<T> {
  items: ShallowRef<readonly T[] | undefined>
  problem: ShallowRef<ApiProblem | undefined>
  loading: ShallowRef<boolean>
  /** Whether there are more than are shown. */
  hasMore: ShallowRef<boolean>
  again: () => Promise<void>
  more: () => Promise<void>
}

/** A list that comes page by page; asked anew whenever `depends` changes. An answer that was overtaken is dropped. */
export function usePages<T>(question: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>, depends: WatchSource | WatchSource[] = []): Pages<T> {
  const items = shallowRef<readonly T[]>()
  const problem = shallowRef<ApiProblem>()
  const loading = shallowRef(false)
  const hasMore = shallowRef(false)
  let cursor: string | undefined
  let current: AbortController | undefined

  async function load(from: string | undefined): Promise<void> {
    current?.abort()
    const mine = new AbortController()
    current = mine
    loading.value = true
    problem.value = undefined
    try {
      const page = await question(from, mine.signal)
      if (current !== mine) return
      items.value = from === undefined ? page.items : [...(items.value ?? []), ...page.items]
      cursor = page.nextCursor
      hasMore.value = cursor !== undefined
    } catch (thrown) {
      if (current === mine && !mine.signal.aborted) problem.value = asProblem(thrown)
    } finally {
      if (current === mine) loading.value = false
    }
  }

  watch(depends, () => load(undefined), { immediate: true })
  onScopeDispose(() => {
    current?.abort()
    current = undefined
  })
  return { items, problem, loading, hasMore, again: () => load(undefined), more: () => load(cursor) }
}
