// The left menu: at most two levels, only what the account may do. One row per page.
import { lt } from './life/texts'
import { f } from './file/texts'
import { r as reorg } from './reorg/texts'
import { t } from './texts'
import { nt } from './notice/texts'
import { b } from './texts_bulk'

export interface MenuItem {
  to: string
  label: string
  /** permission that shows it; none = everyone */
  perm?: string
}

export interface MenuGroup {
  label: string
  items: MenuItem[]
}

const groups: MenuGroup[] = [
  { label: '', items: [{ to: '/', label: t.shell.home }] },
  {
    label: t.shell.firms,
    items: [
      { to: '/firms', label: t.shell.ledger, perm: 'firm_read' },
      { to: '/review', label: t.shell.review, perm: 'firm_review' },
      { to: '/imports', label: t.shell.imports, perm: 'firm_import' },
      { to: '/campaigns', label: t.shell.campaigns, perm: 'campaign_read' },
      { to: '/gaps', label: f.gaps.page, perm: 'firm_read' },
      { to: '/quality', label: b.quality, perm: 'firm_read' },
      { to: '/bulk', label: b.menu, perm: 'firm_write' },
    ],
  },
  {
    label: lt.menu.group,
    items: [
      { to: '/claims', label: lt.menu.claims, perm: 'invite' },
      { to: '/transfers', label: lt.menu.transfers, perm: 'firm_read' },
      { to: '/twins', label: lt.menu.twins, perm: 'firm_read' },
      { to: '/regrades', label: lt.menu.regrades, perm: 'firm_read' },
      { to: '/delegations', label: lt.menu.delegations, perm: 'firm_read' },
    ],
  },
  { label: '', items: [{ to: '/board', label: t.shell.board, perm: 'board_read' }] },
  {
    label: nt.menu,
    items: [
      { to: '/notices', label: nt.notices, perm: 'notice_read' },
      { to: '/questions', label: nt.questions, perm: 'notice_read' },
      { to: '/handbook', label: nt.handbook },
    ],
  },
  {
    label: t.shell.system,
    items: [
      { to: '/orgs', label: t.shell.orgs, perm: 'org_read' },
      { to: '/org-changes', label: reorg.changes, perm: 'org_read' },
      { to: '/handovers', label: reorg.handovers, perm: 'handover' },
      { to: '/accounts', label: t.shell.accounts, perm: 'account_read' },
      { to: '/templates', label: t.shell.templates, perm: 'template_read' },
      { to: '/audit', label: t.shell.audit, perm: 'seal_read' },
      { to: '/jobs', label: t.shell.jobs, perm: 'job_read' },
      { to: '/me', label: t.shell.me },
    ],
  },
]

/** The groups with what these permissions allow; empty groups are left out. */
export function menuFor(can: (perm: string) => boolean): MenuGroup[] {
  return groups
    .map((g) => ({ ...g, items: g.items.filter((i) => !i.perm || can(i.perm)) }))
    .filter((g) => g.items.length > 0)
}
