import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  HeadContent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { titled } from '../../ui/page-title.ts'
import { RouteNotFound } from '../../ui/route-states.tsx'
import { mode } from '../api.ts'
import { AdminLayout } from '../layout.tsx'
import { paths } from '../paths.ts'
import { clockQuery, sessionQuery, statusQuery } from '../queries.ts'

interface AdminContext {
  readonly queryClient: QueryClient
}

export const rootRoute = createRootRouteWithContext<AdminContext>()({
  beforeLoad: async ({ context }) => {
    const status = await context.queryClient.ensureQueryData(statusQuery)
    // Titles say the mode where it matters, so that it shows in a row of tabs too.
    const product = mode === 'live' ? 'Live' : 'Test'
    return { productName: status.productName, suffix: product, mailboxUrl: status.mailboxUrl }
  },
  component: Root,
})

function Root() {
  return (
    <>
      <HeadContent />
      <Outlet />
    </>
  )
}

/** Everything for an operator who is signed in. */
export const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (session === null) throw redirect({ to: paths.signIn, search: { next: location.href } })
    return { session }
  },
  // What "in 3 days" means depends on the mode's clock, on every page.
  loader: ({ context }) => context.queryClient.ensureQueryData(clockQuery),
  component: AdminLayout,
})

interface TitledMatch {
  readonly context: { readonly productName: string; readonly suffix: string }
}

/** The tab's title of a page: what it shows, the product, the mode. */
export function pageTitle(title: string, { context }: TitledMatch) {
  return titled(title, context.productName, context.suffix)
}

/** An address that leads nowhere, shown where the reader is: with the navigation around it. */
export const nowhereRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '$',
  head: ({ match }) => pageTitle('Not found', match),
  component: RouteNotFound,
})
