import { z } from 'zod'
import { creditUnit } from './credits.ts'
import { currency, decimal, duration, instant, key, metadata, name } from './values.ts'

const amounts = z.record(currency, decimal)

const flatPrice = z.strictObject({
  type: z.literal('flat'),
  amount: decimal,
  paymentTerm: z.enum(['in_advance', 'in_arrears']).default('in_advance'),
})

const unitPrice = z.strictObject({ type: z.literal('unit'), amount: decimal })

const tieredPrice = z.strictObject({
  type: z.literal('tiered'),
  mode: z.enum(['graduated', 'volume']),
  tiers: z
    .array(
      z.strictObject({
        upToAmount: decimal.nullable(),
        flatPrice: decimal.nullable().default(null),
        unitPrice: decimal.nullable().default(null),
      }),
    )
    .min(1)
    .max(50),
})

const packagePrice = z.strictObject({
  type: z.literal('package'),
  amount: decimal,
  quantityPerPackage: decimal,
  rounding: z.enum(['up', 'down', 'exact']).default('up'),
})

const percentagePrice = z.strictObject({
  type: z.literal('percentage'),
  rate: decimal,
  fixedPerEvent: decimal.nullable().default(null),
  minimumPerEvent: decimal.nullable().default(null),
  maximumPerEvent: decimal.nullable().default(null),
})

const dynamicPrice = z.strictObject({
  type: z.literal('dynamic'),
  multiplier: decimal.default('1'),
})

const matrixPrice = z.strictObject({
  type: z.literal('matrix'),
  dimensions: z.array(key).min(1).max(2),
  cells: z.array(z.strictObject({ values: z.array(z.string()), amount: decimal })).max(500),
  defaultAmount: decimal,
})

export const price = z.discriminatedUnion('type', [
  flatPrice,
  unitPrice,
  tieredPrice,
  packagePrice,
  percentagePrice,
  dynamicPrice,
  matrixPrice,
])

const meteredEntitlement = z.strictObject({
  type: z.literal('metered'),
  issueAfterReset: decimal.nullable(),
  usagePeriod: duration,
  alignment: z.enum(['anniversary', 'calendar']).default('anniversary'),
  onLimit: z.enum(['block', 'bill_overage', 'warn', 'throttle']).default('block'),
  graceRatio: decimal.default('0'),
  throttle: z
    .strictObject({ limit: z.int().min(1), windowSeconds: z.int().min(1).max(86_400) })
    .nullable()
    .default(null),
  preserveOverageAtReset: z.boolean().default(false),
  resetUsageOnRenewal: z.boolean().nullable().default(null),
  /** What a usage period left unused becomes credits of the feature. */
  rollover: z
    .strictObject({
      maximum: decimal.nullable().default(null),
      validFor: duration,
      priority: z.int().min(1).max(255).default(50),
    })
    .nullable()
    .default(null),
})

export const entitlement = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('boolean') }),
  z.strictObject({ type: z.literal('static'), value: z.string().max(500) }),
  meteredEntitlement,
])

const providerPrice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('managed') }),
  z.strictObject({ kind: z.literal('linked'), stripePriceIds: z.record(currency, z.string()) }),
])

export const rateCard = z
  .strictObject({
    key,
    name,
    featureKey: key.nullable().default(null),
    billingCadence: duration.nullable(),
    prices: z.record(currency, price).nullable().default(null),
    entitlement: entitlement.nullable().default(null),
    discounts: z
      .array(
        z.discriminatedUnion('type', [
          z.strictObject({ type: z.literal('percentage'), percent: decimal }),
          z.strictObject({ type: z.literal('amount'), amounts }),
        ]),
      )
      .max(10)
      .default([]),
    commitments: z
      .record(
        currency,
        z.strictObject({
          minimum: decimal.nullable().default(null),
          maximum: decimal.nullable().default(null),
        }),
      )
      .nullable()
      .default(null),
    conversion: z
      .strictObject({
        operation: z.enum(['multiply', 'divide']),
        factor: decimal,
        rounding: z.enum(['none', 'up', 'down']).default('none'),
      })
      .nullable()
      .default(null),
    creditCost: z.strictObject({ creditKey: key, perUnit: decimal }).nullable().default(null),
    /** Credits given anew in every period: `{ "unit": "custom:credits", "amount": "500", "every": "P1M" }`. */
    creditGrant: z
      .strictObject({
        unit: creditUnit,
        amount: decimal,
        every: duration,
        /** From the period’s start; null is until the period ends. */
        validFor: duration.nullable().default(null),
        priority: z.int().min(1).max(255).default(50),
        appliesTo: z.array(key).min(1).max(50).nullable().default(null),
      })
      .nullable()
      .default(null),
    providerPrice: providerPrice.default({ kind: 'managed' }),
  })
  .meta({ id: 'RateCard' })

/** What is sold. The same shape in the database, in catalog files and here; see the domain's `plan.ts`. */
export const planDefinition = z
  .strictObject({
    name,
    description: z.string().max(1000).nullable().default(null),
    currencies: z.array(currency).min(1).max(20),
    billingCadence: duration,
    alignment: z.enum(['anniversary', 'calendar']).default('anniversary'),
    engine: z
      .enum(['stripe_subscription', 'stripe_invoice', 'offline'])
      .default('stripe_subscription'),
    checkoutMode: z.enum(['subscription', 'setup']).default('subscription'),
    isPaymentMethodRequired: z.boolean().default(true),
    /** `send_invoice`: invoices are sent with a due date, and a subscription begins without a payment. */
    collection: z.enum(['charge_automatically', 'send_invoice']).default('charge_automatically'),
    /** Of invoices that are sent; null leaves it to the settings. */
    daysUntilDue: z.int().min(0).max(365).nullable().default(null),
    visibility: z.enum(['public', 'private']).default('public'),
    customersMayPause: z.boolean().default(false),
    proration: z
      .strictObject({
        mode: z.enum(['none', 'time_based', 'max_consumption_based', 'full_reset']),
        anchor: z.enum(['keep', 'reset']),
        onPlanChange: z.enum(['carry_usage', 'fresh']),
        allowIncoherent: z.boolean().default(false),
      })
      .default({
        mode: 'time_based',
        anchor: 'keep',
        onPlanChange: 'carry_usage',
        allowIncoherent: false,
      }),
    settlement: z.enum(['credit_then_invoice', 'credit_only']).default('credit_then_invoice'),
    onSubscriptionEnd: z
      .enum(['switch_to_default', 'suspend_customer', 'deactivate'])
      .nullable()
      .default(null),
    maxPaymentOverdueDays: decimal.nullable().default(null),
    rateLimits: z
      .array(
        z.strictObject({
          name: key,
          limit: z.int().min(1).max(10_000_000),
          windowSeconds: z.int().min(1).max(86_400),
          burst: z.int().min(1).max(10_000_000).nullable().default(null),
          scope: z.enum(['key', 'subscription', 'customer']).default('key'),
        }),
      )
      .max(10)
      .default([]),
    phases: z
      .array(
        z.strictObject({
          key,
          name,
          duration: duration.nullable(),
          rateCards: z.array(rateCard).max(100),
        }),
      )
      .min(1)
      .max(10),
    /** For what is sold on top of these plans instead of by itself. */
    addOn: z
      .strictObject({
        planKeys: z.array(key).min(1).max(50),
        /** How often a subscription may have it; null is as often as it likes. */
        maximumQuantity: z.int().min(1).max(1_000_000).nullable().default(null),
      })
      .nullable()
      .default(null),
    metadata: metadata.default({}),
  })
  .meta({ id: 'PlanDefinition' })

export const planVersion = z
  .object({
    id: z.string(),
    planKey: z.string(),
    version: z.int(),
    state: z.enum(['draft', 'scheduled', 'active', 'archived']),
    definition: planDefinition,
    revision: z.int(),
    effectiveFrom: instant.nullable(),
    effectiveTo: instant.nullable(),
    publishedAt: instant.nullable(),
    createdAt: instant,
  })
  .meta({ id: 'PlanVersion' })
