/* Routes under /m/#/. Pages are loaded when first opened; the start page of a role sits in the
 * first load. Sign-in state decides where one may go, the server decides what one may do. */
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import { ensureSession, session } from './state/session'
import HomePage from './pages/HomePage.vue'

const routes: RouteRecordRaw[] = [
  { path: '/', component: HomePage, meta: { tab: '/' } },
  { path: '/login', component: () => import('./pages/LoginPage.vue'), meta: { open: true, full: true } },
  { path: '/invite', component: () => import('./pages/InvitePage.vue'), meta: { open: true, full: true } },
  { path: '/privacy', component: () => import('./pages/PrivacyPage.vue'), meta: { open: true, tab: '/me' } },
  { path: '/help', component: () => import('./pages/HelpPage.vue'), meta: { open: true } },
  { path: '/me', component: () => import('./pages/MePage.vue') },
  { path: '/password', component: () => import('./pages/PasswordPage.vue'), meta: { tab: '/me' } },
  { path: '/sessions', component: () => import('./pages/SessionsPage.vue'), meta: { tab: '/me' } },
  { path: '/sync', component: () => import('./pages/SyncPage.vue'), meta: { tab: '/me' } },
  { path: '/hazards', component: () => import('./pages/HazardsPage.vue') },
  { path: '/hazard/:id', component: () => import('./pages/HazardPage.vue'), meta: { tab: '/hazards' } },
  { path: '/check/:day', component: () => import('./pages/CheckPage.vue'), meta: { full: true } },
  { path: '/receipt/:key', component: () => import('./pages/ReceiptPage.vue'), meta: { tab: '/' } },
  { path: '/record/:day', component: () => import('./pages/RecordPage.vue'), meta: { tab: '/files' } },
  { path: '/calendar', component: () => import('./pages/CalendarPage.vue'), meta: { tab: '/files' } },
  { path: '/stop', component: () => import('./pages/StopPage.vue'), meta: { tab: '/' } },
  { path: '/files', component: () => import('./pages/FilesPage.vue') },
  { path: '/lack', component: () => import('./file/LackPage.vue'), meta: { tab: '/files' } },
  { path: '/list', component: () => import('./pages/ListPage.vue'), meta: { tab: '/files' } },
  { path: '/list/pick', component: () => import('./pages/ListPickPage.vue'), meta: { tab: '/files' } },
  { path: '/list/edit', component: () => import('./pages/ListEditPage.vue'), meta: { tab: '/files', full: true } },
  { path: '/firms', component: () => import('./inspect/FirmsPage.vue') },
  { path: '/firm/:id', component: () => import('./inspect/FirmPage.vue'), meta: { tab: '/firms' } },
  { path: '/firm/:id/status', component: () => import('./inspect/StatusPage.vue'), meta: { tab: '/firms', full: true } },
  { path: '/merge/:key', component: () => import('./inspect/MergePage.vue'), meta: { tab: '/firms', full: true } },
  { path: '/claims', component: () => import('./inspect/ClaimsPage.vue'), meta: { tab: '/firms' } },
  { path: '/review/:id', component: () => import('./inspect/ReviewPage.vue'), meta: { tab: '/', full: true } },
  { path: '/survey', component: () => import('./survey/SurveyPage.vue') },
  { path: '/survey/:id', component: () => import('./survey/TickPage.vue'), meta: { tab: '/survey', full: true } },
  { path: '/notices', component: () => import('./notice/NoticesPage.vue'), meta: { tab: '/files' } },
  { path: '/notice/:id', component: () => import('./notice/NoticePage.vue'), meta: { tab: '/files' } },
  { path: '/tell/:id?', component: () => import('./notice/TellPage.vue'), meta: { tab: '/' } },
  { path: '/tell/:id/:firm', component: () => import('./notice/TellFormPage.vue'), meta: { tab: '/' } },
  { path: '/questions', component: () => import('./notice/QuestionsPage.vue'), meta: { tab: '/' } },
  { path: '/say', component: () => import('./notice/QuestionsPage.vue'), meta: { tab: '/me' } },
  { path: '/question/:id', component: () => import('./notice/QuestionPage.vue'), meta: { tab: '/' } },
  { path: '/book/:no?', component: () => import('./notice/BookPage.vue'), meta: { tab: '/files' } },
  { path: '/:rest(.*)*', redirect: '/' },
]

export const router = createRouter({
  history: createWebHashHistory('/m/'),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to) => {
  await ensureSession()
  if (to.meta.open) return true
  if (!session.in) return { path: '/login', query: { to: to.fullPath, ...(session.expired ? { expired: '1' } : {}) } }
  if (session.mustChange && to.path !== '/password') return '/password'
  return true
})

// a page's code could not be fetched (no network, or the files of this version are gone)
router.onError((_e, to) => {
  if (navigator.onLine) location.assign(`/m/#${to.fullPath}`)
})
