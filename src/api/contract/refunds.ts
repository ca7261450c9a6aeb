import { z } from 'zod'
import { payment } from './models.ts'
import { operator, PAYERS, route } from './route.ts'
import { decimal, id, instant, money, page, pageQuery } from './values.ts'

const tag = 'Refunds'
const paymentParams = z.object({ paymentId: id })
const refundParams = z.object({ refundId: id })

export const refund = z
  .object({
    id: z.string(),
    paymentId: z.string(),
    customerId: z.string(),
    amount: money,
    state: z.enum(['requested', 'pending', 'succeeded', 'failed', 'canceled']),
    reason: z.enum([
      'customer_request',
      'billing_error',
      'service_issue',
      'duplicate',
      'fraudulent',
      'other',
    ]),
    note: z.string().nullable(),
    /** What happens to the subscription the payment was for, once the refund has succeeded. */
    accessEffect: z.enum(['none', 'cancel_at_period_end', 'cancel_now']),
    /** What happens to the credits the payment bought. */
    creditEffect: z.enum(['none', 'void_unburned']),
    issuesCreditNote: z.boolean(),
    /** Whether it was asked for here or made in Stripe. */
    origin: z.enum(['farebox', 'stripe']),
    approval: z.enum(['not_needed', 'waiting', 'approved', 'rejected']),
    requestedBy: z.string().nullable(),
    approvedBy: z.string().nullable(),
    failureCode: z.string().nullable(),
    failureMessage: z.string().nullable(),
    stripeRefundId: z.string().nullable(),
    effectsAppliedAt: instant.nullable(),
    createdAt: instant,
    settledAt: instant.nullable(),
  })
  .meta({ id: 'Refund' })

const creditNote = z
  .object({
    id: z.string(),
    customerId: z.string(),
    invoiceId: z.string(),
    refundId: z.string().nullable(),
    number: z.string().nullable(),
    state: z.enum(['requested', 'issued', 'void', 'failed']),
    reason: z.string().nullable(),
    memo: z.string().nullable(),
    amount: money,
    /** Where the amount went: off what was owed, back to the card, onto the balance, or settled outside. */
    owed: money,
    refunded: money,
    balance: money,
    outside: money,
    pdfUrl: z.string().nullable(),
    createdAt: instant,
    voidedAt: instant.nullable(),
  })
  .meta({ id: 'CreditNote' })

export const attempt = z.object({
  state: z.enum(['pending', 'succeeded', 'failed']),
  amount: money,
  failureCode: z.string().nullable(),
  declineCode: z.string().nullable(),
  failureMessage: z.string().nullable(),
  method: z.object({ brand: z.string().nullable(), lastFour: z.string().nullable() }).nullable(),
  attemptedAt: instant,
})

const refundRequest = z.strictObject({
  /** Left out: all that can still be given back. */
  amountMinor: z.int().positive().optional(),
  reason: refund.shape.reason,
  note: z.string().trim().max(500).nullable().default(null),
  accessEffect: refund.shape.accessEffect.default('none'),
  creditEffect: refund.shape.creditEffect.default('none'),
  issueCreditNote: z.boolean().default(false),
})

export const refundRoutes = {
  getPayment: route({
    method: 'get',
    path: '/api/v1/payments/{paymentId}',
    access: operator('read'),
    summary: 'One payment with every attempt, its refunds and what can still be given back',
    tag: 'Billing',
    params: paymentParams,
    response: payment.extend({
      captured: money,
      /** What Stripe kept for its work, once it is known. */
      fee: money.nullable(),
      refundable: money,
      attempts: z.array(attempt),
      refunds: z.array(refund),
      stripePaymentIntentId: z.string().nullable(),
    }),
  }),
  createRefund: route({
    method: 'post',
    path: '/api/v1/payments/{paymentId}/refunds',
    access: operator('payments.write'),
    summary: 'Give a payment back, all of it or a part',
    tag,
    params: paymentParams,
    body: refundRequest,
    response: refund,
    status: 201,
  }),
  previewRefund: route({
    method: 'post',
    path: '/api/v1/payments/{paymentId}/refunds/preview',
    access: operator('payments.write'),
    summary: 'What a refund would do, or why it would be refused; changes nothing',
    tag,
    params: paymentParams,
    body: refundRequest,
    response: z.object({
      isAllowed: z.boolean(),
      /** The code of the refusal; null when it is allowed. */
      refusal: z.string().nullable(),
      amount: money.nullable(),
      refundable: money,
      /** Nothing of the payment would be left. */
      isFull: z.boolean(),
      needsApproval: z.boolean(),
      /** What it takes back of the credits the payment bought; null where that is nothing. */
      creditsTakenBack: z.object({ unit: z.string(), amount: decimal }).nullable(),
    }),
  }),
  listRefunds: route({
    method: 'get',
    path: '/api/v1/refunds',
    access: operator('read'),
    summary: 'Refunds, newest first',
    tag,
    query: pageQuery.extend({
      customerId: id.optional(),
      paymentId: id.optional(),
      state: refund.shape.state.optional(),
      approval: refund.shape.approval.optional(),
    }),
    response: page(refund),
  }),
  getRefund: route({
    method: 'get',
    path: '/api/v1/refunds/{refundId}',
    access: operator('read'),
    summary: 'One refund',
    tag,
    params: refundParams,
    response: refund,
  }),
  approveRefund: route({
    method: 'post',
    path: '/api/v1/refunds/{refundId}/approve',
    access: operator('payments.write'),
    summary: 'Let a large refund go, as the second person',
    tag,
    params: refundParams,
    response: refund,
  }),
  rejectRefund: route({
    method: 'post',
    path: '/api/v1/refunds/{refundId}/reject',
    access: operator('payments.write'),
    summary: 'Refuse a refund that waits for approval',
    tag,
    params: refundParams,
    response: refund,
  }),
  listCreditNotes: route({
    method: 'get',
    path: '/api/v1/credit-notes',
    access: operator('read'),
    summary: 'Credit notes, newest first',
    tag: 'Billing',
    query: pageQuery.extend({ customerId: id.optional(), invoiceId: id.optional() }),
    response: page(creditNote),
  }),
  issueCreditNote: route({
    method: 'post',
    path: '/api/v1/invoices/{invoiceId}/credit-notes',
    access: operator('payments.write'),
    summary:
      'Take back a part of an invoice: off what is owed, or onto the balance when it is paid',
    tag: 'Billing',
    params: z.object({ invoiceId: id }),
    body: z.strictObject({
      amountMinor: z.int().positive(),
      reason: z
        .enum(['duplicate', 'fraudulent', 'order_change', 'product_unsatisfactory'])
        .nullable()
        .default(null),
      memo: z.string().trim().max(500).nullable().default(null),
    }),
    response: creditNote,
    status: 201,
  }),
  listOwnPayments: route({
    method: 'get',
    path: '/api/v1/portal/payments',
    access: PAYERS,
    summary: 'The account’s payments with what was given back of them, newest first',
    tag: 'Portal',
    query: pageQuery,
    response: page(payment),
  }),
}
