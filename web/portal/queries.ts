import { queryOptions } from '@tanstack/react-query'
import type { Grain } from '../ui/series-buckets.ts'
import { compact } from '../ui/search-params.ts'
import { hasStatus, toProblem } from '../ui/problem.ts'
import { auth, client } from './api.ts'

/**
 * Every question the portal asks, with its key. A key begins with the resource; whatever changes that resource
 * invalidates by the same word: `queryClient.invalidateQueries({ queryKey: ['keys'] })`.
 */

/** What is known before anyone signs in: name, accent, mode, where the gateway is. */
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
      return await client.get('/api/v1/portal/session', { signal })
    } catch (error) {
      if (hasStatus(error, 401)) return null
      throw error
    }
  },
})

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => client.get('/api/v1/portal/overview', { signal }),
})

/** What everybody may see of the plans. */
export const offeredPlansQuery = queryOptions({
  queryKey: ['plans', 'offered'],
  queryFn: ({ signal }) => client.get('/api/v1/public/plans', { signal }),
})

/** The plans an account may choose from, and which it has. */
export const plansQuery = queryOptions({
  queryKey: ['plans', 'own'],
  queryFn: ({ signal }) => client.get('/api/v1/portal/plans', { signal }),
})

/** What may be had on top of the plan, and how often it is. */
export const addOnsQuery = queryOptions({
  queryKey: ['add-ons'],
  queryFn: ({ signal }) => client.get('/api/v1/portal/subscription/add-ons', { signal }),
})

/** Another plan, or everything there is to be on top of the one there is. */
export type AskedChange =
  | { readonly planKey: string; readonly promotionCode?: string | undefined }
  | { readonly addOns: { readonly key: string; readonly quantity: number }[] }

/** Asked for when the page opens and not again by itself: each answer is an offer to the cent, for a while. */
export const changePreviewQuery = (asked: AskedChange) =>
  queryOptions({
    queryKey: ['change', asked],
    queryFn: ({ signal }) =>
      client.post('/api/v1/portal/subscription/change/preview', {
        body: compact(asked),
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
    retry: false,
  })

/** What a purchase is invoiced at once. */
export const purchasePreviewQuery = (
  planKey: string,
  {
    code,
    currency,
  }: { readonly code?: string | undefined; readonly currency?: string | undefined },
) =>
  queryOptions({
    queryKey: ['purchase', planKey, code, currency],
    queryFn: ({ signal }) =>
      client.post('/api/v1/portal/subscriptions/preview', {
        body: {
          planKey,
          ...(currency !== undefined && { currency }),
          ...(code !== undefined && { promotionCode: code }),
        },
        signal,
      }),
    staleTime: 60_000,
    retry: false,
  })

async function offerOrRefusal<Offer extends object>(asked: Promise<Offer>) {
  try {
    return { kind: 'offer' as const, ...(await asked) }
  } catch (error) {
    if (hasStatus(error, 409)) return { kind: 'refused' as const, problem: toProblem(error) }
    throw error
  }
}

/** What the link of an invitation offers; a refusal is an answer, too. */
export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) =>
      offerOrRefusal(client.post('/api/v1/portal/invitations/read', { body: { token }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const checkoutQuery = (intentId: string) =>
  queryOptions({
    queryKey: ['checkouts', intentId],
    queryFn: ({ signal }) =>
      client.get('/api/v1/portal/checkouts/{intentId}', { params: { intentId }, signal }),
    staleTime: 0,
  })

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: ({ signal }) => client.get('/api/v1/portal/keys', { signal }),
})

/** The limits the account has set for itself; what is used of them moves while they are looked at. */
export const budgetsQuery = queryOptions({
  queryKey: ['budgets'],
  queryFn: ({ signal }) => client.get('/api/v1/portal/budgets', { signal }),
  refetchInterval: 5_000,
})

export const metersQuery = queryOptions({
  queryKey: ['meters'],
  queryFn: ({ signal }) => client.get('/api/v1/portal/meters', { signal }),
})

export interface UsageAsked {
  readonly meter: string
  readonly from: string
  readonly to: string
}

export const usageQuery = (asked: UsageAsked & { readonly grain: Grain }) =>
  queryOptions({
    queryKey: ['usage', 'series', asked],
    queryFn: ({ signal }) => client.get('/api/v1/portal/usage', { query: { ...asked }, signal }),
  })

export const usageSharesQuery = (asked: UsageAsked & { readonly by: 'key' | 'route' }) =>
  queryOptions({
    queryKey: ['usage', 'shares', asked],
    queryFn: ({ signal }) =>
      client.get('/api/v1/portal/usage/breakdown', { query: { ...asked }, signal }),
  })

export const invoicesQuery = ({ cursor }: { readonly cursor?: string | undefined }) =>
  queryOptions({
    queryKey: ['invoices', 'list', cursor ?? null],
    queryFn: ({ signal }) => client.get('/api/v1/portal/invoices', { query: { cursor }, signal }),
  })

export const invoiceQuery = (invoiceId: string) =>
  queryOptions({
    queryKey: ['invoices', 'detail', invoiceId],
    queryFn: ({ signal }) =>
      client.get('/api/v1/portal/invoices/{invoiceId}', { params: { invoiceId }, signal }),
  })

export const paymentMethodsQuery = queryOptions({
  queryKey: ['payment-methods'],
  queryFn: ({ signal }) => client.get('/api/v1/portal/payment-methods', { signal }),
  // They are changed on Stripe's page, from which one comes back here.
  refetchOnWindowFocus: 'always',
})

/** The invoice at the end of the running period, as far as it is known. */
export const nextInvoiceQuery = queryOptions({
  queryKey: ['next-invoice'],
  queryFn: ({ signal }) => client.get('/api/v1/portal/next-invoice', { signal }),
})

export const creditsQuery = queryOptions({
  queryKey: ['credits', 'account'],
  queryFn: ({ signal }) => client.get('/api/v1/portal/credits', { signal }),
})

export const creditEntriesQuery = ({ cursor }: { readonly cursor?: string | undefined }) =>
  queryOptions({
    queryKey: ['credits', 'ledger', cursor ?? null],
    queryFn: ({ signal }) =>
      client.get('/api/v1/portal/credits/ledger', { query: { cursor }, signal }),
  })

/** What was bought by itself lately. */
export const topUpsQuery = queryOptions({
  queryKey: ['credits', 'top-ups'],
  queryFn: ({ signal }) => client.get('/api/v1/portal/credits/top-ups', { signal }),
})

export const creditPurchaseQuery = (purchaseId: string) =>
  queryOptions({
    queryKey: ['credit-purchases', purchaseId],
    queryFn: ({ signal }) =>
      client.get('/api/v1/portal/credit-purchases/{purchaseId}', {
        params: { purchaseId },
        signal,
      }),
    staleTime: 0,
  })

/** What the account is written about. */
export const mailsQuery = queryOptions({
  queryKey: ['mails'],
  queryFn: ({ signal }) => client.get('/api/v1/portal/notification-preferences', { signal }),
})

export const membersQuery = queryOptions({
  queryKey: ['members'],
  queryFn: ({ signal }) => client.get('/api/v1/portal/members', { signal }),
})

/** Who was asked to act for the account and has not answered. */
export const memberInvitationsQuery = queryOptions({
  queryKey: ['member-invitations'],
  queryFn: ({ signal }) => client.get('/api/v1/portal/member-invitations', { signal }),
})

/** Which account the link of an invitation is to; a refusal is an answer, too. */
export const joiningQuery = (token: string) =>
  queryOptions({
    queryKey: ['joining', token],
    queryFn: ({ signal }) =>
      offerOrRefusal(
        client.post('/api/v1/portal/member-invitations/read', { body: { token }, signal }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Where the signed-in person is signed in. */
export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: () => auth.listSessions(),
})
