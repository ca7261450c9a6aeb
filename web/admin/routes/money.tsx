import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { choiceParam, compact, type Search, textParam } from '../../ui/search-params.ts'
import { BillingRunsSkeleton } from '../pages/billing-runs/skeleton.tsx'
import { DisputeListSkeleton, DisputeSkeleton } from '../pages/disputes/skeleton.tsx'
import { DunningSkeleton } from '../pages/dunning/skeleton.tsx'
import { invoiceSearch, invoicesOf, paymentsOf } from '../pages/invoices/search.ts'
import { InvoiceListSkeleton, InvoiceSkeleton } from '../pages/invoices/skeleton.tsx'
import { PaymentSkeleton, RefundListSkeleton } from '../pages/payments/skeleton.tsx'
import { paths } from '../paths.ts'
import {
  APPROVALS,
  billingRunsQuery,
  disputeQuery,
  disputesQuery,
  DUNNING_STATES,
  dunningQuery,
  invoiceQuery,
  invoicesQuery,
  paymentQuery,
  paymentsQuery,
  REFUND_STATES,
  refundsQuery,
  rehearsalQuery,
} from '../money-queries.ts'
import { customerQuery } from '../queries.ts'
import { appRoute, pageTitle } from './root.tsx'

const invoicesRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.invoices,
  validateSearch: (search: Search) => invoiceSearch(search),
  loaderDeps: ({ search }) => search,
  loader: async ({ context: { queryClient }, deps }) => {
    if (deps.tab === 'payments') await queryClient.ensureQueryData(paymentsQuery(paymentsOf(deps)))
    else await queryClient.ensureQueryData(invoicesQuery(invoicesOf(deps)))
  },
  head: ({ match }) => pageTitle('Invoices & payments', match),
  pendingComponent: InvoiceListSkeleton,
  component: lazyRouteComponent(() => import('../pages/invoices/list.tsx'), 'InvoiceList'),
})

const invoiceRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.invoice,
  loader: async ({ context: { queryClient }, params }) => {
    const invoice = await queryClient.ensureQueryData(invoiceQuery(params.invoiceId))
    await queryClient.ensureQueryData(customerQuery(invoice.customerId))
    return { name: `Invoice ${invoice.number ?? ''}`.trim() }
  },
  head: ({ match, loaderData }) => pageTitle(loaderData?.name ?? 'Invoice', match),
  pendingComponent: InvoiceSkeleton,
  component: lazyRouteComponent(() => import('../pages/invoices/detail.tsx'), 'InvoicePage'),
})

const paymentRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.payment,
  loader: async ({ context: { queryClient }, params }) => {
    const payment = await queryClient.ensureQueryData(paymentQuery(params.paymentId))
    const customer = await queryClient.ensureQueryData(customerQuery(payment.customerId))
    return { name: `Payment of ${customer.name}` }
  },
  head: ({ match, loaderData }) => pageTitle(loaderData?.name ?? 'Payment', match),
  pendingComponent: PaymentSkeleton,
  component: lazyRouteComponent(() => import('../pages/payments/detail.tsx'), 'PaymentPage'),
})

const refundsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.refunds,
  validateSearch: (search: Search) =>
    compact({
      state: choiceParam(search, 'state', REFUND_STATES),
      approval: choiceParam(search, 'approval', APPROVALS),
      customerId: textParam(search, 'customerId'),
      cursor: textParam(search, 'cursor'),
    }),
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => context.queryClient.ensureQueryData(refundsQuery(deps)),
  head: ({ match }) => pageTitle('Refunds', match),
  pendingComponent: RefundListSkeleton,
  component: lazyRouteComponent(() => import('../pages/payments/refund-list.tsx'), 'RefundList'),
})

const disputesRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.disputes,
  validateSearch: (search: Search) =>
    compact({
      isOpen: choiceParam(search, 'isOpen', ['true', 'false']),
      customerId: textParam(search, 'customerId'),
      cursor: textParam(search, 'cursor'),
    }),
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => context.queryClient.ensureQueryData(disputesQuery(deps)),
  head: ({ match }) => pageTitle('Disputes', match),
  pendingComponent: DisputeListSkeleton,
  component: lazyRouteComponent(() => import('../pages/disputes/list.tsx'), 'DisputeList'),
})

const disputeRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.dispute,
  loader: async ({ context: { queryClient }, params }) => {
    const dispute = await queryClient.ensureQueryData(disputeQuery(params.disputeId))
    const customer = await queryClient.ensureQueryData(customerQuery(dispute.customerId))
    return { name: `Dispute of ${customer.name}` }
  },
  head: ({ match, loaderData }) => pageTitle(loaderData?.name ?? 'Dispute', match),
  pendingComponent: DisputeSkeleton,
  component: lazyRouteComponent(() => import('../pages/disputes/detail.tsx'), 'DisputePage'),
})

const dunningRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.dunning,
  validateSearch: (search: Search) =>
    compact({
      state: choiceParam(search, 'state', DUNNING_STATES),
      customerId: textParam(search, 'customerId'),
      cursor: textParam(search, 'cursor'),
    }),
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => context.queryClient.ensureQueryData(dunningQuery(deps)),
  head: ({ match }) => pageTitle('Dunning', match),
  pendingComponent: DunningSkeleton,
  component: lazyRouteComponent(() => import('../pages/dunning/list.tsx'), 'DunningList'),
})

const billingRunsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.billingRuns,
  validateSearch: (search: Search) => compact({ cursor: textParam(search, 'cursor') }),
  loaderDeps: ({ search }) => search,
  loader: ({ context: { queryClient }, deps }) =>
    Promise.all([
      queryClient.ensureQueryData(billingRunsQuery(deps)),
      queryClient.ensureQueryData(rehearsalQuery),
    ]),
  head: ({ match }) => pageTitle('Billing runs', match),
  pendingComponent: BillingRunsSkeleton,
  component: lazyRouteComponent(() => import('../pages/billing-runs/list.tsx'), 'BillingRunList'),
})

export const moneyRoutes = [
  invoicesRoute,
  invoiceRoute,
  billingRunsRoute,
  paymentRoute,
  refundsRoute,
  disputesRoute,
  disputeRoute,
  dunningRoute,
] as const
