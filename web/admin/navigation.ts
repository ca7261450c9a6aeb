import type { NavGroup } from '../ui/navigation.ts'
import { paths } from './paths.ts'

/** By noun, in the order of a working day; each with the keys that go there. */
export const NAVIGATION: readonly NavGroup[] = [
  {
    label: null,
    entries: [
      { label: 'Home', to: paths.home, icon: 'home', shortcut: 'g h' },
      { label: 'Customers', to: paths.customers, icon: 'users', shortcut: 'g c' },
      { label: 'Subscriptions', to: paths.subscriptions, icon: 'refresh', shortcut: 'g s' },
    ],
  },
  {
    label: 'Catalog',
    entries: [
      {
        label: 'Plans',
        to: paths.plans,
        icon: 'tag',
        shortcut: 'g p',
        keywords: 'prices rate cards',
      },
      {
        label: 'Migrations',
        to: paths.migrations,
        icon: 'arrow-right',
        keywords: 'move subscribers versions notice',
      },
      {
        label: 'Coupons',
        to: paths.coupons,
        icon: 'flag',
        keywords: 'promotion codes discounts offers',
      },
      { label: 'Meters & features', to: paths.meters, icon: 'gauge', shortcut: 'g m' },
    ],
  },
  {
    label: 'Gateway',
    entries: [
      { label: 'Routes & upstreams', to: paths.routes, icon: 'route', shortcut: 'g r' },
      { label: 'Usage explorer', to: paths.usage, icon: 'chart', shortcut: 'g u' },
    ],
  },
  {
    label: 'Money',
    entries: [
      {
        label: 'Invoices & payments',
        to: paths.invoices,
        icon: 'invoice',
        shortcut: 'g i',
        keywords: 'charges',
      },
      {
        label: 'Billing runs',
        to: paths.billingRuns,
        icon: 'clock',
        keywords: 'monthly close period rehearsal dry run',
      },
      { label: 'Refunds', to: paths.refunds, icon: 'refund', shortcut: 'g f' },
      {
        label: 'Disputes',
        to: paths.disputes,
        icon: 'scale',
        shortcut: 'g d',
        keywords: 'evidence',
      },
      { label: 'Dunning', to: paths.dunning, icon: 'bell', keywords: 'overdue grace' },
      { label: 'Credits', to: paths.credits, icon: 'coins', keywords: 'grants balance' },
    ],
  },
  {
    label: 'Connections',
    entries: [
      { label: 'Stripe', to: paths.stripe, icon: 'plug', keywords: 'account keys' },
      {
        label: 'Findings',
        to: paths.findings,
        icon: 'flag',
        shortcut: 'g x',
        keywords: 'reconcile drift differences',
      },
      {
        label: 'Webhook inbox',
        to: paths.webhookInbox,
        icon: 'inbox',
        shortcut: 'g w',
        keywords: 'events replay',
      },
      { label: 'Outbound webhooks', to: paths.endpoints, icon: 'send', keywords: 'deliveries' },
      { label: 'Mailbox', to: paths.mailbox, icon: 'mail', keywords: 'development messages' },
    ],
  },
  {
    label: 'Installation',
    entries: [
      {
        label: 'Operators & tokens',
        to: paths.operators,
        icon: 'shield',
        shortcut: 'g o',
        keywords: 'roles team api tokens',
      },
      { label: 'Audit log', to: paths.audit, icon: 'book', shortcut: 'g a' },
      { label: 'Settings', to: paths.settings, icon: 'settings', keywords: 'branding mail' },
      { label: 'System', to: paths.system, icon: 'monitor', keywords: 'health version jobs' },
    ],
  },
]
