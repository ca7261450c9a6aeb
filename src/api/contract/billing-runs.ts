import { z } from 'zod'
import { invoiceKind, period } from './models.ts'
import { operator, route } from './route.ts'
import { id, instant, money, page, pageQuery } from './values.ts'

const tag = 'Billing'

const billingRun = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'finished']),
    /** Everything whose period ended by then. */
    until: instant,
    requestedBy: z.string(),
    total: z.int(),
    closed: z.int(),
    failed: z.int(),
    failures: z.array(z.object({ subscriptionId: z.string(), message: z.string() })),
    createdAt: instant,
    finishedAt: instant.nullable(),
  })
  .meta({ id: 'BillingRun' })

export const billingRunRoutes = {
  startBillingRun: route({
    method: 'post',
    path: '/api/v1/billing/runs',
    access: operator('payments.write'),
    summary: 'Close every period of ours that has ended, and invoice it; asked twice it bills once',
    tag,
    response: billingRun,
    status: 202,
  }),
  rehearseBillingRun: route({
    method: 'get',
    path: '/api/v1/billing/rehearsal',
    access: operator('read'),
    summary: 'What a billing run would invoice now; nothing is written',
    tag,
    response: z.object({
      data: z.array(
        z.object({
          subscriptionId: z.string(),
          customerId: z.string(),
          kind: invoiceKind,
          period,
          lines: z.array(z.object({ description: z.string(), amount: money })),
          total: money,
        }),
      ),
      /** More is due than was looked at. */
      isCut: z.boolean(),
    }),
  }),
  listBillingRuns: route({
    method: 'get',
    path: '/api/v1/billing/runs',
    access: operator('read'),
    summary: 'Billing runs, newest first',
    tag,
    query: pageQuery,
    response: page(billingRun),
  }),
  getBillingRun: route({
    method: 'get',
    path: '/api/v1/billing/runs/{runId}',
    access: operator('read'),
    summary: 'How far a billing run has come',
    tag,
    params: z.object({ runId: id }),
    response: billingRun,
  }),
}
