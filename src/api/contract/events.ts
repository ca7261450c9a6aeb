import { z } from 'zod'
import { operator, route } from './route.ts'
import { instant, page, pageQuery } from './values.ts'

const tag = 'Events'

/** CloudEvents 1.0 in its JSON form. */
export const usageEvent = z
  .object({
    specversion: z.literal('1.0').default('1.0'),
    id: z.string().min(1).max(200),
    source: z.string().min(1).max(500),
    type: z.string().min(1).max(200),
    time: instant.nullish(),
    /** The customer: our id, or the key it was created with. */
    subject: z.string().min(1).max(200).nullish(),
    /** Our id of a subscription; instead of a subject, or where a customer has several. */
    subscription: z.string().min(1).max(64).nullish(),
    datacontenttype: z.string().max(100).nullish(),
    data: z.record(z.string(), z.unknown()).nullish(),
  })
  .refine(
    ({ subject, subscription }) => (subject ?? subscription ?? null) !== null,
    'send a subject or a subscription',
  )
  .meta({ id: 'UsageEvent' })

const state = z.enum(['counted', 'unmatched', 'voided', 'replaced'])

const storedEvent = z
  .object({
    source: z.string(),
    id: z.string(),
    type: z.string(),
    at: instant,
    receivedAt: instant,
    customerId: z.string(),
    subscriptionId: z.string().nullable(),
    data: z.unknown(),
    state,
  })
  .meta({ id: 'StoredEvent' })

/** Usage that happened elsewhere. */
export const eventRoutes = {
  sendEvents: route({
    method: 'post',
    path: '/api/v1/events',
    access: operator('usage.write'),
    summary:
      'Send usage events: one CloudEvent, as JSON or with `ce-` headers, or up to 1,000; each is judged on its own',
    takesCloudEvents: true,
    tag,
    query: z.object({
      /** Takes events older than 35 days. */
      backfill: z.enum(['true', 'false']).default('false'),
    }),
    body: z.union([z.array(z.unknown()).min(1).max(1_000), z.record(z.string(), z.unknown())]),
    response: z.object({
      counted: z.int(),
      duplicates: z.int(),
      /** Stored, but no meter takes events of this type. */
      unmatched: z.int(),
      rejected: z.int(),
      /** In the order of the events. */
      results: z.array(
        z.object({
          state: z.enum(['counted', 'duplicate', 'unmatched', 'rejected']),
          code: z.string().optional(),
          message: z.string().optional(),
        }),
      ),
    }),
  }),
  listEvents: route({
    method: 'get',
    path: '/api/v1/events',
    access: operator('read'),
    summary: 'Events that were sent, newest first',
    tag,
    query: pageQuery.extend({
      customerId: z.string().max(64).optional(),
      type: z.string().max(200).optional(),
      state: state.optional(),
    }),
    response: page(storedEvent),
  }),
  listRejectedEvents: route({
    method: 'get',
    path: '/api/v1/events/rejected',
    access: operator('read'),
    summary: 'Events that were refused in the last 30 days, with the reason',
    tag,
    query: pageQuery,
    response: page(
      z.object({
        id: z.string(),
        reason: z.string(),
        payload: z.unknown(),
        receivedAt: instant,
      }),
    ),
  }),
  voidEvent: route({
    method: 'post',
    path: '/api/v1/events/void',
    access: operator('usage.write'),
    summary: 'Take an event back; what was billed of it is corrected on the next invoice',
    tag,
    body: z.strictObject({
      source: z.string().min(1).max(500),
      id: z.string().min(1).max(200),
      reason: z.string().trim().min(1).max(500),
    }),
    response: storedEvent,
  }),
  replaceEvent: route({
    method: 'post',
    path: '/api/v1/events/replace',
    access: operator('usage.write'),
    summary:
      'Put another event in the place of one; what was billed is corrected on the next invoice',
    tag,
    body: z.strictObject({
      source: z.string().min(1).max(500),
      id: z.string().min(1).max(200),
      reason: z.string().trim().min(1).max(500),
      /** With an id of its own; of any age. */
      by: usageEvent,
    }),
    response: storedEvent,
  }),
}
