import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { choiceParam, compact, type Search, textParam } from '../../ui/search-params.ts'
import { FindingListSkeleton } from '../pages/findings/skeleton.tsx'
import { MailboxSkeleton } from '../pages/mailbox/skeleton.tsx'
import { StripeSkeleton } from '../pages/stripe/skeleton.tsx'
import { WebhookEventSkeleton, WebhookListSkeleton } from '../pages/webhooks/skeleton.tsx'
import { paths } from '../paths.ts'
import { FINDING_CATEGORIES, FINDING_STATES, findingsQuery } from '../money-queries.ts'
import {
  connectionQuery,
  liveConnectionQuery,
  mailboxQuery,
  WEBHOOK_STATES,
  webhookEventQuery,
  webhookEventsQuery,
} from '../queries.ts'
import { appRoute, pageTitle } from './root.tsx'

const stripeRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.stripe,
  validateSearch: (search: Search) => compact({ act: choiceParam(search, 'act', ['connect']) }),
  head: ({ match }) => pageTitle('Stripe', match),
  loader: ({ context: { queryClient } }) =>
    Promise.all([
      queryClient.ensureQueryData(connectionQuery),
      queryClient.ensureQueryData(liveConnectionQuery),
    ]),
  pendingComponent: StripeSkeleton,
  component: lazyRouteComponent(() => import('../pages/stripe/page.tsx'), 'StripePage'),
})

const findingsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.findings,
  validateSearch: (search: Search) =>
    compact({
      state: choiceParam(search, 'state', FINDING_STATES),
      category: choiceParam(search, 'category', FINDING_CATEGORIES),
      customerId: textParam(search, 'customerId'),
      cursor: textParam(search, 'cursor'),
      finding: textParam(search, 'finding'),
    }),
  loaderDeps: ({ search }) => {
    const { finding: _, ...question } = search
    return question
  },
  loader: ({ context, deps }) => context.queryClient.ensureQueryData(findingsQuery(deps)),
  head: ({ match }) => pageTitle('Findings', match),
  pendingComponent: FindingListSkeleton,
  component: lazyRouteComponent(() => import('../pages/findings/list.tsx'), 'FindingList'),
})

const webhookInboxRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.webhookInbox,
  validateSearch: (search: Search) =>
    compact({
      state: choiceParam(search, 'state', WEBHOOK_STATES),
      type: textParam(search, 'type'),
      cursor: textParam(search, 'cursor'),
    }),
  loaderDeps: ({ search }) => search,
  loader: ({ context: { queryClient }, deps }) =>
    Promise.all([
      queryClient.ensureQueryData(webhookEventsQuery(deps)),
      queryClient.ensureQueryData(connectionQuery),
    ]),
  head: ({ match }) => pageTitle('Webhook inbox', match),
  pendingComponent: WebhookListSkeleton,
  component: lazyRouteComponent(() => import('../pages/webhooks/list.tsx'), 'WebhookList'),
})

const webhookEventRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.webhookEvent,
  loader: async ({ context, params }) => {
    const event = await context.queryClient.ensureQueryData(webhookEventQuery(params.eventId))
    return { type: event.type }
  },
  head: ({ match, loaderData }) => pageTitle(loaderData?.type ?? 'Webhook event', match),
  pendingComponent: WebhookEventSkeleton,
  component: lazyRouteComponent(() => import('../pages/webhooks/detail.tsx'), 'WebhookEventPage'),
})

const mailboxRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.mailbox,
  validateSearch: (search: Search) => compact({ message: textParam(search, 'message') }),
  head: ({ match }) => pageTitle('Mailbox', match),
  loader: ({ context }) => context.queryClient.ensureQueryData(mailboxQuery),
  pendingComponent: MailboxSkeleton,
  component: lazyRouteComponent(() => import('../pages/mailbox/page.tsx'), 'MailboxPage'),
})

export const connectionRoutes = [
  stripeRoute,
  findingsRoute,
  webhookInboxRoute,
  webhookEventRoute,
  mailboxRoute,
] as const
