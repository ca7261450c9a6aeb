import { z } from 'zod'
import { planDefinition, planVersion } from './plan-definition.ts'
import { operator, route } from './route.ts'
import { done, instant, key, list, metadata, name } from './values.ts'

const tag = 'Catalog'
const planParams = z.object({ planKey: key })

export const meter = z
  .object({
    id: z.string(),
    key: z.string(),
    name: z.string(),
    eventType: z.string(),
    aggregation: z.enum(['count', 'sum', 'max', 'unique', 'latest', 'time_weighted_sum']),
    valueProperty: z.string().nullable(),
    groupBy: z.record(z.string(), z.string()),
    filters: z.record(z.string(), z.array(z.string())),
    unit: z.string(),
    createdAt: instant,
    archivedAt: instant.nullable(),
  })
  .meta({ id: 'Meter' })

const feature = z
  .object({
    id: z.string(),
    key: z.string(),
    name: z.string(),
    meterKey: z.string().nullable(),
    metadata,
    createdAt: instant,
    archivedAt: instant.nullable(),
  })
  .meta({ id: 'Feature' })

const plan = z.object({
  key: z.string(),
  /** Of the version on sale; of one that is not, of the newest. */
  name: z.string(),
  isDefault: z.boolean(),
  active: planVersion.nullable(),
  draft: planVersion.nullable(),
  subscriberCount: z.int(),
})

/** A sentence about a part of a definition. */
export const remark = z.object({ path: z.string(), message: z.string() })

export const publishEffect = z.object({
  kind: z.enum([
    'create_product',
    'update_product',
    'archive_product',
    'create_meter',
    'update_meter',
    'link_meter',
    'create_price',
    'keep_price',
    'restore_price',
    'link_price',
    'archive_price',
    'wake_price',
    'rate_here',
  ]),
  /** What it is about, for people: a rate card and currency, a meter, a product name. */
  subject: z.string(),
  stripeId: z.string().nullable(),
  note: z.string().nullable(),
})

export const meterInput = z.strictObject({
  key,
  name,
  eventType: z.string().min(1).max(100),
  aggregation: meter.shape.aggregation,
  valueProperty: z.string().max(200).nullable().default(null),
  groupBy: z.record(key, z.string().max(200)).default({}),
  filters: z.record(z.string().max(100), z.array(z.string().max(200)).max(100)).default({}),
  unit: z.string().min(1).max(50),
})

export const featureInput = z.strictObject({
  key,
  name,
  meterKey: key.nullable().default(null),
  metadata: metadata.default({}),
})

export const catalogRoutes = {
  listMeters: route({
    method: 'get',
    path: '/api/v1/meters',
    access: operator('read'),
    summary: 'All meters',
    tag,
    response: list(meter),
  }),
  createMeter: route({
    method: 'post',
    path: '/api/v1/meters',
    access: operator('catalog.write'),
    summary: 'Create a meter',
    tag,
    body: meterInput,
    response: meter,
    status: 201,
  }),
  listFeatures: route({
    method: 'get',
    path: '/api/v1/features',
    access: operator('read'),
    summary: 'All features',
    tag,
    response: list(feature),
  }),
  createFeature: route({
    method: 'post',
    path: '/api/v1/features',
    access: operator('catalog.write'),
    summary: 'Create a feature',
    tag,
    body: featureInput,
    response: feature,
    status: 201,
  }),
  listPlans: route({
    method: 'get',
    path: '/api/v1/plans',
    access: operator('read'),
    summary: 'All plans in plan order, with their active version and draft',
    tag,
    response: list(plan),
  }),
  createPlan: route({
    method: 'post',
    path: '/api/v1/plans',
    access: operator('catalog.write'),
    summary: 'Create a plan with its first draft',
    tag,
    body: z.strictObject({
      key,
      isDefault: z.boolean().default(false),
      definition: planDefinition,
    }),
    response: planVersion,
    status: 201,
  }),
  listPlanVersions: route({
    method: 'get',
    path: '/api/v1/plans/{planKey}/versions',
    access: operator('read'),
    summary: 'Every version of a plan, newest first',
    tag,
    params: planParams,
    response: list(planVersion),
  }),
  draftNextVersion: route({
    method: 'post',
    path: '/api/v1/plans/{planKey}/next',
    access: operator('catalog.write'),
    summary: 'Start a draft of the next version as a copy of the newest',
    tag,
    params: planParams,
    response: planVersion,
    status: 201,
  }),
  updateDraft: route({
    method: 'put',
    path: '/api/v1/plans/{planKey}/draft',
    access: operator('catalog.write'),
    summary: 'Replace the draft',
    tag,
    params: planParams,
    body: z.strictObject({
      /** The revision the edit is based on; another edit in between is a conflict. */
      revision: z.int(),
      definition: planDefinition,
    }),
    response: planVersion,
  }),
  previewPublish: route({
    method: 'get',
    path: '/api/v1/plans/{planKey}/diff',
    access: operator('read'),
    summary: 'What publishing the draft would do',
    tag,
    params: planParams,
    response: z.object({
      version: planVersion,
      problems: z.array(remark),
      /** What is possible and may surprise somebody. */
      warnings: z.array(remark),
      effects: z.array(publishEffect),
      subscribersStaying: z.int(),
    }),
  }),
  publishPlan: route({
    method: 'post',
    path: '/api/v1/plans/{planKey}/publish',
    access: operator('catalog.write'),
    summary: 'Publish the draft: mirror it to Stripe and put it on sale',
    tag,
    params: planParams,
    response: planVersion,
  }),
  archivePlan: route({
    method: 'post',
    path: '/api/v1/plans/{planKey}/archive',
    access: operator('catalog.write'),
    summary: 'Take a plan off sale, here and in Stripe; subscriptions keep it',
    tag,
    params: planParams,
    response: done,
  }),
  makeDefaultPlan: route({
    method: 'post',
    path: '/api/v1/plans/{planKey}/default',
    access: operator('catalog.write'),
    summary: 'Make it the plan customers fall back to',
    tag,
    params: planParams,
    response: done,
  }),
  setPlanOrder: route({
    method: 'put',
    path: '/api/v1/plan-order',
    access: operator('catalog.write'),
    summary: 'Order the plans; moving to a later one is an upgrade',
    tag,
    body: z.strictObject({ keys: z.array(key).min(1).max(500) }),
    response: done,
  }),
}
