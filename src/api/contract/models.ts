import { z } from 'zod'
import { currency, decimal, instant, metadata, money } from './values.ts'

/** What several routes answer with. */

const keyFields = {
  id: z.string(),
  name: z.string(),
  /** Enough to recognize a key by; the key itself is shown once. */
  start: z.string(),
  lastFour: z.string(),
  state: z.enum(['active', 'disabled', 'revoked']),
  subscriptionId: z.string().nullable(),
  rotatedToId: z.string().nullable(),
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
  createdAt: instant,
  revokedAt: instant.nullable(),
}

export const apiKey = z.object(keyFields).meta({ id: 'ApiKey' })

export const issuedKey = z.object({ key: apiKey, secret: z.string() })

export const lifecycle = z.enum([
  'incomplete',
  'expired',
  'scheduled',
  'trialing',
  'active',
  'canceling',
  'paused',
  'ended',
])

export const paymentStatus = z.enum(['not_required', 'pending', 'paid', 'failed', 'uncollectible'])

export const invoiceKind = z.enum([
  'first',
  'period',
  'change',
  'pause',
  'resume',
  'final',
  'manual',
])

export const period = z.object({ startsAt: instant, endsAt: instant })

/** What an operator decided about access, whatever payments and lifecycle say. */
export const accessOverride = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('allow_until'), until: instant }),
  z.strictObject({ kind: z.literal('deny'), note: z.string().trim().min(1).max(500) }),
])

/** What is agreed for one subscription, with what its plan says instead. */
export const agreedTerms = z
  .object({
    prices: z.array(
      z.object({
        rateCardKey: z.string(),
        name: z.string(),
        /** Off the plan's price; null where an amount was agreed. */
        percent: decimal.nullable(),
        /** Null where the price has more than one amount. */
        amount: decimal.nullable(),
        listed: decimal.nullable(),
      }),
    ),
    /** Null is unlimited. */
    quotas: z.array(
      z.object({
        featureKey: z.string(),
        name: z.string(),
        limit: decimal.nullable(),
        listed: decimal.nullable(),
      }),
    ),
    /** Granted, taken away, or the value the upstream is told. */
    features: z.array(
      z.object({
        featureKey: z.string(),
        name: z.string(),
        value: z.union([z.boolean(), z.string()]),
      }),
    ),
    rateLimits: z.array(z.object({ name: z.string(), limit: z.int(), listed: z.int().nullable() })),
    /** It ends with the billing period this lies in. */
    until: instant.nullable(),
  })
  .meta({ id: 'AgreedTerms' })

const heldAddOn = z.object({
  key: z.string(),
  name: z.string(),
  version: z.int(),
  quantity: z.int(),
})

/** Another plan or version; only what is on top of it; or other terms of it, which only operators agree and take back. */
export const changeKind = z.enum(['plan', 'add_ons', 'terms'])

export const subscription = z
  .object({
    id: z.string(),
    /** For `If-Match`. */
    version: z.int(),
    customerId: z.string(),
    planKey: z.string(),
    planName: z.string(),
    planVersion: z.int(),
    lifecycle,
    paymentStatus,
    overdueSince: instant.nullable(),
    providerStatus: z.string().nullable(),
    currency,
    engine: z.enum(['stripe_subscription', 'stripe_invoice', 'offline']),
    startsAt: instant,
    trialEndsAt: instant.nullable(),
    pausedAt: instant.nullable(),
    /** When a pause ends by itself. */
    resumesAt: instant.nullable(),
    /** Whether the plan lets customers pause; operators always may. */
    mayPause: z.boolean(),
    cancelAt: instant.nullable(),
    endsAt: instant.nullable(),
    currentPeriod: period.nullable(),
    /** What it has on top of its plan. */
    addOns: z.array(heldAddOn),
    accessOverride: accessOverride.nullable(),
    /** What an operator agreed in place of what the plan says; null where nothing is. */
    agreed: agreedTerms.nullable(),
    /** A change of plan that is under way; null when none is. */
    change: z
      .object({
        state: z.enum(['executing', 'awaiting_payment', 'scheduled']),
        kind: changeKind,
        planKey: z.string(),
        planName: z.string(),
        planVersion: z.int(),
        /** What there is on top of the plan afterwards. */
        addOns: z.array(heldAddOn),
        effectiveAt: instant,
        /** While it waits for its payment: what is due, where, and until when. */
        payment: z
          .object({ amountDue: money, url: z.string().nullable(), expiresAt: instant })
          .nullable(),
      })
      .nullable(),
    createdAt: instant,
  })
  .meta({ id: 'Subscription' })

export const quota = z
  .object({
    featureKey: z.string(),
    featureName: z.string(),
    meterKey: z.string(),
    unit: z.string(),
    /** Null: unlimited. */
    limit: decimal.nullable(),
    used: decimal,
    onLimit: z.enum(['block', 'bill_overage', 'warn', 'throttle']),
    startsAt: instant,
    resetsAt: instant,
  })
  .meta({ id: 'Quota' })

export const customer = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  currency: currency.nullable(),
  timeZone: z.string(),
  maxPaymentOverdueDays: decimal.nullable(),
  metadata,
  suspensions: z.array(
    z.object({ reason: z.string(), note: z.string().nullable(), suspendedAt: instant }),
  ),
  createdAt: instant,
  closedAt: instant.nullable(),
})

export const invoice = z.object({
  id: z.string(),
  customerId: z.string(),
  subscriptionId: z.string().nullable(),
  kind: invoiceKind,
  number: z.string().nullable(),
  state: z.enum(['draft', 'open', 'paid', 'void', 'uncollectible']),
  subtotal: money,
  discount: money,
  tax: money,
  total: money,
  amountDue: money,
  amountPaid: money,
  startsAt: instant,
  endsAt: instant,
  issuedAt: instant.nullable(),
  /** `send_invoice`: nobody is charged, and it is to be paid by its due date. */
  collection: z.enum(['charge_automatically', 'send_invoice']),
  dueAt: instant.nullable(),
  paidAt: instant.nullable(),
  nextAttemptAt: instant.nullable(),
  hostedUrl: z.string().nullable(),
  pdfUrl: z.string().nullable(),
  /** Paid outside Stripe: an operator says when it is. */
  isOffline: z.boolean(),
  /** What an operator named when they marked it paid. */
  paymentReference: z.string().nullable(),
  createdAt: instant,
})

export const invoiceWithLines = invoice.extend({
  /** Where it is paid outside Stripe: who asks, and how to pay, as the operator wrote it. */
  outside: z
    .object({ issuer: z.string().nullable(), instructions: z.string().nullable() })
    .nullable(),
  lines: z.array(
    z.object({
      id: z.string(),
      rateCardKey: z.string().nullable(),
      description: z.string(),
      quantity: decimal.nullable(),
      amount: money,
      isProration: z.boolean(),
      startsAt: instant,
      endsAt: instant,
      /** How the amount came about, in sentences; empty for lines made in Stripe by hand. */
      explanation: z.array(z.string()),
    }),
  ),
})

export const payment = z
  .object({
    id: z.string(),
    customerId: z.string(),
    invoiceId: z.string().nullable(),
    amount: money,
    refunded: money,
    state: z.string(),
    failureCode: z.string().nullable(),
    failureMessage: z.string().nullable(),
    method: z.object({ brand: z.string().nullable(), lastFour: z.string().nullable() }).nullable(),
    receiptUrl: z.string().nullable(),
    createdAt: instant,
  })
  .meta({ id: 'Payment' })

export const paymentMethod = z
  .object({
    id: z.string(),
    type: z.string(),
    brand: z.string().nullable(),
    lastFour: z.string().nullable(),
    expiresMonth: z.int().nullable(),
    expiresYear: z.int().nullable(),
    isDefault: z.boolean(),
  })
  .meta({ id: 'PaymentMethod' })

export const usageQuery = z.object({
  meter: z.string().min(1).max(64),
  from: instant,
  to: instant,
  grain: z.enum(['hour', 'day', 'month']).default('day'),
})

export const usageSeries = z.object({
  meterKey: z.string(),
  unit: z.string(),
  grain: z.enum(['hour', 'day', 'month']),
  /** Whose days and months the points are. */
  timeZone: z.string(),
  total: decimal,
  points: z.array(z.object({ at: instant, value: decimal })),
})

export const usageShares = z.object({
  data: z.array(z.object({ id: z.string(), name: z.string(), value: decimal })),
})
