import { z } from 'zod'
import { featureInput, meterInput, publishEffect, remark } from './catalog.ts'
import { couponDefinition } from './coupons.ts'
import { creditUnit } from './credits.ts'
import { planDefinition } from './plan-definition.ts'
import { operator, route } from './route.ts'
import {
  currency,
  decimal,
  duration,
  instant,
  key,
  list,
  name,
  promotionCodeText,
} from './values.ts'

const tag = 'Catalog'

export const planInFile = z.strictObject({
  key,
  /** The plan customers fall back to; one at most. */
  isDefault: z.boolean().default(false),
  ...planDefinition.shape,
})

export const packInFile = z.strictObject({
  key,
  name,
  unit: creditUnit,
  amountPerPack: decimal,
  /** In major units: `49.00`. */
  price: decimal,
  currency,
  priority: z.int().min(1).max(255).default(100),
  validFor: duration.nullable().default(null),
  appliesTo: z.array(key).min(1).max(50).nullable().default(null),
})

export const couponInFile = z.strictObject({
  key,
  ...couponDefinition.shape,
  /** Codes that everybody may use; those for one customer are not in files. */
  codes: z
    .array(
      z.strictObject({
        code: promotionCodeText,
        maxRedemptions: z.int().min(1).max(1_000_000_000).nullable().default(null),
        expiresAt: instant.nullable().default(null),
      }),
    )
    .max(10_000)
    .default([]),
})

/** Everything that is on sale, as it stands in a file. The order of the plans is the plan order. */
export const catalogFile = z
  .strictObject({
    meters: z.array(meterInput).max(500).default([]),
    features: z.array(featureInput).max(500).default([]),
    plans: z.array(planInFile).max(500).default([]),
    creditPacks: z.array(packInFile).max(100).default([]),
    /** Left out, coupons stay as they are. */
    coupons: z.array(couponInFile).max(500).optional(),
  })
  .meta({ id: 'Catalog' })

const catalogDiff = z
  .object({
    /** What was looked at; handed in with a push, it makes sure that nothing else is done than what was shown. */
    revision: z.string(),
    /** Everything that keeps it from being pushed, with the path in the file. */
    problems: z.array(remark),
    /** What is possible and may surprise somebody. */
    warnings: z.array(remark),
    changes: z.array(
      z.object({
        kind: z.enum([
          'meter',
          'feature',
          'plan',
          'credit_pack',
          'coupon',
          'plan_order',
          'default_plan',
        ]),
        key: z.string(),
        /** `version` publishes another version of a plan; `restore` takes something archived back. */
        change: z.enum(['create', 'change', 'version', 'restore', 'archive', 'keep']),
        note: z.string().nullable(),
        /** What it does in Stripe. */
        effects: z.array(publishEffect),
        /** Open subscriptions that stay on the version they have. */
        subscribersStaying: z.int(),
      }),
    ),
  })
  .meta({ id: 'CatalogDiff' })

/** What is no catalog is read as well, entry by entry, so that one answer names everything that is wrong. */
const anyCatalog = z.union([catalogFile, z.record(z.string(), z.unknown())])

const drift = z
  .object({
    planKey: z.string(),
    kind: z.enum(['product', 'price', 'meter']),
    stripeId: z.string(),
    /** What it says in Stripe, for people. */
    summary: z.string(),
    /** Ours, so that it can be put back from here. */
    isRepairable: z.boolean(),
    remedy: z.string(),
  })
  .meta({ id: 'CatalogDrift' })

export const catalogFileRoutes = {
  getCatalog: route({
    method: 'get',
    path: '/api/v1/catalog',
    access: operator('read'),
    summary: 'Everything on sale as one document; what is left out has its default',
    tag,
    response: z
      .object({
        meters: z.array(z.unknown()),
        features: z.array(z.unknown()),
        plans: z.array(z.unknown()),
        creditPacks: z.array(z.unknown()),
        coupons: z.array(z.unknown()),
      })
      .meta({ description: 'A catalog; what is left out has its default.' }),
  }),
  diffCatalog: route({
    method: 'post',
    path: '/api/v1/catalog/diff',
    access: operator('read'),
    summary: 'What putting a catalog in place of this one would do; changes nothing',
    tag,
    body: z.strictObject({ catalog: anyCatalog }),
    response: catalogDiff,
  }),
  pushCatalog: route({
    method: 'put',
    path: '/api/v1/catalog',
    access: operator('catalog.write'),
    summary:
      'Put a catalog in place of this one: what differs is published, what is missing archived',
    tag,
    body: z.strictObject({
      catalog: anyCatalog,
      /** Of the diff somebody confirmed; without it whatever differs now is done. */
      revision: z.string().max(64).optional(),
    }),
    response: catalogDiff,
  }),
  getCatalogDrift: route({
    method: 'get',
    path: '/api/v1/catalog/drift',
    access: operator('read'),
    summary: 'What somebody edited, archived or deleted in Stripe of what is published there',
    tag,
    response: list(drift),
  }),
  repairCatalogDrift: route({
    method: 'post',
    path: '/api/v1/catalog/drift/repair',
    access: operator('catalog.write'),
    summary: 'Put back in Stripe what is ours there; linked prices are left alone',
    tag,
    response: z.object({ repaired: z.array(drift), left: z.array(drift) }),
  }),
}
