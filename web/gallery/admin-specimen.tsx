import { useNavigate } from '@tanstack/react-router'
import { NAVIGATION } from '../admin/navigation.ts'
import { AdminShell } from '../admin/shell.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import type { WorldProps } from './main.tsx'
import { CUSTOMERS } from './samples.ts'
import { AdminCustomer } from './specimens/admin-customer.tsx'
import { AdminCustomers } from './specimens/admin-customers.tsx'
import { AdminHome } from './specimens/admin-home.tsx'

export function AdminSpecimen({ path }: WorldProps) {
  const navigate = useNavigate()
  const go = (to: string) => void navigate({ to })
  return (
    <AdminShell
      installationName="Farebox"
      viewer={{ name: 'Olga Brandt', email: 'olga@kestrelmaps.io' }}
      mode="test"
      isLiveConfigured
      testProvider="Payments by the simulator"
      navigation={NAVIGATION}
      counts={{ '/webhooks': 3, '/disputes': 1 }}
      commands={[
        { id: 'grant', group: 'Do', icon: 'coins', label: 'Grant credit…', run: () => undefined },
        { id: 'refund', group: 'Do', icon: 'refund', label: 'Refund…', run: () => undefined },
        {
          id: 'advance',
          group: 'Do',
          icon: 'clock',
          label: 'Advance the test clock…',
          run: () => undefined,
        },
        ...CUSTOMERS.slice(0, 4).map((customer) => ({
          id: customer.id,
          group: 'Customers',
          icon: 'building' as const,
          label: customer.name,
          hint: customer.email,
          run: () => go(`/customers/${customer.id}`),
        })),
      ]}
      onNavigate={go}
      onSwitchMode={() => undefined}
      onSignOut={() => undefined}
    >
      {pageAt(path)}
    </AdminShell>
  )
}

function pageAt(path: string) {
  if (path === '/') return <AdminHome />
  if (path === '/customers') return <AdminCustomers />
  if (path.startsWith('/customers/')) return <AdminCustomer />
  return (
    <Card>
      <EmptyState icon="search" title={path} description="No such specimen." />
    </Card>
  )
}
