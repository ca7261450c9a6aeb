import { NAVIGATION } from '../portal/navigation.ts'
import { PortalShell } from '../portal/shell.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Card } from '../ui/card.tsx'
import type { WorldProps } from './main.tsx'
import { PortalKeys } from './specimens/portal-keys.tsx'
import { PortalOverview } from './specimens/portal-overview.tsx'

export function PortalSpecimen({ path }: WorldProps) {
  return (
    <PortalShell
      branding={{ name: 'Kestrel Maps API', logoUrl: null, accent: null }}
      viewer={{ name: 'Ada Lindqvist', email: 'ada@northwind.dev' }}
      mode="test"
      navigation={NAVIGATION}
      commands={[]}
      onNavigate={() => undefined}
      onSignOut={() => undefined}
    >
      {pageAt(path)}
    </PortalShell>
  )
}

function pageAt(path: string) {
  if (path === '/') return <PortalOverview />
  if (path === '/keys') return <PortalKeys />
  return (
    <Card>
      <EmptyState icon="search" title={path} description="No such specimen." />
    </Card>
  )
}
