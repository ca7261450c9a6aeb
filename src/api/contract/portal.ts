import { z } from 'zod'
import {
  apiKey,
  invoice,
  invoiceWithLines,
  issuedKey,
  paymentMethod,
  quota,
  subscription,
  usageQuery,
  usageSeries,
  usageShares,
} from './models.ts'
import { meter } from './catalog.ts'
import { offeredPlan } from './public.ts'
import { ANY_MEMBER, KEY_HOLDERS, MANAGERS, PAYERS, route } from './route.ts'
import {
  currency,
  id,
  instant,
  key,
  list,
  memberRole,
  mode,
  money,
  name,
  page,
  pageQuery,
  promotionCodeText,
  timeZone,
} from './values.ts'

const tag = 'Portal'
const keyParams = z.object({ keyId: id })
const methodParams = z.object({ methodId: id })

export const account = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  role: memberRole,
  /** Whose days and months its usage and its calendar periods are. */
  timeZone: z.string(),
})

export const portalRoutes = {
  getPortalSession: route({
    method: 'get',
    path: '/api/v1/portal/session',
    access: { kind: 'user' },
    summary: 'Who is signed in, and the account they act for',
    tag,
    response: z.object({
      user: z.object({
        id: z.string(),
        name: z.string(),
        email: z.string(),
        isEmailVerified: z.boolean(),
      }),
      mode,
      /** Null until the user has created an account in this mode. */
      account: account.nullable(),
    }),
  }),
  createAccount: route({
    method: 'post',
    path: '/api/v1/portal/account',
    access: { kind: 'user' },
    summary: 'Create the account the signed-in user owns',
    tag,
    body: z.strictObject({ name, timeZone: timeZone.optional() }),
    response: account,
    status: 201,
  }),
  updateAccount: route({
    method: 'patch',
    path: '/api/v1/portal/account',
    access: MANAGERS,
    summary: 'Change the name or billing address of the account',
    tag,
    body: z.strictObject({ name: name.optional(), email: z.email().nullable().optional() }),
    response: account,
  }),
  getOverview: route({
    method: 'get',
    path: '/api/v1/portal/overview',
    access: ANY_MEMBER,
    summary: 'The account at a glance: subscription, quotas, what needs attention',
    tag,
    response: z.object({
      /** The time it is for this account; simulated in test mode. */
      now: instant,
      subscription: subscription.nullable(),
      /** The version of the plan the account has, with what was agreed for it alone. */
      plan: offeredPlan.nullable(),
      quotas: z.array(quota),
      alerts: z.array(
        z.object({
          kind: z.enum([
            'no_subscription',
            'paused',
            'access_denied',
            'payment_overdue',
            'payment_blocked',
            'quota_approaching',
            'quota_exceeded',
            'ending',
            'suspended',
          ]),
          message: z.string(),
        }),
      ),
      /** The oldest invoice whose payment failed or that waits for one, and what follows from that. */
      paymentProblem: z
        .object({
          invoiceId: z.string(),
          amount: money,
          failureMessage: z.string().nullable(),
          openedAt: instant,
          /** Of an invoice that was sent: by when it is to be paid; nothing is charged for it. */
          dueAt: instant.nullable(),
          /** When access stops, or stopped; null when it does not. */
          blocksAt: instant.nullable(),
          nextAttemptAt: instant.nullable(),
          /** The card will not be tried again; another one is charged at once. */
          needsNewPaymentMethod: z.boolean(),
          /** It is not collected any more, and can still be paid. */
          isGivenUp: z.boolean(),
          /** Stripe's page on which the invoice can be paid. */
          payUrl: z.string().nullable(),
        })
        .nullable(),
      /** Keys that came with a subscription and have not been shown yet. */
      unrevealedKeyIds: z.array(z.string()),
      hasCalled: z.boolean(),
    }),
  }),
  listPortalPlans: route({
    method: 'get',
    path: '/api/v1/portal/plans',
    access: ANY_MEMBER,
    summary: 'The plans this account may choose from',
    tag,
    response: z.object({
      data: z.array(offeredPlan),
      currentPlanKey: z.string().nullable(),
      /** What the account pays in since its first invoice; null while it may choose. */
      currency: currency.nullable(),
    }),
  }),
  subscribe: route({
    method: 'post',
    path: '/api/v1/portal/subscriptions',
    access: PAYERS,
    summary: 'Subscribe to a plan; paid plans answer with the address of the payment page',
    tag,
    body: z.strictObject({
      planKey: key,
      currency: currency.optional(),
      promotionCode: promotionCodeText.optional(),
    }),
    response: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('active'), subscription }),
      z.object({ kind: z.literal('checkout'), intentId: z.string(), url: z.string() }),
    ]),
    status: 201,
  }),
  getCheckout: route({
    method: 'get',
    path: '/api/v1/portal/checkouts/{intentId}',
    access: ANY_MEMBER,
    summary: 'What became of a purchase',
    tag,
    params: z.object({ intentId: id }),
    response: z.object({
      id: z.string(),
      state: z.enum(['open', 'completed', 'expired', 'failed']),
      planKey: z.string(),
      subscription: subscription.nullable(),
      createdAt: instant,
    }),
  }),
  cancelOwnSubscription: route({
    method: 'post',
    path: '/api/v1/portal/subscription/cancel',
    access: PAYERS,
    summary: 'Cancel: access stays until the end of what is paid for',
    tag,
    isVersioned: true,
    response: subscription,
  }),
  pauseOwnSubscription: route({
    method: 'post',
    path: '/api/v1/portal/subscription/pause',
    access: PAYERS,
    summary: 'Pause, where the plan allows it: no access and no charge',
    tag,
    isVersioned: true,
    body: z.strictObject({
      /** Null: until somebody resumes it. */
      resumesAt: instant.nullable().default(null),
    }),
    response: subscription,
  }),
  resumeOwnSubscription: route({
    method: 'post',
    path: '/api/v1/portal/subscription/resume',
    access: PAYERS,
    summary: 'End a pause, or take a cancellation back before it takes effect',
    tag,
    isVersioned: true,
    response: subscription,
  }),
  listOwnKeys: route({
    method: 'get',
    path: '/api/v1/portal/keys',
    access: ANY_MEMBER,
    summary: 'The API keys of the account',
    tag,
    response: list(apiKey),
  }),
  issueOwnKey: route({
    method: 'post',
    path: '/api/v1/portal/keys',
    access: KEY_HOLDERS,
    summary: 'Create an API key; it is shown in this answer and never again',
    tag,
    body: z.strictObject({ name }),
    response: issuedKey,
    status: 201,
  }),
  revealOwnKey: route({
    method: 'post',
    path: '/api/v1/portal/keys/{keyId}/reveal',
    access: KEY_HOLDERS,
    summary: 'Show the key that came with a subscription, once',
    tag,
    params: keyParams,
    response: z.object({ secret: z.string() }),
  }),
  rotateOwnKey: route({
    method: 'post',
    path: '/api/v1/portal/keys/{keyId}/rotate',
    access: KEY_HOLDERS,
    summary: 'Replace a key; the old one works for the overlap',
    tag,
    params: keyParams,
    body: z.strictObject({ overlapHours: z.int().min(0).max(720).default(24) }),
    response: issuedKey,
    status: 201,
  }),
  renameOwnKey: route({
    method: 'patch',
    path: '/api/v1/portal/keys/{keyId}',
    access: KEY_HOLDERS,
    summary: 'Rename a key',
    tag,
    params: keyParams,
    body: z.strictObject({ name }),
    response: apiKey,
  }),
  revokeOwnKey: route({
    method: 'post',
    path: '/api/v1/portal/keys/{keyId}/revoke',
    access: KEY_HOLDERS,
    summary: 'End a key for good',
    tag,
    params: keyParams,
    response: apiKey,
  }),
  listOwnMeters: route({
    method: 'get',
    path: '/api/v1/portal/meters',
    access: ANY_MEMBER,
    summary: 'What usage can be looked at',
    tag,
    response: list(meter.pick({ key: true, name: true, unit: true, aggregation: true })),
  }),
  getOwnUsage: route({
    method: 'get',
    path: '/api/v1/portal/usage',
    access: ANY_MEMBER,
    summary: 'Usage of a meter over time',
    tag,
    query: usageQuery,
    response: usageSeries,
  }),
  getOwnUsageBreakdown: route({
    method: 'get',
    path: '/api/v1/portal/usage/breakdown',
    access: ANY_MEMBER,
    summary: 'Which keys or routes the usage came from',
    tag,
    query: usageQuery.omit({ grain: true }).extend({ by: z.enum(['key', 'route']).default('key') }),
    response: usageShares,
  }),
  listOwnInvoices: route({
    method: 'get',
    path: '/api/v1/portal/invoices',
    access: ANY_MEMBER,
    summary: 'The invoices of the account, newest first',
    tag,
    query: pageQuery,
    response: page(invoice),
  }),
  getOwnInvoice: route({
    method: 'get',
    path: '/api/v1/portal/invoices/{invoiceId}',
    access: ANY_MEMBER,
    summary: 'One invoice with its lines explained',
    tag,
    params: z.object({ invoiceId: id }),
    response: invoiceWithLines,
  }),
  listOwnPaymentMethods: route({
    method: 'get',
    path: '/api/v1/portal/payment-methods',
    access: ANY_MEMBER,
    summary: 'The saved payment methods',
    tag,
    response: list(paymentMethod),
  }),
  addOwnPaymentMethod: route({
    method: 'post',
    path: '/api/v1/portal/payment-methods',
    access: PAYERS,
    summary: "The address of Stripe's page on which another payment method is saved",
    tag,
    response: z.object({ url: z.string() }),
  }),
  makeOwnPaymentMethodDefault: route({
    method: 'post',
    path: '/api/v1/portal/payment-methods/{methodId}/default',
    access: PAYERS,
    summary: 'Charge this payment method from now on; what is unpaid is tried with it at once',
    tag,
    params: methodParams,
    response: list(paymentMethod),
  }),
  removeOwnPaymentMethod: route({
    method: 'delete',
    path: '/api/v1/portal/payment-methods/{methodId}',
    access: PAYERS,
    summary: 'Forget a payment method, here and in Stripe',
    tag,
    params: methodParams,
    response: list(paymentMethod),
  }),
  openBillingPortal: route({
    method: 'post',
    path: '/api/v1/portal/billing-portal',
    access: PAYERS,
    summary: 'The address of the page where payment methods are managed',
    tag,
    response: z.object({ url: z.string() }),
  }),
}
