import { z } from 'zod'
import { parseInstant } from '../../kit/instant.ts'
import { period } from './models.ts'
import { operator, route } from './route.ts'
import { currency, instant, list, money } from './values.ts'

const tag = 'Reports'

const reportQuery = z.object({
  /** Thirty days before `to` unless given; a report is about 366 days at most. */
  from: instant.transform(parseInstant).optional(),
  /** Now unless given; nothing is known of what lies ahead. */
  to: instant.transform(parseInstant).optional(),
})

/** `0.0312` is 3.12 %; null where there was nothing to begin with. */
const share = z.string().nullable()

/** Customers and the recurring revenue they stand for, in one currency. What is there at the end is the start and the movements. */
const revenueInterval = z.object({
  startsAt: instant,
  endsAt: instant,
  currency,
  mrrAtStart: money,
  new: money,
  expansion: money,
  reactivation: money,
  contraction: money,
  churned: money,
  mrrAtEnd: money,
  customersAtStart: z.int(),
  customersWon: z.int(),
  customersLost: z.int(),
  customersAtEnd: z.int(),
  logoChurn: share,
  revenueChurn: share,
  netRetention: share,
})

export const reportRoutes = {
  getMetrics: route({
    method: 'get',
    path: '/api/v1/reports/metrics',
    access: operator('read'),
    summary: 'How the business does: recurring revenue, churn, trials, payments, disputes, refunds',
    tag,
    query: reportQuery,
    response: z.object({
      period,
      revenue: z.array(
        revenueInterval.extend({
          /** Twelve times the recurring revenue at the end. */
          arr: money,
          /** Of subscriptions whose last payment failed; part of the recurring revenue. */
          atRisk: money,
          /** Against the start. */
          change: share,
        }),
      ),
      activeCustomers: z.int(),
      plans: z.array(z.object({ planKey: z.string(), subscriptions: z.int() })),
      trials: z.object({ ended: z.int(), converted: z.int(), conversion: share }),
      payments: z.array(
        z.object({
          currency,
          succeededAttempts: z.int(),
          failedAttempts: z.int(),
          /** Of the tries to collect that were answered. */
          failureRateByAttempt: share,
          paidInvoices: z.int(),
          unpaidInvoices: z.int(),
          /** Of what was tried to collect: paid by none of the tries. */
          failureRateByInvoice: share,
          averagePayment: money.nullable(),
        }),
      ),
      /** Over all currencies, by attempt. */
      paymentFailureRate: share,
      disputes: z.object({
        open: z.int(),
        /** Of the payments collected in the time. */
        rate: share,
        medianResolutionSeconds: z.int().nullable(),
      }),
      refunds: z.array(
        z.object({ currency, count: z.int(), amount: money, rate: share, rateByAmount: share }),
      ),
      /** Calls that gateways refused because a quota was used up. */
      quotaDenials: z.int(),
    }),
  }),
  getSubscriptionReport: route({
    method: 'get',
    path: '/api/v1/reports/subscriptions',
    access: operator('read'),
    summary: 'Recurring revenue, its movements and churn, by currency and day or month',
    tag,
    query: reportQuery.extend({ every: z.enum(['day', 'month']).default('month') }),
    response: list(revenueInterval.meta({ id: 'RevenueInterval' })),
    answersCsv: true,
  }),
  getRevenueReport: route({
    method: 'get',
    path: '/api/v1/reports/revenue',
    access: operator('read'),
    summary: 'Money invoiced, collected and given back, by currency and day, month or plan',
    tag,
    query: reportQuery.extend({ groupBy: z.enum(['day', 'month', 'plan']).default('month') }),
    response: list(
      z
        .object({
          /** A day or month (UTC), or a plan; null for what no plan brought in, such as credits. */
          group: z.string().nullable(),
          currency,
          invoiced: money,
          collected: money,
          refunded: money,
          lostInDisputes: money,
          net: money,
        })
        .meta({ id: 'RevenueRow' }),
    ),
    answersCsv: true,
  }),
}
