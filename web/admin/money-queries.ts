import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from './api.ts'
import { nameCustomers } from './customer-names.ts'
import { isStillToMove } from './pages/migrations/present-migration.ts'

/** What the admin center asks about money, as `queries.ts` does about everything else. */

export interface InvoiceSearch {
  readonly state?: 'draft' | 'open' | 'paid' | 'void' | 'uncollectible'
  readonly customerId?: string
  readonly cursor?: string
}

export const invoicesQuery = (search: InvoiceSearch) =>
  queryOptions({
    queryKey: ['invoices', search],
    queryFn: async ({ signal }) =>
      nameCustomers(await client.get('/api/v1/invoices', { query: search, signal }), signal),
  })

export const invoiceQuery = (invoiceId: string) =>
  queryOptions({
    queryKey: ['invoices', invoiceId],
    queryFn: ({ signal }) =>
      client.get('/api/v1/invoices/{invoiceId}', { params: { invoiceId }, signal }),
  })

export const customerCreditsQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['credits', customerId],
    queryFn: ({ signal }) =>
      client.get('/api/v1/customers/{customerId}/credits', { params: { customerId }, signal }),
  })

export const creditLedgerQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['credits', customerId, 'ledger'],
    queryFn: ({ signal }) =>
      client.get('/api/v1/customers/{customerId}/credits/ledger', {
        params: { customerId },
        query: { limit: 50 },
        signal,
      }),
  })

export const topUpsQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['credits', customerId, 'top-ups'],
    queryFn: ({ signal }) =>
      client.get('/api/v1/customers/{customerId}/credits/top-ups', {
        params: { customerId },
        signal,
      }),
  })

export const PAYMENT_STATES = [
  'succeeded',
  'failed',
  'pending',
  'requires_action',
  'processing',
  'canceled',
  'partially_refunded',
  'refunded',
  'disputed',
  'disputed_lost',
] as const

export interface PaymentSearch {
  readonly state?: (typeof PAYMENT_STATES)[number]
  readonly customerId?: string
  readonly invoiceId?: string
  readonly cursor?: string
}

export const paymentsQuery = (search: PaymentSearch) =>
  queryOptions({
    queryKey: ['payments', search],
    queryFn: async ({ signal }) =>
      nameCustomers(await client.get('/api/v1/payments', { query: search, signal }), signal),
  })

export const paymentQuery = (paymentId: string) =>
  queryOptions({
    queryKey: ['payments', paymentId],
    queryFn: ({ signal }) =>
      client.get('/api/v1/payments/{paymentId}', { params: { paymentId }, signal }),
  })

export type RefundRequest = Parameters<
  typeof client.post<'/api/v1/payments/{paymentId}/refunds/preview'>
>[1]['body']

/** What a refund would do; nothing changes by asking. */
export const refundPreviewQuery = (paymentId: string, body: RefundRequest) =>
  queryOptions({
    queryKey: ['refund-preview', paymentId, body],
    queryFn: ({ signal }) =>
      client.post('/api/v1/payments/{paymentId}/refunds/preview', {
        params: { paymentId },
        body,
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  })

export const REFUND_STATES = ['requested', 'pending', 'succeeded', 'failed', 'canceled'] as const
export const APPROVALS = ['not_needed', 'waiting', 'approved', 'rejected'] as const

export interface RefundSearch {
  readonly state?: (typeof REFUND_STATES)[number]
  readonly approval?: (typeof APPROVALS)[number]
  readonly customerId?: string
  readonly cursor?: string
}

export const refundsQuery = (search: RefundSearch) =>
  queryOptions({
    queryKey: ['refunds', search],
    queryFn: async ({ signal }) =>
      nameCustomers(await client.get('/api/v1/refunds', { query: search, signal }), signal),
  })

export const creditNotesQuery = (invoiceId: string) =>
  queryOptions({
    queryKey: ['credit-notes', { invoiceId }],
    queryFn: ({ signal }) => client.get('/api/v1/credit-notes', { query: { invoiceId }, signal }),
  })

export interface DisputeSearch {
  readonly isOpen?: 'true' | 'false'
  readonly customerId?: string
  readonly cursor?: string
}

export const disputesQuery = (search: DisputeSearch) =>
  queryOptions({
    queryKey: ['disputes', search],
    queryFn: async ({ signal }) =>
      nameCustomers(await client.get('/api/v1/disputes', { query: search, signal }), signal),
  })

export const disputeQuery = (disputeId: string) =>
  queryOptions({
    queryKey: ['disputes', disputeId],
    queryFn: ({ signal }) =>
      client.get('/api/v1/disputes/{disputeId}', { params: { disputeId }, signal }),
  })

export const DUNNING_STATES = ['open', 'recovered', 'exhausted', 'canceled'] as const

export interface DunningSearch {
  readonly state?: (typeof DUNNING_STATES)[number]
  readonly customerId?: string
  readonly cursor?: string
}

export const dunningQuery = (search: DunningSearch) =>
  queryOptions({
    queryKey: ['dunning', search],
    queryFn: async ({ signal }) =>
      nameCustomers(await client.get('/api/v1/dunning-cases', { query: search, signal }), signal),
  })

/** Runs that close periods; one that is under way is looked at again until it is done. */
export const billingRunsQuery = (search: { readonly cursor?: string }) =>
  queryOptions({
    queryKey: ['billing-runs', search],
    queryFn: ({ signal }) => client.get('/api/v1/billing/runs', { query: search, signal }),
    refetchInterval: ({ state }) =>
      (state.data?.data ?? []).some((run) => run.state === 'running') ? 1_000 : false,
  })

/** What a run would invoice now. */
export const rehearsalQuery = queryOptions({
  queryKey: ['rehearsal'],
  queryFn: async ({ signal }) => {
    const rehearsal = await client.get('/api/v1/billing/rehearsal', { signal })
    const { data } = await nameCustomers({ data: rehearsal.data, nextCursor: null }, signal)
    return { ...rehearsal, data }
  },
  staleTime: 0,
})

/** Comparisons with Stripe; one that is running is looked at again until it is done. */
export const reconcileRunsQuery = queryOptions({
  queryKey: ['reconcile-runs'],
  queryFn: ({ signal }) =>
    client.get('/api/v1/stripe/reconcile-runs', { query: { limit: 10 }, signal }),
  refetchInterval: ({ state }) =>
    (state.data?.data ?? []).some((run) => run.state === 'running') ? 1_000 : false,
})

export const FINDING_STATES = ['open', 'explained', 'repaired', 'dismissed'] as const
export const FINDING_CATEGORIES = [
  'amount',
  'rounding',
  'missing_local',
  'missing_remote',
  'status',
  'currency',
  'mode',
  'orphan',
  'late',
  'drift',
  'webhook',
  'meter',
  'deleted',
  'fraud',
  'configuration',
] as const

export interface FindingSearch {
  readonly state?: (typeof FINDING_STATES)[number]
  readonly category?: (typeof FINDING_CATEGORIES)[number]
  readonly customerId?: string
  readonly cursor?: string
}

export const findingsQuery = (search: FindingSearch) =>
  queryOptions({
    queryKey: ['findings', search],
    queryFn: async ({ signal }) =>
      nameCustomers(await client.get('/api/v1/findings', { query: search, signal }), signal),
  })

export interface MigrationSearch {
  readonly planKey?: string
  readonly cursor?: string
}

export const migrationsQuery = (search: MigrationSearch) =>
  queryOptions({
    queryKey: ['migrations', search],
    queryFn: ({ signal }) => client.get('/api/v1/migrations', { query: search, signal }),
  })

/** One that runs is looked at again until it is over. */
export const migrationQuery = (migrationId: string) =>
  queryOptions({
    queryKey: ['migrations', migrationId],
    queryFn: ({ signal }) =>
      client.get('/api/v1/migrations/{migrationId}', { params: { migrationId }, signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? 3_000 : false),
  })

export const migrationMembersQuery = (migrationId: string, search: { readonly cursor?: string }) =>
  queryOptions({
    queryKey: ['migrations', migrationId, 'members', search],
    queryFn: async ({ signal }) => {
      const params = { migrationId }
      const options = { params, query: search, signal }
      const page = await client.get('/api/v1/migrations/{migrationId}/members', options)
      return nameCustomers(page, signal)
    },
    refetchInterval: ({ state }) =>
      (state.data?.data ?? []).some((member) => isStillToMove(member)) ? 3_000 : false,
  })

export type MigrationRequest = NonNullable<
  Parameters<typeof client.post<'/api/v1/plans/{planKey}/migrations/preview'>>[1]['body']
>

/** What a migration would do; nothing changes by asking. */
export const migrationPreviewQuery = (planKey: string, body: MigrationRequest) =>
  queryOptions({
    queryKey: ['migration-preview', planKey, body],
    queryFn: async ({ signal }) => {
      const options = { params: { planKey }, body, signal }
      const preview = await client.post('/api/v1/plans/{planKey}/migrations/preview', options)
      const { data } = await nameCustomers({ data: preview.members, nextCursor: null }, signal)
      return { ...preview, members: data }
    },
    placeholderData: keepPreviousData,
    staleTime: 0,
    retry: false,
  })
