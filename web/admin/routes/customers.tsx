import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { choiceParam, compact, type Search, textParam } from '../../ui/search-params.ts'
import { TIMELINE_KINDS } from '../pages/customers/present-happening.ts'
import { CustomerListSkeleton, CustomerSkeleton } from '../pages/customers/skeleton.tsx'
import { USAGE_RANGES } from '../pages/customers/usage-range.ts'
import { PAYMENT_STATUSES } from '../pages/subscriptions/present-subscription.ts'
import { SubscriptionListSkeleton, SubscriptionSkeleton } from '../pages/subscriptions/skeleton.tsx'
import { paths } from '../paths.ts'
import {
  connectionQuery,
  customerQuery,
  customersQuery,
  metersQuery,
  subscriptionQuery,
  subscriptionsQuery,
} from '../queries.ts'
import { appRoute, pageTitle } from './root.tsx'

const customersRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.customers,
  validateSearch: (search: Search) =>
    compact({
      search: textParam(search, 'search'),
      cursor: textParam(search, 'cursor'),
      act: choiceParam(search, 'act', ['create']),
    }),
  loaderDeps: ({ search }) => {
    const { act: _, ...question } = search
    return question
  },
  loader: ({ context, deps }) => context.queryClient.ensureQueryData(customersQuery(deps)),
  head: ({ match }) => pageTitle('Customers', match),
  pendingComponent: CustomerListSkeleton,
  component: lazyRouteComponent(() => import('../pages/customers/list.tsx'), 'CustomerList'),
})

const customerRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.customer,
  validateSearch: (search: Search) =>
    compact({
      tab: choiceParam(search, 'tab', ['usage', 'keys', 'billing', 'credits', 'timeline']),
      kind: choiceParam(search, 'kind', TIMELINE_KINDS),
      cursor: textParam(search, 'cursor'),
      meter: textParam(search, 'meter'),
      range: choiceParam(
        search,
        'range',
        USAGE_RANGES.map(({ value }) => value),
      ),
    }),
  loader: async ({ context: { queryClient }, params }) => {
    const [customer] = await Promise.all([
      queryClient.ensureQueryData(customerQuery(params.customerId)),
      queryClient.ensureQueryData(connectionQuery),
      queryClient.ensureQueryData(metersQuery),
    ])
    return { name: customer.name }
  },
  head: ({ match, loaderData }) => pageTitle(loaderData?.name ?? 'Customer', match),
  pendingComponent: CustomerSkeleton,
  component: lazyRouteComponent(() => import('../pages/customers/detail.tsx'), 'CustomerPage'),
})

const subscriptionsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.subscriptions,
  validateSearch: (search: Search) =>
    compact({
      state: choiceParam(search, 'state', ['open', 'closed']),
      paymentStatus: choiceParam(search, 'paymentStatus', PAYMENT_STATUSES),
      planKey: textParam(search, 'planKey'),
      customerId: textParam(search, 'customerId'),
      cursor: textParam(search, 'cursor'),
    }),
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => context.queryClient.ensureQueryData(subscriptionsQuery(deps)),
  head: ({ match }) => pageTitle('Subscriptions', match),
  pendingComponent: SubscriptionListSkeleton,
  component: lazyRouteComponent(
    () => import('../pages/subscriptions/list.tsx'),
    'SubscriptionList',
  ),
})

const subscriptionRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.subscription,
  loader: async ({ context: { queryClient }, params }) => {
    const subscription = await queryClient.ensureQueryData(subscriptionQuery(params.subscriptionId))
    const customer = await queryClient.ensureQueryData(customerQuery(subscription.customerId))
    return { name: `${subscription.planName} for ${customer.name}` }
  },
  head: ({ match, loaderData }) => pageTitle(loaderData?.name ?? 'Subscription', match),
  pendingComponent: SubscriptionSkeleton,
  component: lazyRouteComponent(
    () => import('../pages/subscriptions/detail.tsx'),
    'SubscriptionPage',
  ),
})

export const customerRoutes = [
  customersRoute,
  customerRoute,
  subscriptionsRoute,
  subscriptionRoute,
] as const
