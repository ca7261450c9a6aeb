import { z } from 'zod'
import { period } from './models.ts'
import { ANY_MEMBER, operator, route } from './route.ts'
import { currency, decimal, id, instant, key, money, timeZone } from './values.ts'

const tag = 'Billing'

/** Usage to ask about: numbers of meters for the whole period, or events as they would be sent. */
const usage = {
  quantities: z
    .array(
      z.strictObject({
        meter: key,
        quantity: decimal,
        /** How many events it came from, where the plan charges for each; one a unit if left out. */
        events: z.int().min(0).optional(),
        dimensions: z.record(z.string().max(64), z.string().max(200)).optional(),
      }),
    )
    .max(100)
    .default([]),
  events: z
    .array(
      z.object({
        type: z.string().min(1).max(200),
        /** Without one it happens when the period begins. */
        time: instant.nullish(),
        data: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .max(1_000)
    .default([]),
  /** Somewhere in the billing period that is meant; with the first event, or now, if left out. */
  at: instant.optional(),
}

const line = z.object({
  rateCardKey: z.string().nullable(),
  description: z.string(),
  amount: money,
  period,
  explanation: z.array(z.string()),
})

export const costEstimate = z
  .object({
    planKey: z.string(),
    planVersion: z.int(),
    period,
    lines: z.array(line),
    /** Before credits, tax and the customer's balance. */
    total: money,
    /** Meters that were asked about and that the plan puts no price on. */
    unpricedMeters: z.array(z.string()),
  })
  .meta({ id: 'CostEstimate' })

export const nextInvoice = z
  .object({
    subscriptionId: z.string(),
    /** When it is made. */
    at: instant,
    /** Usage of this time is on it. */
    closes: period,
    /** And fees for this; null when the subscription ends. */
    opens: period.nullable(),
    lines: z.array(line),
    /** As far as it is known now: after credits, before tax and the balance. */
    total: money,
  })
  .meta({ id: 'NextInvoice' })

const oneKindOfUsage = ({ quantities, events }: { quantities: unknown[]; events: unknown[] }) =>
  quantities.length === 0 || events.length === 0
const ONE_KIND = { path: ['events'], message: 'send quantities or events, not both' }

export const estimateRoutes = {
  estimateCost: route({
    method: 'post',
    path: '/api/v1/cost',
    access: operator('read'),
    summary: 'What usage would cost in a period on a plan, or on the terms of a subscription',
    tag,
    body: z
      .strictObject({
        planKey: key.optional(),
        /** The version on sale if left out. */
        planVersion: z.int().min(1).optional(),
        /** The last phase if left out. */
        phaseKey: z.string().max(64).optional(),
        currency: currency.optional(),
        timeZone: timeZone.optional(),
        subscriptionId: id.optional(),
        ...usage,
      })
      .refine(
        ({ planKey, subscriptionId }) => (planKey === undefined) !== (subscriptionId === undefined),
        { path: ['planKey'], message: 'name a plan or a subscription' },
      )
      .refine(oneKindOfUsage, ONE_KIND),
    response: costEstimate,
  }),
  getNextInvoice: route({
    method: 'get',
    path: '/api/v1/subscriptions/{subscriptionId}/next-invoice',
    access: operator('read'),
    summary: 'The invoice at the end of the running period, as far as it is known',
    tag,
    params: z.object({ subscriptionId: id }),
    response: z.object({ invoice: nextInvoice.nullable() }),
  }),
  estimateOwnCost: route({
    method: 'post',
    path: '/api/v1/portal/cost',
    access: ANY_MEMBER,
    summary: 'What usage would cost on the own subscription, or on a plan that is offered',
    tag: 'Portal',
    body: z
      .strictObject({
        /** The own subscription if left out. */
        planKey: key.optional(),
        ...usage,
      })
      .refine(oneKindOfUsage, ONE_KIND),
    response: costEstimate,
  }),
  getOwnNextInvoice: route({
    method: 'get',
    path: '/api/v1/portal/next-invoice',
    access: ANY_MEMBER,
    summary: 'The next invoice, as far as it is known',
    tag: 'Portal',
    response: z.object({ invoice: nextInvoice.nullable() }),
  }),
}
