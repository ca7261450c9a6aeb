import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  HeadContent,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { applyAccent, type Branding } from '../ui/branding.ts'
import { titled } from '../ui/page-title.ts'
import { RouteNotFound } from '../ui/route-states.tsx'
import { choiceParam, compact, returnParam, type Search, textParam } from '../ui/search-params.ts'
import { PortalLayout } from './layout.tsx'
import { KeyListSkeleton } from './pages/keys/skeleton.tsx'
import { paths } from './paths.ts'
import { keysQuery, sessionQuery, statusQuery } from './queries.ts'

interface PortalContext {
  readonly queryClient: QueryClient
}

const rootRoute = createRootRouteWithContext<PortalContext>()({
  beforeLoad: async ({ context }) => {
    const status = await context.queryClient.ensureQueryData(statusQuery)
    applyAccent(status.accent)
    const branding: Branding = { name: status.productName, logoUrl: null, accent: status.accent }
    return { branding, mailboxUrl: status.mailboxUrl }
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

/** Everything for somebody who is signed in and has an account. */
const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (session === null) throw redirect({ to: paths.signIn, search: { next: location.href } })
    if (session.account === null) throw redirect({ to: paths.welcome })
    return { session, account: session.account }
  },
  component: PortalLayout,
})

const keysRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.keys,
  head: ({ match }) => titled('API keys', match.context.branding.name),
  loader: ({ context }) => context.queryClient.ensureQueryData(keysQuery),
  pendingComponent: KeyListSkeleton,
  component: lazyRouteComponent(() => import('./pages/keys/list.tsx'), 'KeyList'),
})

/** An address that leads nowhere, shown where the reader is: with the navigation around it. */
const nowhereRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '$',
  head: ({ match }) => titled('Not found', match.context.branding.name),
  component: RouteNotFound,
})

/** The screens before: whoever is signed in already has no business there. */
const authRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'auth',
  beforeLoad: async ({ context }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (session !== null) throw redirect({ to: paths.overview })
  },
})

const signInRoute = createRoute({
  getParentRoute: () => authRoute,
  path: paths.signIn,
  validateSearch: (search: Search) =>
    compact({ next: returnParam(search, 'next'), error: textParam(search, 'error') }),
  head: ({ match }) => titled('Sign in', match.context.branding.name),
  component: lazyRouteComponent(() => import('./pages/auth/sign-in.tsx'), 'SignInPage'),
})

const signUpRoute = createRoute({
  getParentRoute: () => authRoute,
  path: paths.signUp,
  validateSearch: (search: Search) => compact({ next: returnParam(search, 'next') }),
  head: ({ match }) => titled('Create your account', match.context.branding.name),
  component: lazyRouteComponent(() => import('./pages/auth/sign-up.tsx'), 'SignUpPage'),
})

const checkMailRoute = createRoute({
  getParentRoute: () => authRoute,
  path: paths.checkMail,
  validateSearch: (search: Search) => ({
    email: textParam(search, 'email') ?? '',
    purpose: choiceParam(search, 'purpose', ['sign-in', 'password']) ?? 'sign-in',
  }),
  head: ({ match }) => titled('Check your mail', match.context.branding.name),
  component: lazyRouteComponent(() => import('./pages/auth/check-mail.tsx'), 'CheckMailPage'),
})

const forgotPasswordRoute = createRoute({
  getParentRoute: () => authRoute,
  path: paths.forgotPassword,
  head: ({ match }) => titled('Forgot your password?', match.context.branding.name),
  component: lazyRouteComponent(
    () => import('./pages/auth/forgot-password.tsx'),
    'ForgotPasswordPage',
  ),
})

const resetPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.resetPassword,
  validateSearch: (search: Search) => compact({ token: textParam(search, 'token') }),
  // A secret has no place in the address bar; the entry's state keeps it, unseen and across a reload.
  beforeLoad: ({ search: { token } }) => {
    if (token === undefined) return
    throw redirect({ to: paths.resetPassword, state: { token }, replace: true })
  },
  head: ({ match }) => titled('Choose a new password', match.context.branding.name),
  component: lazyRouteComponent(
    () => import('./pages/auth/reset-password.tsx'),
    'ResetPasswordPage',
  ),
})

const welcomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.welcome,
  beforeLoad: async ({ context }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (session === null) throw redirect({ to: paths.signIn })
    if (session.account !== null) throw redirect({ to: paths.overview })
  },
  head: ({ match }) => titled('Welcome', match.context.branding.name),
  component: lazyRouteComponent(() => import('./pages/auth/welcome.tsx'), 'WelcomePage'),
})

export const routeTree = rootRoute.addChildren([
  appRoute.addChildren([keysRoute, nowhereRoute]),
  authRoute.addChildren([signInRoute, signUpRoute, checkMailRoute, forgotPasswordRoute]),
  resetPasswordRoute,
  welcomeRoute,
])
