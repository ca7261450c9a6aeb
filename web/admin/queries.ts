import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { hasStatus } from '../ui/problem.ts'
import { client, liveClient } from './api.ts'
import { nameCustomers } from './customer-names.ts'

/**
 * Every question the admin center asks, with its key. A key begins with the resource; whatever changes that resource
 * invalidates by the same word: `queryClient.invalidateQueries({ queryKey: ['customers'] })`. The mode is in no key:
 * each mode has a page load of its own.
 */

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => client.get('/api/v1/public/status', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

/** Who is signed in; null is nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    try {
      return await client.get('/api/v1/session', { signal })
    } catch (error) {
      if (hasStatus(error, 401)) return null
      throw error
    }
  },
})

export const clockQuery = queryOptions({
  queryKey: ['clock'],
  queryFn: async ({ signal }) => {
    const { now, isMovable } = await client.get('/api/v1/clock', { signal })
    return { isMovable, offsetMs: Date.parse(now) - Date.now() }
  },
})

export const connectionQuery = queryOptions({
  queryKey: ['connection'],
  queryFn: ({ signal }) => client.get('/api/v1/stripe/connection', { signal }),
})

export const liveConnectionQuery = queryOptions({
  queryKey: ['connection', 'live'],
  queryFn: ({ signal }) => liveClient.get('/api/v1/stripe/connection', { signal }),
})

export const summaryQuery = queryOptions({
  queryKey: ['summary'],
  queryFn: ({ signal }) => client.get('/api/v1/summary', { signal }),
})

/** How the last thirty days went. Working it out looks at every subscription, so it is not asked on every visit. */
export const metricsQuery = queryOptions({
  queryKey: ['metrics'],
  queryFn: ({ signal }) => client.get('/api/v1/reports/metrics', { signal }),
  staleTime: 60_000,
})

export interface CustomerSearch {
  readonly search?: string
  readonly cursor?: string
}

export const customersQuery = (search: CustomerSearch) =>
  queryOptions({
    queryKey: ['customers', search],
    queryFn: ({ signal }) => client.get('/api/v1/customers', { query: search, signal }),
  })

export const customerQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['customers', customerId],
    queryFn: ({ signal }) =>
      client.get('/api/v1/customers/{customerId}', { params: { customerId }, signal }),
  })

export const customerKeysQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['customers', customerId, 'keys'],
    queryFn: ({ signal }) =>
      client.get('/api/v1/customers/{customerId}/keys', { params: { customerId }, signal }),
  })

export const customerBudgetsQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['customers', customerId, 'budgets'],
    queryFn: ({ signal }) =>
      client.get('/api/v1/customers/{customerId}/budgets', { params: { customerId }, signal }),
    refetchInterval: 5_000,
  })

export type TimelineKind = NonNullable<
  Parameters<typeof client.get<'/api/v1/customers/{customerId}/timeline'>>[1]['query']
>['kind']

export const customerTimelineQuery = (
  customerId: string,
  search: { readonly kind?: TimelineKind; readonly cursor?: string },
) =>
  queryOptions({
    queryKey: ['customers', customerId, 'timeline', search],
    queryFn: ({ signal }) =>
      client.get('/api/v1/customers/{customerId}/timeline', {
        params: { customerId },
        query: search,
        signal,
      }),
  })

export interface UsageQuestion {
  readonly meter: string
  readonly from: string
  readonly to: string
  readonly grain: 'hour' | 'day' | 'month'
}

export const customerUsageQuery = (customerId: string, question: UsageQuestion) =>
  queryOptions({
    queryKey: ['customers', customerId, 'usage', question],
    queryFn: ({ signal }) =>
      client.get('/api/v1/customers/{customerId}/usage', {
        params: { customerId },
        query: question,
        signal,
      }),
    // Another range or meter keeps the old picture until the new one is there.
    placeholderData: keepPreviousData,
  })

export const metersQuery = queryOptions({
  queryKey: ['meters'],
  queryFn: ({ signal }) => client.get('/api/v1/meters', { signal }),
})

export const featuresQuery = queryOptions({
  queryKey: ['features'],
  queryFn: ({ signal }) => client.get('/api/v1/features', { signal }),
})

export const plansQuery = queryOptions({
  queryKey: ['plans'],
  queryFn: ({ signal }) => client.get('/api/v1/plans', { signal }),
})

export const couponsQuery = queryOptions({
  queryKey: ['coupons'],
  queryFn: ({ signal }) => client.get('/api/v1/coupons', { signal }),
})

export const couponQuery = (couponKey: string) =>
  queryOptions({
    queryKey: ['coupons', couponKey],
    queryFn: ({ signal }) =>
      client.get('/api/v1/coupons/{couponKey}', { params: { couponKey }, signal }),
  })

export const planVersionsQuery = (planKey: string) =>
  queryOptions({
    queryKey: ['plans', planKey, 'versions'],
    queryFn: ({ signal }) =>
      client.get('/api/v1/plans/{planKey}/versions', { params: { planKey }, signal }),
  })

export const invitationsQuery = (planKey: string, cursor: string | undefined) =>
  queryOptions({
    queryKey: ['plans', planKey, 'invitations', cursor],
    queryFn: ({ signal }) =>
      client.get('/api/v1/plans/{planKey}/invitations', {
        params: { planKey },
        query: { limit: 10, ...(cursor !== undefined && { cursor }) },
        signal,
      }),
  })

/** What publishing the draft would do; asked anew whenever it is looked at, since it compares with Stripe. */
export const publishPreviewQuery = (planKey: string) =>
  queryOptions({
    queryKey: ['plans', planKey, 'publish'],
    queryFn: ({ signal }) =>
      client.get('/api/v1/plans/{planKey}/diff', { params: { planKey }, signal }),
    staleTime: 0,
  })

/** Compares with Stripe, so it is asked where somebody looks at plans and not again for a minute. */
export const catalogDriftQuery = queryOptions({
  queryKey: ['plans', 'drift'],
  queryFn: ({ signal }) => client.get('/api/v1/catalog/drift', { signal }),
  staleTime: 60_000,
})

export const routesQuery = queryOptions({
  queryKey: ['routing', 'routes'],
  queryFn: ({ signal }) => client.get('/api/v1/routes', { signal }),
})

export const routeQuery = (routeKey: string) =>
  queryOptions({
    queryKey: ['routing', 'routes', routeKey],
    queryFn: ({ signal }) =>
      client.get('/api/v1/routes/{routeKey}', { params: { routeKey }, signal }),
  })

export const upstreamsQuery = queryOptions({
  queryKey: ['routing', 'upstreams'],
  queryFn: ({ signal }) => client.get('/api/v1/upstreams', { signal }),
})

export const upstreamQuery = (upstreamKey: string) =>
  queryOptions({
    queryKey: ['routing', 'upstreams', upstreamKey],
    queryFn: ({ signal }) =>
      client.get('/api/v1/upstreams/{upstreamKey}', { params: { upstreamKey }, signal }),
  })

export interface SubscriptionSearch {
  readonly state?: 'open' | 'closed'
  readonly paymentStatus?: 'not_required' | 'pending' | 'paid' | 'failed' | 'uncollectible'
  readonly planKey?: string
  readonly customerId?: string
  readonly cursor?: string
}

export const subscriptionsQuery = (search: SubscriptionSearch) =>
  queryOptions({
    queryKey: ['subscriptions', search],
    queryFn: async ({ signal }) =>
      nameCustomers(await client.get('/api/v1/subscriptions', { query: search, signal }), signal),
  })

export const subscriptionQuery = (subscriptionId: string) =>
  queryOptions({
    queryKey: ['subscriptions', subscriptionId],
    queryFn: ({ signal }) =>
      client.get('/api/v1/subscriptions/{subscriptionId}', { params: { subscriptionId }, signal }),
  })

/** What is agreed with the customer alone, with the reason only operators see. */
export const overridesQuery = (subscriptionId: string) =>
  queryOptions({
    queryKey: ['subscriptions', subscriptionId, 'overrides'],
    queryFn: ({ signal }) =>
      client.get('/api/v1/subscriptions/{subscriptionId}/overrides', {
        params: { subscriptionId },
        signal,
      }),
  })

export type ChangeTiming = 'auto' | 'immediate' | 'at_period_end'

/** What the subscription may have on top of its plan, and how often it has it. */
export const subscriptionAddOnsQuery = (subscriptionId: string) =>
  queryOptions({
    queryKey: ['subscriptions', 'add-ons', subscriptionId],
    queryFn: ({ signal }) =>
      client.get('/api/v1/subscriptions/{subscriptionId}/add-ons', {
        params: { subscriptionId },
        signal,
      }),
  })

export interface AskedChange {
  /** Null: the plan stays, and only add-ons change. */
  readonly planKey: string | null
  readonly addOns?: { readonly key: string; readonly quantity: number }[]
  readonly timing: ChangeTiming
}

/** What a change would do; the answer can be confirmed for a while, so it is asked anew each time, and never again once it was. */
export const changePreviewQuery = (subscriptionId: string, body: AskedChange) =>
  queryOptions({
    queryKey: ['change-preview', subscriptionId, body],
    queryFn: ({ signal }) =>
      client.post('/api/v1/subscriptions/{subscriptionId}/change/preview', {
        params: { subscriptionId },
        body,
        signal,
      }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  })

export const WEBHOOK_STATES = [
  'received',
  'parked',
  'failed',
  'dead',
  'processed',
  'ignored',
] as const

export interface WebhookSearch {
  readonly state?: (typeof WEBHOOK_STATES)[number]
  readonly type?: string
  readonly cursor?: string
}

export const webhookEventsQuery = (search: WebhookSearch) =>
  queryOptions({
    queryKey: ['webhooks', search],
    queryFn: ({ signal }) => client.get('/api/v1/webhook-events', { query: search, signal }),
  })

export const webhookEventQuery = (eventId: string) =>
  queryOptions({
    queryKey: ['webhooks', eventId],
    queryFn: ({ signal }) =>
      client.get('/api/v1/webhook-events/{eventId}', { params: { eventId }, signal }),
  })

export const ACTOR_KINDS = ['operator', 'member', 'key', 'system', 'stripe'] as const

export interface AuditSearch {
  readonly customerId?: string
  readonly targetKind?: string
  readonly targetId?: string
  readonly actorKind?: (typeof ACTOR_KINDS)[number]
  readonly action?: string
  readonly limit?: number
  readonly cursor?: string
}

export const auditQuery = (search: AuditSearch) =>
  queryOptions({
    queryKey: ['audit', search],
    queryFn: async ({ signal }) =>
      nameCustomers(await client.get('/api/v1/audit-entries', { query: search, signal }), signal),
  })

export const auditVerificationQuery = queryOptions({
  queryKey: ['audit', 'verification'],
  queryFn: ({ signal }) => client.get('/api/v1/audit-entries/verification', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => client.get('/api/v1/settings', { signal }),
})

export const operatorsQuery = queryOptions({
  queryKey: ['operators'],
  queryFn: ({ signal }) => client.get('/api/v1/operators', { signal }),
})

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => client.get('/api/v1/tokens', { signal }),
})

export const mailboxQuery = queryOptions({
  queryKey: ['mailbox'],
  queryFn: ({ signal }) => client.get('/api/v1/mailbox', { signal }),
})

/** Whether the parts of the installation work: the answer of `/health/ready`, for people. */
export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: async ({ signal }) => readiness(await fetch('/health/ready', { signal })),
  refetchInterval: 10_000,
})

interface Readiness {
  readonly isReady: boolean
  readonly checks: Readonly<Record<string, boolean>>
}

async function readiness(response: Response): Promise<Readiness> {
  const body = (await response.json()) as { readonly checks?: Readonly<Record<string, boolean>> }
  return { isReady: response.ok, checks: body.checks ?? {} }
}
