import { z } from 'zod'
import { changePreview, changeResult } from './plan-changes.ts'
import { operator, route } from './route.ts'
import { currency, decimal, id, instant, key } from './values.ts'

const tag = 'Subscriptions'
const params = z.object({ subscriptionId: id })

const priceOverride = z.discriminatedUnion('type', [
  /** Of a fee, a unit or a package. */
  z.strictObject({ type: z.literal('amount'), amount: decimal, currency }),
  /** Off whatever the price is. */
  z.strictObject({ type: z.literal('percentage'), percent: decimal }),
])

/** What is agreed with one customer in place of what the plan says. Nothing in it ends what was agreed. */
export const overrides = z
  .strictObject({
    /** By rate card. */
    prices: z.record(key, priceOverride).default({}),
    /** Units per usage period by feature; null is unlimited. */
    quotas: z.record(key, decimal.nullable()).default({}),
    /** By feature: granted, taken away, or the value the upstream is told. */
    features: z.record(key, z.union([z.boolean(), z.string().min(1).max(500)])).default({}),
    /** By the plan's name for it; the window stays the plan's. */
    rateLimits: z
      .record(
        key,
        z.strictObject({
          limit: z.int().min(1).max(10_000_000),
          burst: z.int().min(1).max(10_000_000).nullable().default(null),
        }),
      )
      .default({}),
    /** For operators and the audit log; customers do not see it. */
    reason: z.string().trim().min(1).max(500),
    /** It ends with the billing period this lies in; null holds until it is changed or the plan is left. */
    until: instant.nullable().default(null),
  })
  .meta({ id: 'Overrides' })

export const overrideRoutes = {
  getOverrides: route({
    method: 'get',
    path: '/api/v1/subscriptions/{subscriptionId}/overrides',
    access: operator('read'),
    summary: 'What is agreed for a subscription in place of what its plan says, and why',
    tag,
    params,
    response: z.object({ overrides: overrides.nullable() }),
  }),
  previewOverrides: route({
    method: 'post',
    path: '/api/v1/subscriptions/{subscriptionId}/overrides/preview',
    access: operator('subscriptions.write'),
    summary: 'What other prices, quotas, rate limits or features would cost and do',
    tag,
    params,
    body: z.strictObject({
      overrides,
      timing: z.enum(['immediate', 'at_period_end']).default('immediate'),
    }),
    response: changePreview,
  }),
  overrideSubscription: route({
    method: 'post',
    path: '/api/v1/subscriptions/{subscriptionId}/overrides',
    access: operator('subscriptions.write'),
    summary: 'Agree exactly what was previewed',
    tag,
    params,
    body: z.strictObject({ quoteId: id }),
    response: changeResult,
  }),
}
