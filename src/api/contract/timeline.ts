import { z } from 'zod'
import { notification } from './collection.ts'
import { attempt } from './refunds.ts'
import { operator, route } from './route.ts'
import { auditEntry, inboxEvent } from './system.ts'
import { id, instant, page, pageQuery } from './values.ts'

const kind = z.enum([
  'subscription',
  'invoice',
  'payment',
  'refund',
  'dispute',
  'credit',
  'access',
  'key',
  'mail',
  'webhook',
  'operator',
])

/** By the customer's time, which in test mode may be ahead of the machine's. */
const at = instant

const happening = z
  .discriminatedUnion('source', [
    z.object({ source: z.literal('audit'), at, entry: auditEntry }),
    z.object({
      source: z.literal('attempt'),
      at,
      attempt: attempt.extend({
        id: z.string(),
        paymentId: z.string(),
        invoiceId: z.string().nullable(),
      }),
    }),
    z.object({ source: z.literal('mail'), at, mail: notification }),
    z.object({ source: z.literal('event'), at, event: inboxEvent }),
  ])
  .meta({ id: 'Happening' })

export const timelineRoutes = {
  getCustomerTimeline: route({
    method: 'get',
    path: '/api/v1/customers/{customerId}/timeline',
    access: operator('audit.read'),
    summary: 'Everything that happened to a customer, newest first',
    tag: 'Customers',
    params: z.object({ customerId: id }),
    query: pageQuery.extend({
      /** What is of one kind. Kinds overlap: a suspension is `access`, and `operator` if one did it. */
      kind: kind.optional(),
    }),
    response: page(happening),
  }),
}
