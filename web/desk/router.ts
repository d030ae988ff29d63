// Pages of the desk. Addresses live behind '#', so that any link works from a plain static server.
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import { crumbTail, setPageTitle } from './shell/crumb'
import { useSession } from './store/session'
import { r as reorg } from './reorg/texts'
import { t } from './texts'
import { texts } from '@shared/texts'

declare module 'vue-router' {
  interface RouteMeta {
    title?: string
    crumbs?: { label: string; to: string }[]
    /** permission the page needs; the server checks again */
    perm?: string
    /** reachable without signing in */
    open?: boolean
  }
}

const firms = { label: t.shell.ledger, to: '/firms' }
const orgs = { label: t.shell.orgs, to: '/orgs' }
const templates = { label: t.shell.templates, to: '/templates' }
const imports = { label: t.shell.imports, to: '/imports' }

const routes: RouteRecordRaw[] = [
  { path: '/login', component: () => import('./pages/Login.vue'), meta: { title: t.login.title, open: true } },
  { path: '/', component: () => import('./pages/Home.vue'), meta: { title: t.shell.home } },
  { path: '/firms', component: () => import('./firm/FirmList.vue'), meta: { title: t.shell.ledger, perm: 'firm_read' } },
  { path: '/firms/:id', component: () => import('./firm/FirmPage.vue'), meta: { crumbs: [firms], perm: 'firm_read' } },
  { path: '/imports', component: () => import('./import/ImportList.vue'), meta: { title: t.shell.imports, perm: 'firm_import' } },
  { path: '/imports/:id', component: () => import('./import/ImportPage.vue'), meta: { title: t.imports.one, crumbs: [imports], perm: 'firm_import' } },
  { path: '/review', component: () => import('./review/ReviewPage.vue'), meta: { title: t.shell.review, perm: 'firm_review' } },
  { path: '/board', component: () => import('./board/BoardPage.vue'), meta: { title: t.shell.board, perm: 'board_read' } },
  { path: '/orgs', component: () => import('./org/OrgPage.vue'), meta: { title: t.shell.orgs, perm: 'org_read' } },
  { path: '/accounts', component: () => import('./org/AccountList.vue'), meta: { title: t.shell.accounts, crumbs: [orgs], perm: 'account_read' } },
  { path: '/org-changes', component: () => import('./reorg/ChangeList.vue'), meta: { title: reorg.changes, crumbs: [orgs], perm: 'org_read' } },
  { path: '/org-changes/new', component: () => import('./reorg/ChangeNew.vue'), meta: { title: reorg.start, crumbs: [orgs], perm: 'org_change' } },
  { path: '/org-changes/:id', component: () => import('./reorg/ChangePage.vue'), meta: { title: reorg.changes, crumbs: [orgs], perm: 'org_read' } },
  { path: '/area-changes', component: () => import('./reorg/AreaChanges.vue'), meta: { title: reorg.areas, crumbs: [orgs], perm: 'org_read' } },
  { path: '/handovers', component: () => import('./reorg/HandoverList.vue'), meta: { title: reorg.handovers, perm: 'handover' } },
  { path: '/handovers/new', component: () => import('./reorg/HandoverNew.vue'), meta: { title: reorg.newOne, perm: 'handover' } },
  { path: '/handovers/:id', component: () => import('./reorg/HandoverPage.vue'), meta: { title: reorg.handovers, perm: 'handover' } },
  { path: '/templates', component: () => import('./template/TemplateList.vue'), meta: { title: t.shell.templates, perm: 'template_read' } },
  { path: '/templates/:name', component: () => import('./template/TemplatePage.vue'), meta: { crumbs: [templates], perm: 'template_read' } },
  { path: '/audit', component: () => import('./audit/AuditPage.vue'), meta: { title: t.shell.audit, perm: 'seal_read' } },
  { path: '/grades', component: () => import('./pages/Grades.vue'), meta: { title: t.grade.pending, crumbs: [firms], perm: 'firm_read' } },
  { path: '/jobs', component: () => import('./pages/Jobs.vue'), meta: { title: t.shell.jobs } },
  { path: '/me', component: () => import('./pages/Me.vue'), meta: { title: t.shell.me } },
  { path: '/help', component: () => import('./pages/Help.vue'), meta: { title: t.shell.helpPage, open: true } },
  { path: '/feedback', component: () => import('./pages/Feedback.vue'), meta: { title: t.shell.feedbackPage, open: true } },
  { path: '/privacy', component: () => import('./pages/Privacy.vue'), meta: { title: t.shell.privacyPage, open: true } },
  { path: '/:rest(.*)*', component: () => import('./pages/Missing.vue'), meta: { title: texts.problem.missing, open: true } },
]

export const router = createRouter({ history: createWebHashHistory(), routes })

router.beforeEach(async (to) => {
  const session = useSession()
  await session.ready()
  if (!session.in && !to.meta.open) return { path: '/login', query: { next: to.fullPath } }
  if (session.in && session.mustChange && to.path !== '/me' && !to.meta.open) return '/me'
  return true
})

router.afterEach((to, from) => {
  if (to.path === from.path) return
  crumbTail.value = ''
  setPageTitle(to.meta.title ?? '')
})
