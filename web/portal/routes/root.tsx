import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, redirect } from '@tanstack/react-router'
import { applyAccent, type Branding } from '../../ui/branding.ts'
import { titled } from '../../ui/page-title.ts'
import { RouteNotFound } from '../../ui/route-states.tsx'
import { OpenLayout, PortalLayout, Root } from '../layout.tsx'
import { paths } from '../paths.ts'
import { overviewQuery, sessionQuery, statusQuery } from '../queries.ts'

interface PortalContext {
  readonly queryClient: QueryClient
}

export const rootRoute = createRootRouteWithContext<PortalContext>()({
  beforeLoad: async ({ context }) => {
    const status = await context.queryClient.ensureQueryData(statusQuery)
    applyAccent(status.accent)
    const branding: Branding = { name: status.productName, logoUrl: null, accent: status.accent }
    return {
      branding,
      publicMode: status.mode,
      mailboxUrl: status.mailboxUrl,
      gateway: { url: status.gatewayUrl, examplePath: status.examplePath },
    }
  },
  component: Root,
})

/** Everything for somebody who is signed in and has an account. */
export const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    const next = location.href
    if (session === null) throw redirect({ to: paths.signIn, search: { next } })
    if (session.account === null) throw redirect({ to: paths.welcome, search: { next } })
    return { session, account: session.account }
  },
  // Which time it is for the account decides what every page says.
  loader: ({ context }) => context.queryClient.ensureQueryData(overviewQuery),
  component: PortalLayout,
})

/** What everybody may see, with the account's navigation around it for those who have one. */
export const openRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'open',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (session === null) return { session: null, account: null }
    if (session.account === null) {
      throw redirect({ to: paths.welcome, search: { next: location.href } })
    }
    return { session, account: session.account }
  },
  component: OpenLayout,
})

interface BrandedMatch {
  readonly context: { readonly branding: Branding }
}

/** The tab's title of a page: what it shows, and whose product it is. */
export function pageTitle(title: string, { context }: BrandedMatch) {
  return titled(title, context.branding.name)
}

/** An address that leads nowhere, shown where the reader is: with the navigation around it. */
export const nowhereRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '$',
  head: ({ match }) => pageTitle('Not found', match),
  component: RouteNotFound,
})
