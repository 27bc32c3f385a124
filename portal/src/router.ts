import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { onSessionEnd } from './api/client'
import { recallFor } from './community/chosen'
import { loadLedgers } from './ledgers/catalogue'
import { hideTip } from './looks/tip'
import { session } from './session/session'
import { unreachable } from './shell/unreachable'

export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
  routes: [
    { path: '/sign-in', name: 'sign-in', component: () => import('./session/SignInPage.vue'), meta: { open: true, title: 'signIn.title' } },
    { path: '/', name: 'home', component: () => import('./community/HomePage.vue'), meta: { title: 'nav.community' } },
    { path: '/communities/:id(\\d+)', name: 'community', component: () => import('./community/CommunityPage.vue'), meta: { title: 'nav.community' } },
    { path: '/ledgers', name: 'ledgers', redirect: { name: 'ledger', params: { ledger: 'organizations' } } },
    { path: '/ledgers/:ledger', name: 'ledger', component: () => import('./ledgers/LedgerPage.vue'), meta: { title: 'nav.ledgers' } },
    { path: '/ledgers/:ledger/:id(\\d+)', name: 'record', component: () => import('./ledgers/RecordPage.vue'), meta: { title: 'nav.ledgers' } },
    { path: '/reviews', name: 'reviews', component: () => import('./stewards/ReviewsPage.vue'), meta: { title: 'reviews.title' } },
    { path: '/reviews/:left(\\d+)/:right(\\d+)', name: 'review', component: () => import('./stewards/ReviewPage.vue'), meta: { title: 'reviews.title' } },
    { path: '/decisions', name: 'decisions', component: () => import('./stewards/DecisionsPage.vue'), meta: { title: 'decisions.title' } },
    { path: '/erasures', name: 'erasures', component: () => import('./erasure/ErasuresPage.vue'), meta: { title: 'erasures.title' } },
    { path: '/rules', name: 'rules', component: () => import('./stewards/RulesPage.vue'), meta: { title: 'rules.title' } },
    { path: '/corrections', name: 'corrections', component: () => import('./corrections/CorrectionsPage.vue'), meta: { title: 'nav.corrections' } },
    { path: '/tickets', name: 'tickets', component: () => import('./corrections/TicketsPage.vue'), meta: { title: 'nav.tickets' } },
    { path: '/uploads', name: 'uploads', component: () => import('./corrections/UploadsPage.vue'), meta: { title: 'nav.uploads' } },
    { path: '/uploads/:id(\\d+)', name: 'upload', component: () => import('./corrections/UploadPage.vue'), meta: { title: 'nav.uploads' } },
    { path: '/quality', name: 'quality', component: () => import('./quality/QualityPage.vue'), meta: { title: 'nav.quality' } },
    { path: '/operations', name: 'operations', component: () => import('./operations/OperationsPage.vue'), meta: { title: 'nav.operations' } },
    { path: '/quarantine', name: 'quarantine', component: () => import('./quarantine/QuarantinePage.vue'), meta: { title: 'quarantine.title' } },
    { path: '/:rest(.*)*', name: 'not-found', component: () => import('./shell/NotFoundPage.vue'), meta: { title: 'problem.page' } },
  ],
})

function signInFirst(back: string, expired: boolean) {
  return { name: 'sign-in', query: { ...(back === '/' ? {} : { back }), ...(expired ? { expired: '1' } : {}) } }
}

/** Only a path of this site is gone back to. */
export function backFrom(to: RouteLocationNormalized): string {
  const back = to.query['back']
  return typeof back === 'string' && /^\/(?![/\\])/.test(back) ? back : '/'
}

router.beforeEach(async (to) => {
  if (to.meta['open']) return true
  try {
    if (!session.account.value) {
      if (!(await session.restore())) return signInFirst(to.fullPath, false)
      recallFor(session.account.value!.login)
    }
    await loadLedgers()
    unreachable.value = undefined
    return true
  } catch {
    unreachable.value = to.fullPath
    return true
  }
})

router.afterEach(hideTip)

onSessionEnd(() => {
  const here = router.currentRoute.value
  if (here.meta['open']) return
  session.forget()
  void router.replace(signInFirst(here.fullPath, true))
})
