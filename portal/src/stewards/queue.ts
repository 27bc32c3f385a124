import { ref, shallowRef, watch } from 'vue'
import { api, ask, type Schemas } from '@/api/client'
import { asProblem, type ApiProblem } from '@/api/problem'
import { session } from '@/session/session'

export type Review = Schemas['Review']
export type ReviewKind = Schemas['ReviewKind']
export type Order = 'weight' | 'effect'

export interface Choice {
  ledger: string
  kind: ReviewKind | ''
  order: Order
}

const PAGE = 50

/**
 * The queue as it was last asked for. It outlives its page, so that who looks at a pair can go on to the next one in
 * the same order.
 */
const choice = ref<Choice>({ ledger: '', kind: '', order: 'weight' })
const reviews = shallowRef<readonly Review[]>()
const cursor = ref<string>()
const problem = shallowRef<ApiProblem>()
const loading = ref(false)
let turn = 0

const isOf = (review: Review, left: string, right: string) => review.left === left && review.right === right

async function load(more: boolean): Promise<void> {
  const mine = ++turn
  loading.value = true
  problem.value = undefined
  const { ledger, kind, order } = choice.value
  try {
    const page = await ask(
      api.GET('/reviews', {
        params: { query: { order, limit: PAGE, ...(ledger ? { ledger } : {}), ...(kind ? { kind } : {}), ...(more && cursor.value ? { cursor: cursor.value } : {}) } },
      }),
    )
    if (mine !== turn) return
    reviews.value = more ? [...(reviews.value ?? []), ...page.reviews] : page.reviews
    cursor.value = page.nextCursor
  } catch (thrown) {
    if (mine === turn) problem.value = asProblem(thrown)
  } finally {
    if (mine === turn) loading.value = false
  }
}

export const queue = {
  choice,
  reviews,
  cursor,
  problem,
  loading,
  load,

  choose(next: Partial<Choice>): void {
    choice.value = { ...choice.value, ...next }
    reviews.value = undefined
    void load(false)
  },

  /** The pairs before and after this one; both undefined where it is not of the queue. */
  around(left: string, right: string): { before: Review | undefined; after: Review | undefined; at: number } {
    const list = reviews.value ?? []
    const at = list.findIndex((review) => isOf(review, left, right))
    return { before: at > 0 ? list[at - 1] : undefined, after: at < 0 ? undefined : list[at + 1], at }
  },

  /** A decided pair waits no more. */
  drop(left: string, right: string): void {
    reviews.value = reviews.value?.filter((review) => !isOf(review, left, right))
  },

  /** Nothing of it stays for whoever signs in next. */
  forget(): void {
    turn++
    choice.value = { ledger: '', kind: '', order: 'weight' }
    reviews.value = undefined
    cursor.value = undefined
  },
}

watch(() => session.account.value?.login, queue.forget)
