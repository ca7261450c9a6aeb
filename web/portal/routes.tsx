import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { choiceParam, compact, type Search, textParam } from '../ui/search-params.ts'
import { BillingSkeleton } from './pages/billing/skeleton.tsx'
import { BuyPlanSkeleton } from './pages/buy/skeleton.tsx'
import { ChangePlanSkeleton } from './pages/change/skeleton.tsx'
import { CheckoutSkeleton } from './pages/checkout/skeleton.tsx'
import { CreditsSkeleton } from './pages/credits/skeleton.tsx'
import { InvitationSkeleton } from './pages/invitation/skeleton.tsx'
import { InvoiceListSkeleton, InvoiceSkeleton } from './pages/invoices/skeleton.tsx'
import { KeyListSkeleton } from './pages/keys/skeleton.tsx'
import { OverviewSkeleton } from './pages/overview/skeleton.tsx'
import { PlanListSkeleton } from './pages/plans/skeleton.tsx'
import { QuickstartSkeleton } from './pages/quickstart/skeleton.tsx'
import { SettingsSkeleton } from './pages/settings/skeleton.tsx'
import { UsageSkeleton } from './pages/usage/skeleton.tsx'
import { RANGES, SHARED_BY, VIEWS } from './pages/usage/usage-range.ts'
import { paths } from './paths.ts'
import {
  addOnsQuery,
  budgetsQuery,
  changePreviewQuery,
  purchasePreviewQuery,
  checkoutQuery,
  creditEntriesQuery,
  creditsQuery,
  invitationQuery,
  invoiceQuery,
  invoicesQuery,
  keysQuery,
  mailsQuery,
  nextInvoiceQuery,
  memberInvitationsQuery,
  membersQuery,
  metersQuery,
  offeredPlansQuery,
  overviewQuery,
  paymentMethodsQuery,
  plansQuery,
} from './queries.ts'
import { authRoutes, joinRoute, resetPasswordRoute, welcomeRoute } from './routes/auth.tsx'
import { appRoute, nowhereRoute, openRoute, pageTitle, rootRoute } from './routes/root.tsx'

const overviewRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.overview,
  head: ({ match }) => pageTitle('Overview', match),
  loader: ({ context }) => context.queryClient.ensureQueryData(overviewQuery),
  pendingComponent: OverviewSkeleton,
  component: lazyRouteComponent(() => import('./pages/overview/overview.tsx'), 'Overview'),
})

const quickstartRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.quickstart,
  head: ({ match }) => pageTitle('Quickstart', match),
  loader: ({ context: { queryClient } }) =>
    Promise.all([
      queryClient.ensureQueryData(overviewQuery),
      queryClient.ensureQueryData(keysQuery),
    ]),
  pendingComponent: QuickstartSkeleton,
  component: lazyRouteComponent(() => import('./pages/quickstart/quickstart.tsx'), 'Quickstart'),
})

const keysRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.keys,
  head: ({ match }) => pageTitle('API keys', match),
  loader: ({ context: { queryClient } }) =>
    Promise.all([
      queryClient.ensureQueryData(keysQuery),
      queryClient.ensureQueryData(budgetsQuery),
      queryClient.ensureQueryData(metersQuery),
      queryClient.ensureQueryData(overviewQuery),
    ]),
  pendingComponent: KeyListSkeleton,
  component: lazyRouteComponent(() => import('./pages/keys/list.tsx'), 'KeyList'),
})

const usageRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.usage,
  validateSearch: (search: Search) =>
    compact({
      meter: textParam(search, 'meter'),
      range: choiceParam(search, 'range', RANGES),
      view: choiceParam(search, 'view', VIEWS),
      by: choiceParam(search, 'by', SHARED_BY),
    }),
  head: ({ match }) => pageTitle('Usage', match),
  loader: ({ context: { queryClient } }) =>
    Promise.all([
      queryClient.ensureQueryData(overviewQuery),
      queryClient.ensureQueryData(metersQuery),
    ]),
  pendingComponent: UsageSkeleton,
  component: lazyRouteComponent(() => import('./pages/usage/usage.tsx'), 'UsagePage'),
})

const billingRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.billing,
  head: ({ match }) => pageTitle('Plan & billing', match),
  loader: ({ context: { queryClient } }) =>
    Promise.all([
      queryClient.ensureQueryData(overviewQuery),
      queryClient.ensureQueryData(plansQuery),
      queryClient.ensureQueryData(addOnsQuery),
      queryClient.ensureQueryData(paymentMethodsQuery),
      queryClient.ensureQueryData(nextInvoiceQuery),
    ]),
  pendingComponent: BillingSkeleton,
  component: lazyRouteComponent(() => import('./pages/billing/billing.tsx'), 'BillingPage'),
})

const creditsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.credits,
  validateSearch: (search: Search) =>
    compact({ purchase: textParam(search, 'purchase'), cursor: textParam(search, 'cursor') }),
  head: ({ match }) => pageTitle('Credits', match),
  loaderDeps: ({ search: { cursor } }) => ({ cursor }),
  loader: ({ context: { queryClient }, deps }) =>
    Promise.all([
      queryClient.ensureQueryData(creditsQuery),
      queryClient.ensureQueryData(creditEntriesQuery(deps)),
    ]),
  pendingComponent: CreditsSkeleton,
  component: lazyRouteComponent(() => import('./pages/credits/credits.tsx'), 'CreditsPage'),
})

const addOnRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.addOn,
  validateSearch: (search: Search) => compact({ quantity: textParam(search, 'quantity') }),
  head: ({ match }) => pageTitle('Add-on', match),
  loader: ({ context: { queryClient } }) =>
    Promise.all([
      queryClient.ensureQueryData(addOnsQuery),
      queryClient.ensureQueryData(overviewQuery),
    ]),
  pendingComponent: ChangePlanSkeleton,
  component: lazyRouteComponent(() => import('./pages/change/change-add-on.tsx'), 'ChangeAddOn'),
})

const changePlanRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.changePlan,
  validateSearch: (search: Search) => compact({ code: textParam(search, 'code') }),
  loaderDeps: ({ search }) => search,
  head: ({ match }) => pageTitle('Change plan', match),
  loader: async ({ context, params, deps, cause }) => {
    // Pointing at the link asks for no offer yet.
    if (cause === 'preload') return
    const asked = { planKey: params.planKey, promotionCode: deps.code }
    await context.queryClient.ensureQueryData(changePreviewQuery(asked))
  },
  pendingComponent: ChangePlanSkeleton,
  component: lazyRouteComponent(() => import('./pages/change/change-plan.tsx'), 'ChangePlan'),
})

const buyPlanRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.buyPlan,
  validateSearch: (search: Search) =>
    compact({ code: textParam(search, 'code'), currency: textParam(search, 'currency') }),
  loaderDeps: ({ search }) => search,
  head: ({ match }) => pageTitle('Your order', match),
  loader: async ({ context: { queryClient }, params, deps, cause }) => {
    if (cause === 'preload') return
    await Promise.all([
      queryClient.ensureQueryData(plansQuery),
      queryClient.ensureQueryData(purchasePreviewQuery(params.planKey, deps)),
    ])
  },
  pendingComponent: BuyPlanSkeleton,
  component: lazyRouteComponent(() => import('./pages/buy/buy-plan.tsx'), 'BuyPlan'),
})

const checkoutRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.checkout,
  head: ({ match }) => pageTitle('Your purchase', match),
  loader: ({ context: { queryClient }, params }) =>
    queryClient.ensureQueryData(checkoutQuery(params.intentId)),
  pendingComponent: CheckoutSkeleton,
  component: lazyRouteComponent(() => import('./pages/checkout/checkout.tsx'), 'CheckoutReturn'),
})

const invitationRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.invitation,
  head: ({ match }) => pageTitle('Your invitation', match),
  loader: ({ context, params }) =>
    context.queryClient.ensureQueryData(invitationQuery(params.token)),
  pendingComponent: InvitationSkeleton,
  component: lazyRouteComponent(
    () => import('./pages/invitation/invitation.tsx'),
    'InvitationPage',
  ),
})

const invoicesRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.invoices,
  validateSearch: (search: Search) => compact({ cursor: textParam(search, 'cursor') }),
  head: ({ match }) => pageTitle('Invoices', match),
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => context.queryClient.ensureQueryData(invoicesQuery(deps)),
  pendingComponent: InvoiceListSkeleton,
  component: lazyRouteComponent(() => import('./pages/invoices/list.tsx'), 'InvoiceList'),
})

const invoiceRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.invoice,
  head: ({ match }) => pageTitle('Invoice', match),
  loader: ({ context, params }) =>
    context.queryClient.ensureQueryData(invoiceQuery(params.invoiceId)),
  pendingComponent: InvoiceSkeleton,
  component: lazyRouteComponent(() => import('./pages/invoices/detail.tsx'), 'InvoicePage'),
})

const settingsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.settings,
  head: ({ match }) => pageTitle('Settings', match),
  loader: ({ context: { queryClient } }) =>
    Promise.all([
      queryClient.ensureQueryData(membersQuery),
      queryClient.ensureQueryData(memberInvitationsQuery),
      queryClient.ensureQueryData(mailsQuery),
    ]),
  pendingComponent: SettingsSkeleton,
  component: lazyRouteComponent(() => import('./pages/settings/settings.tsx'), 'SettingsPage'),
})

const plansRoute = createRoute({
  getParentRoute: () => openRoute,
  path: paths.plans,
  validateSearch: (search: Search) =>
    compact({
      interval: textParam(search, 'interval'),
      currency: textParam(search, 'currency'),
      plan: textParam(search, 'plan'),
      left: textParam(search, 'left'),
    }),
  head: ({ match }) => pageTitle('Plans', match),
  loader: async ({ context: { queryClient, account } }) => {
    await (account === null
      ? queryClient.ensureQueryData(offeredPlansQuery)
      : queryClient.ensureQueryData(plansQuery))
  },
  pendingComponent: PlanListSkeleton,
  component: lazyRouteComponent(() => import('./pages/plans/list.tsx'), 'PlanList'),
})

export const routeTree = rootRoute.addChildren([
  appRoute.addChildren([
    overviewRoute,
    quickstartRoute,
    keysRoute,
    usageRoute,
    billingRoute,
    buyPlanRoute,
    addOnRoute,
    changePlanRoute,
    creditsRoute,
    checkoutRoute,
    invitationRoute,
    invoicesRoute,
    invoiceRoute,
    settingsRoute,
    nowhereRoute,
  ]),
  openRoute.addChildren([plansRoute]),
  authRoutes,
  joinRoute,
  resetPasswordRoute,
  welcomeRoute,
])
