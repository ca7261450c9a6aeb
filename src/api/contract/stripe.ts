import { z } from 'zod'
import { operator, route } from './route.ts'
import { id, instant, page, pageQuery } from './values.ts'

const tag = 'Stripe'

const difference = z
  .object({
    category: z.string(),
    kind: z.enum(['customer', 'subscription', 'invoice', 'payment', 'refund', 'dispute', 'usage']),
    stripeId: z.string(),
    /** The values that differ; null where one side lacks the object. */
    ours: z.record(z.string(), z.string().nullable()).nullable(),
    theirs: z.record(z.string(), z.string().nullable()).nullable(),
    /** What Stripe says can be taken over without anybody's judgement. */
    isSafe: z.boolean(),
    summary: z.string(),
  })
  .meta({ id: 'Difference' })

const counts = z.object({
  customers: z.int(),
  objects: z.int(),
  differences: z.int(),
  repaired: z.int(),
  failed: z.int(),
})

const run = z
  .object({
    id: z.string(),
    cause: z.enum(['schedule', 'operator']),
    isDryRun: z.boolean(),
    state: z.enum(['running', 'done', 'failed']),
    counts,
    error: z.string().nullable(),
    startedAt: instant,
    finishedAt: instant.nullable(),
  })
  .meta({ id: 'ReconcileRun' })

export const stripeRoutes = {
  syncCustomer: route({
    method: 'post',
    path: '/api/v1/customers/{customerId}/sync',
    access: operator('webhooks.write'),
    summary: 'Compare one customer with Stripe now and take over what is safe',
    tag,
    params: z.object({ customerId: id }),
    body: z.strictObject({ isDryRun: z.boolean().default(false) }),
    response: z.object({
      counts,
      found: z.array(difference),
      /** What still differs afterwards; each is a finding, too. */
      left: z.array(difference),
    }),
  }),
  startReconcile: route({
    method: 'post',
    path: '/api/v1/stripe/reconcile',
    access: operator('webhooks.write'),
    summary: 'Compare all customers with Stripe in the background',
    tag,
    body: z.strictObject({ isDryRun: z.boolean().default(false) }),
    response: run,
    status: 202,
  }),
  listReconcileRuns: route({
    method: 'get',
    path: '/api/v1/stripe/reconcile-runs',
    access: operator('read'),
    summary: 'Comparisons with Stripe, newest first',
    tag,
    query: pageQuery,
    response: page(run),
  }),
  getReconcileRun: route({
    method: 'get',
    path: '/api/v1/stripe/reconcile-runs/{runId}',
    access: operator('read'),
    summary: 'One comparison with Stripe and how far it is',
    tag,
    params: z.object({ runId: id }),
    response: run,
  }),
  pollStripeEvents: route({
    method: 'post',
    path: '/api/v1/stripe/events/poll',
    access: operator('webhooks.write'),
    summary: 'Fetch events that webhooks missed; Stripe keeps them for 30 days',
    tag,
    body: z.strictObject({ since: instant }),
    /** How many were not known yet. */
    response: z.object({ found: z.int() }),
  }),
}
