import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi, HeadContent, Outlet, useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ResponseOf } from '../../src/client/client.ts'
import type { Branding } from '../ui/branding.ts'
import type { Command } from '../ui/commands.ts'
import { reachable } from '../ui/navigation.ts'
import { setTheme } from '../ui/theme.ts'
import { AccountClock, SimulatedTime } from './account-clock.tsx'
import { auth } from './api.ts'
import { NAVIGATION } from './navigation.ts'
import { Remedies } from '../ui/remedies.tsx'
import { REMEDIES } from './remedies.tsx'
import { paths } from './paths.ts'
import { PortalShell } from './shell.tsx'
import { VisitorFrame } from './visitor-frame.tsx'

const app = getRouteApi('/app')
const open = getRouteApi('/open')

/** Around everything: the tab's title, and the page. */
export function Root() {
  return (
    <Remedies value={REMEDIES}>
      <HeadContent />
      <Outlet />
    </Remedies>
  )
}

/** The shell around every page of somebody signed in. */
export function PortalLayout() {
  const { branding, session } = app.useRouteContext()
  return (
    <AccountFrame branding={branding} session={session}>
      <Outlet />
    </AccountFrame>
  )
}

/** Around pages that visitors may see too: without an account, whose product it is and the two ways in. */
export function OpenLayout() {
  const { branding, session, publicMode } = open.useRouteContext()
  return session === null ? (
    <VisitorFrame branding={branding} mode={publicMode}>
      <Outlet />
    </VisitorFrame>
  ) : (
    <AccountFrame branding={branding} session={session}>
      <Outlet />
    </AccountFrame>
  )
}

interface AccountFrameProps {
  readonly branding: Branding
  readonly session: Pick<ResponseOf<'get', '/api/v1/portal/session'>, 'user' | 'mode'>
  readonly children: ReactNode
}

function AccountFrame({ branding, session, children }: AccountFrameProps) {
  const queryClient = useQueryClient()
  const router = useRouter()
  const go = (to: string) => void router.navigate({ to })

  async function signOut() {
    await auth.signOut()
    // Nothing of this account may be seen by the next one.
    queryClient.clear()
    await router.navigate({ to: paths.signIn })
  }

  return (
    <AccountClock>
      <PortalShell
        branding={branding}
        viewer={session.user}
        mode={session.mode}
        testAside={<SimulatedTime />}
        navigation={reachable(NAVIGATION, router.routesByPath)}
        commands={commandsFor(go, () => void signOut())}
        onNavigate={go}
        onSignOut={() => void signOut()}
      >
        {children}
      </PortalShell>
    </AccountClock>
  )
}

function commandsFor(go: (to: string) => void, signOut: () => void): Command[] {
  return [
    {
      id: 'plans',
      group: 'Go to',
      icon: 'tag',
      label: 'Plans',
      keywords: 'pricing prices upgrade change',
      run: () => go(paths.plans),
    },
    {
      id: 'theme-system',
      group: 'Theme',
      icon: 'monitor',
      label: 'Theme of the system',
      run: () => setTheme('system'),
    },
    {
      id: 'theme-light',
      group: 'Theme',
      icon: 'sun',
      label: 'Light theme',
      run: () => setTheme('light'),
    },
    {
      id: 'theme-dark',
      group: 'Theme',
      icon: 'moon',
      label: 'Dark theme',
      run: () => setTheme('dark'),
    },
    {
      id: 'sign-out',
      group: 'Account',
      icon: 'sign-out',
      label: 'Sign out',
      keywords: 'log out leave',
      run: signOut,
    },
  ]
}
