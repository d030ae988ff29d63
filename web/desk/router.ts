// Pages of the desk. Addresses live behind '#', so that any link works from a plain static server.
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import { crumbTail, setPageTitle } from './shell/crumb'
import { useSession } from './store/session'
import { lt } from './life/texts'
import { f } from './file/texts'
import { r as reorg } from './reorg/texts'
import { t } from './texts'
import { nt } from './notice/texts'
import { b } from './texts_bulk'
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
const bulks = { label: b.title, to: '/bulk' }
const imports = { label: t.shell.imports, to: '/imports' }
const campaigns = { label: t.shell.campaigns, to: '/campaigns' }

const routes: RouteRecordRaw[] = [
  { path: '/login', component: () => import('./pages/Login.vue'), meta: { title: t.login.title, open: true } },
  { path: '/', component: () => import('./pages/Home.vue'), meta: { title: t.shell.home } },
  { path: '/firms', component: () => import('./firm/FirmList.vue'), meta: { title: t.shell.ledger, perm: 'firm_read' } },
  { path: '/firms/:id', component: () => import('./firm/FirmPage.vue'), meta: { crumbs: [firms], perm: 'firm_read' } },
  { path: '/firms/:id/print', component: () => import('./file/PrintPage.vue'), meta: { title: f.print.title, crumbs: [firms], perm: 'firm_read' } },
  { path: '/gaps', component: () => import('./file/GapPage.vue'), meta: { title: f.gaps.page, crumbs: [firms], perm: 'firm_read' } },
  { path: '/imports', component: () => import('./import/ImportList.vue'), meta: { title: t.shell.imports, perm: 'firm_import' } },
  { path: '/imports/:id', component: () => import('./import/ImportPage.vue'), meta: { title: t.imports.one, crumbs: [imports], perm: 'firm_import' } },
  { path: '/review', component: () => import('./review/ReviewPage.vue'), meta: { title: t.shell.review, perm: 'firm_review' } },
  { path: '/campaigns', component: () => import('./campaign/CampaignList.vue'), meta: { title: t.shell.campaigns, perm: 'campaign_read' } },
  { path: '/campaigns/:id', component: () => import('./campaign/CampaignPage.vue'), meta: { crumbs: [campaigns], perm: 'campaign_read' } },
  { path: '/campaigns/:id/candidates', component: () => import('./campaign/CandidatesPage.vue'), meta: { title: t.shell.candidates, crumbs: [campaigns], perm: 'campaign_read' } },
  { path: '/campaigns/:id/import', component: () => import('./campaign/ImportPage.vue'), meta: { title: t.shell.candidateImport, crumbs: [campaigns], perm: 'candidate_import' } },
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
  { path: '/notices/:box(received|mine|below)?', component: () => import('./notice/NoticeList.vue'), meta: { title: nt.notices, perm: 'notice_read' } },
  { path: '/notice/:id', component: () => import('./notice/NoticePage.vue'), meta: { crumbs: [{ label: nt.notices, to: '/notices' }], perm: 'notice_read' } },
  { path: '/questions/:box?', component: () => import('./notice/QuestionList.vue'), meta: { title: nt.questions } },
  { path: '/question/:id', component: () => import('./notice/QuestionPage.vue'), meta: { crumbs: [{ label: nt.questions, to: '/questions' }] } },
  { path: '/handbook', component: () => import('./notice/Handbook.vue'), meta: { title: nt.handbook } },
  { path: '/twins', component: () => import('./life/TwinPage.vue'), meta: { title: lt.menu.twins, crumbs: [firms], perm: 'firm_read' } },
  { path: '/twins/:id', component: () => import('./life/TwinCompare.vue'), meta: { crumbs: [firms, { label: lt.menu.twins, to: '/twins' }], perm: 'firm_read' } },
  { path: '/transfers', component: () => import('./life/TransferPage.vue'), meta: { title: lt.menu.transfers, crumbs: [firms], perm: 'firm_read' } },
  { path: '/transfers/out', component: () => import('./life/TransferPage.vue'), meta: { title: lt.menu.transfers, crumbs: [firms], perm: 'firm_read' } },
  { path: '/regrades', component: () => import('./life/RegradePage.vue'), meta: { title: lt.menu.regrades, crumbs: [firms], perm: 'firm_read' } },
  { path: '/delegations', component: () => import('./life/DelegationPage.vue'), meta: { title: lt.menu.delegations, crumbs: [firms], perm: 'firm_read' } },
  { path: '/delegations/out', component: () => import('./life/DelegationPage.vue'), meta: { title: lt.menu.delegations, crumbs: [firms], perm: 'firm_read' } },
  { path: '/claims', component: () => import('./life/ClaimPage.vue'), meta: { title: lt.menu.claims, crumbs: [firms], perm: 'invite' } },
  { path: '/begun', component: () => import('./life/BegunPage.vue'), meta: { title: lt.menu.begun, crumbs: [firms], perm: 'firm_read' } },
  { path: '/bulk', component: () => import('./bulk/BulkList.vue'), meta: { title: b.title, crumbs: [firms], perm: 'firm_read' } },
  { path: '/bulk/:id', component: () => import('./bulk/BulkPage.vue'), meta: { title: b.one, crumbs: [firms, bulks], perm: 'firm_read' } },
  { path: '/quality', component: () => import('./quality/QualityPage.vue'), meta: { title: b.quality, crumbs: [firms], perm: 'firm_read' } },
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
