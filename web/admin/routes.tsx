import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  HeadContent,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { titled } from '../ui/page-title.ts'
import { RouteNotFound } from '../ui/route-states.tsx'
import { choiceParam, compact, returnParam, type Search, textParam } from '../ui/search-params.ts'
import { mode } from './api.ts'
import { AdminLayout } from './layout.tsx'
import { CustomerListSkeleton } from './pages/customers/skeleton.tsx'
import { paths } from './paths.ts'
import { customersQuery, sessionQuery, statusQuery } from './queries.ts'

interface AdminContext {
  readonly queryClient: QueryClient
}

const rootRoute = createRootRouteWithContext<AdminContext>()({
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
const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (session === null) throw redirect({ to: paths.signIn, search: { next: location.href } })
    return { session }
  },
  component: AdminLayout,
})

const customersRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.customers,
  validateSearch: (search: Search) =>
    compact({ search: textParam(search, 'search'), cursor: textParam(search, 'cursor') }),
  head: ({ match }) => titled('Customers', match.context.productName, match.context.suffix),
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => context.queryClient.ensureQueryData(customersQuery(deps)),
  pendingComponent: CustomerListSkeleton,
  component: lazyRouteComponent(() => import('./pages/customers/list.tsx'), 'CustomerList'),
})

/** An address that leads nowhere, shown where the reader is: with the navigation around it. */
const nowhereRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '$',
  head: ({ match }) => titled('Not found', match.context.productName),
  component: RouteNotFound,
})

/** The screens before: whoever is signed in already has no business there. */
const authRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'auth',
  beforeLoad: async ({ context }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (session !== null) throw redirect({ to: paths.home })
  },
})

const signInRoute = createRoute({
  getParentRoute: () => authRoute,
  path: paths.signIn,
  validateSearch: (search: Search) =>
    compact({ next: returnParam(search, 'next'), error: textParam(search, 'error') }),
  head: ({ match }) => titled('Sign in', match.context.productName),
  component: lazyRouteComponent(() => import('./pages/auth/sign-in.tsx'), 'SignInPage'),
})

const checkMailRoute = createRoute({
  getParentRoute: () => authRoute,
  path: paths.checkMail,
  validateSearch: (search: Search) => ({
    email: textParam(search, 'email') ?? '',
    purpose: choiceParam(search, 'purpose', ['sign-in', 'password']) ?? 'sign-in',
  }),
  head: ({ match }) => titled('Check your mail', match.context.productName),
  component: lazyRouteComponent(() => import('./pages/auth/check-mail.tsx'), 'CheckMailPage'),
})

const forgotPasswordRoute = createRoute({
  getParentRoute: () => authRoute,
  path: paths.forgotPassword,
  head: ({ match }) => titled('Forgot your password?', match.context.productName),
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
  head: ({ match }) => titled('Choose a new password', match.context.productName),
  component: lazyRouteComponent(
    () => import('./pages/auth/reset-password.tsx'),
    'ResetPasswordPage',
  ),
})

export const routeTree = rootRoute.addChildren([
  appRoute.addChildren([customersRoute, nowhereRoute]),
  authRoute.addChildren([signInRoute, checkMailRoute, forgotPasswordRoute]),
  resetPasswordRoute,
])
