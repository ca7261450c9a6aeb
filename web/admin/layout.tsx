import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Outlet, useRouter } from '@tanstack/react-router'
import { useDeferredValue, useState } from 'react'
import { ClockOffset } from '../ui/clock.tsx'
import type { Command } from '../ui/commands.ts'
import { reachable } from '../ui/navigation.ts'
import { auth, mode } from './api.ts'
import { counterpart } from './mode.ts'
import { NAVIGATION } from './navigation.ts'
import { paths } from './paths.ts'
import {
  clockQuery,
  connectionQuery,
  customersQuery,
  liveConnectionQuery,
  summaryQuery,
} from './queries.ts'
import { AdminShell } from './shell.tsx'

const route = getRouteApi('/app')

/** The shell around every page of an operator who is signed in. */
export function AdminLayout() {
  const { productName, session, mailboxUrl, queryClient } = route.useRouteContext()
  const router = useRouter()
  const [query, setQuery] = useState('')
  const go = (to: string) => void router.navigate({ to })
  const canOpenCustomers = Object.hasOwn(router.routesByPath, paths.customer)
  const found = useFoundCustomers(useDeferredValue(query), canOpenCustomers, go)
  const connection = useQuery(connectionQuery)
  const live = useQuery(liveConnectionQuery)
  const summary = useQuery(summaryQuery)
  const { data: clock } = useSuspenseQuery(clockQuery)

  async function signOut() {
    await auth.signOut()
    // Nothing this operator saw may be seen by the next one.
    queryClient.clear()
    await router.navigate({ to: paths.signIn })
  }

  const failedEvents = summary.data?.todo.find((item) => item.kind === 'webhooks_failed')?.count
  return (
    <AdminShell
      installationName={productName}
      viewer={session.operator}
      mode={mode}
      isLiveConfigured={live.data?.isConnected ?? false}
      testProvider={providerName(connection.data)}
      navigation={reachable(NAVIGATION, {
        ...router.routesByPath,
        // Where a mail server is configured, nothing stays here.
        ...(mailboxUrl === null && { [paths.mailbox]: undefined }),
      })}
      counts={{ [paths.webhookInbox]: failedEvents ?? 0 }}
      commands={[]}
      found={found.commands}
      isSearching={found.isSearching}
      onQuery={setQuery}
      onNavigate={go}
      onSwitchMode={(next) => location.assign(counterpart(location.pathname, next))}
      onSignOut={() => void signOut()}
    >
      <ClockOffset offsetMs={clock.offsetMs}>
        <Outlet />
      </ClockOffset>
    </AdminShell>
  )
}

function providerName(
  connection: { readonly isSimulated: boolean; readonly account: string | null } | undefined,
): string {
  if (connection === undefined) return ''
  if (connection.isSimulated) return 'Payments by the simulator'
  return `Stripe ${connection.account ?? 'is not connected'}`
}

const MIN_QUERY_LENGTH = 2

function useFoundCustomers(query: string, isEnabled: boolean, go: (path: string) => void) {
  const search = query.trim()
  const result = useQuery({
    ...customersQuery({ search }),
    enabled: isEnabled && search.length >= MIN_QUERY_LENGTH,
  })
  const commands = (result.data?.data ?? []).slice(0, 8).map((customer): Command => ({
    id: customer.id,
    group: 'Customers',
    icon: 'building',
    label: customer.name,
    hint: customer.email ?? customer.key,
    run: () => go(paths.customer.replace('$customerId', customer.id)),
  }))
  return { commands, isSearching: result.isFetching }
}
