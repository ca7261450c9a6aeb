import type { NavGroup } from '../ui/navigation.ts'
import { paths } from './paths.ts'

export const NAVIGATION: readonly NavGroup[] = [
  {
    label: null,
    entries: [
      { label: 'Overview', to: paths.overview, icon: 'home', keywords: 'home start dashboard' },
      { label: 'Quickstart', to: paths.quickstart, icon: 'terminal', keywords: 'curl first call' },
      {
        label: 'API keys',
        to: paths.keys,
        icon: 'key',
        keywords: 'secret token rotate revoke budget',
      },
      { label: 'Usage', to: paths.usage, icon: 'chart', keywords: 'quota calls limit csv' },
      {
        label: 'Plan & billing',
        to: paths.billing,
        icon: 'card',
        keywords: 'subscription cancel payment method',
      },
      {
        label: 'Credits',
        to: paths.credits,
        icon: 'coins',
        keywords: 'balance prepaid packs top up ledger',
      },
      { label: 'Invoices', to: paths.invoices, icon: 'invoice', keywords: 'bills pdf receipts' },
      { label: 'Settings', to: paths.settings, icon: 'settings', keywords: 'members password' },
    ],
  },
]
