import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { titled } from '../../ui/page-title.ts'
import {
  choiceParam,
  compact,
  returnParam,
  type Search,
  textParam,
} from '../../ui/search-params.ts'
import { paths } from '../paths.ts'
import { sessionQuery } from '../queries.ts'
import { rootRoute } from './root.tsx'

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
  component: lazyRouteComponent(() => import('../pages/auth/sign-in.tsx'), 'SignInPage'),
})

const checkMailRoute = createRoute({
  getParentRoute: () => authRoute,
  path: paths.checkMail,
  validateSearch: (search: Search) => ({
    email: textParam(search, 'email') ?? '',
    purpose: choiceParam(search, 'purpose', ['sign-in', 'password']) ?? 'sign-in',
  }),
  head: ({ match }) => titled('Check your mail', match.context.productName),
  component: lazyRouteComponent(() => import('../pages/auth/check-mail.tsx'), 'CheckMailPage'),
})

const forgotPasswordRoute = createRoute({
  getParentRoute: () => authRoute,
  path: paths.forgotPassword,
  head: ({ match }) => titled('Forgot your password?', match.context.productName),
  component: lazyRouteComponent(
    () => import('../pages/auth/forgot-password.tsx'),
    'ForgotPasswordPage',
  ),
})

export const resetPasswordRoute = createRoute({
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
    () => import('../pages/auth/reset-password.tsx'),
    'ResetPasswordPage',
  ),
})

export const authRoutes = authRoute.addChildren([signInRoute, checkMailRoute, forgotPasswordRoute])
