import { computed, ref } from 'vue'
import { api, ask, type Account } from '@/api/client'
import { ApiProblem } from '@/api/problem'

const account = ref<Account>()

/** Who is signed in. The session itself is a cookie that scripts cannot read. */
export const session = {
  account: computed(() => account.value),
  mayOperate: computed(() => account.value?.roles.some((role) => role === 'officer' || role === 'admin') ?? false),
  /** Neither a source nor what waits in quarantine has a place: only who sees everything may replay or have read again. */
  maySteerSources: computed(() => (account.value?.everything ?? false) && (account.value?.roles.some((role) => role === 'officer' || role === 'admin') ?? false)),
  isAdmin: computed(() => account.value?.roles.includes('admin') ?? false),

  async signIn(login: string, password: string): Promise<void> {
    const opened = await ask(api.POST('/session', { body: { login, password } }), { signingIn: true })
    account.value = opened.account
  },

  /** Finds out whether the browser still holds a valid session. */
  async restore(): Promise<boolean> {
    if (account.value) return true
    try {
      account.value = await ask(api.GET('/session'), { signingIn: true })
      return true
    } catch (thrown) {
      if (thrown instanceof ApiProblem && thrown.status === 401) return false
      throw thrown
    }
  },

  async signOut(): Promise<void> {
    try {
      await ask(api.DELETE('/session'), { signingIn: true })
    } finally {
      account.value = undefined
    }
  },

  forget(): void {
    account.value = undefined
  },
}
