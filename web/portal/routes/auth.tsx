import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import {
  choiceParam,
  compact,
  returnParam,
  type Search,
  textParam,
} from '../../ui/search-params.ts'
import { paths } from '../paths.ts'
import { joiningQuery, sessionQuery } from '../queries.ts'
import { pageTitle, rootRoute } from './root.tsx'

/** Why one is asked to sign in, where it needs saying. */
const NOTICES = ['ended', 'password'] as const

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
    compact({
      next: returnParam(search, 'next'),
      notice: choiceParam(search, 'notice', NOTICES),
      error: textParam(search, 'error'),
    }),
  head: ({ match }) => pageTitle('Sign in', match),
  component: lazyRouteComponent(() => import('../pages/auth/sign-in.tsx'), 'SignInPage'),
})

const signUpRoute = createRoute({
  getParentRoute: () => authRoute,
  path: paths.signUp,
  validateSearch: (search: Search) => compact({ next: returnParam(search, 'next') }),
  head: ({ match }) => pageTitle('Create your account', match),
  component: lazyRouteComponent(() => import('../pages/auth/sign-up.tsx'), 'SignUpPage'),
})

const checkMailRoute = createRoute({
  getParentRoute: () => authRoute,
  path: paths.checkMail,
  validateSearch: (search: Search) => ({
    email: textParam(search, 'email') ?? '',
    purpose: choiceParam(search, 'purpose', ['sign-in', 'password']) ?? 'sign-in',
  }),
  head: ({ match }) => pageTitle('Check your mail', match),
  component: lazyRouteComponent(() => import('../pages/auth/check-mail.tsx'), 'CheckMailPage'),
})

const forgotPasswordRoute = createRoute({
  getParentRoute: () => authRoute,
  path: paths.forgotPassword,
  head: ({ match }) => pageTitle('Forgot your password?', match),
  component: lazyRouteComponent(
    () => import('../pages/auth/forgot-password.tsx'),
    'ForgotPasswordPage',
  ),
})

/** Reached from a mail, signed in or not. */
export const resetPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.resetPassword,
  validateSearch: (search: Search) => compact({ token: textParam(search, 'token') }),
  // A secret has no place in the address bar; the entry's state keeps it, unseen and across a reload.
  beforeLoad: ({ search: { token } }) => {
    if (token === undefined) return
    throw redirect({ to: paths.resetPassword, state: { token }, replace: true })
  },
  head: ({ match }) => pageTitle('Choose a new password', match),
  component: lazyRouteComponent(
    () => import('../pages/auth/reset-password.tsx'),
    'ResetPasswordPage',
  ),
})

/** Somebody has signed up and has no account in this mode yet. */
export const welcomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.welcome,
  validateSearch: (search: Search) => compact({ next: returnParam(search, 'next') }),
  beforeLoad: async ({ context, search: { next } }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (session === null) throw redirect({ to: paths.signIn, search: compact({ next }) })
    if (session.account !== null) throw redirect({ to: paths.overview })
  },
  head: ({ match }) => pageTitle('Welcome', match),
  component: lazyRouteComponent(() => import('../pages/auth/welcome.tsx'), 'WelcomePage'),
})

/** Somebody was asked to act for an account; they have signed up for it, or in. */
export const joinRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.join,
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (session === null) throw redirect({ to: paths.signIn, search: { next: location.href } })
    return { session }
  },
  loader: ({ context, params }) => context.queryClient.ensureQueryData(joiningQuery(params.token)),
  head: ({ match }) => pageTitle('Your invitation', match),
  component: lazyRouteComponent(() => import('../pages/join/join.tsx'), 'JoinPage'),
})

export const authRoutes = authRoute.addChildren([
  signInRoute,
  signUpRoute,
  checkMailRoute,
  forgotPasswordRoute,
])
