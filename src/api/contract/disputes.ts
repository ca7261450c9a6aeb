import { z } from 'zod'
import { operator, route } from './route.ts'
import { id, instant, money, page, pageQuery } from './values.ts'

const tag = 'Disputes'
const params = z.object({ disputeId: id })
const text = z.string().max(20_000).optional()

const evidence = z.strictObject({
  access_activity_log: text,
  cancellation_policy_disclosure: text,
  cancellation_rebuttal: text,
  customer_email_address: text,
  customer_name: text,
  product_description: text,
  refund_policy_disclosure: text,
  refund_refusal_explanation: text,
  service_date: text,
  uncategorized_text: text,
})

const dispute = z
  .object({
    id: z.string(),
    paymentId: z.string(),
    customerId: z.string(),
    amount: money,
    /** What Stripe took for it; won or lost. */
    fee: money,
    reason: z.string(),
    networkReasonCode: z.string().nullable(),
    state: z.enum([
      'warning_needs_response',
      'warning_under_review',
      'warning_closed',
      'needs_response',
      'under_review',
      'won',
      'lost',
      'prevented',
    ]),
    evidenceDueAt: instant.nullable(),
    /** Drafted from usage when the dispute opened; what people made of it; what was sent. */
    evidence,
    evidenceState: z.enum(['none', 'drafted', 'submitting', 'submitted']),
    submittedAt: instant.nullable(),
    stripeDisputeId: z.string(),
    openedAt: instant,
    closedAt: instant.nullable(),
  })
  .meta({ id: 'Dispute' })

export const disputeRoutes = {
  listDisputes: route({
    method: 'get',
    path: '/api/v1/disputes',
    access: operator('read'),
    summary: 'Disputed payments, newest first',
    tag,
    query: pageQuery.extend({
      customerId: id.optional(),
      paymentId: id.optional(),
      state: dispute.shape.state.optional(),
      /** Still undecided, or closed. */
      isOpen: z.enum(['true', 'false']).optional(),
    }),
    response: page(dispute),
  }),
  getDispute: route({
    method: 'get',
    path: '/api/v1/disputes/{disputeId}',
    access: operator('read'),
    summary: 'One dispute with its evidence',
    tag,
    params,
    response: dispute,
  }),
  editDisputeEvidence: route({
    method: 'put',
    path: '/api/v1/disputes/{disputeId}/evidence',
    access: operator('payments.write'),
    summary: 'Write the evidence that will be submitted',
    tag,
    params,
    body: evidence,
    response: dispute,
  }),
  redraftDisputeEvidence: route({
    method: 'post',
    path: '/api/v1/disputes/{disputeId}/evidence/draft',
    access: operator('payments.write'),
    summary: 'Write the draft of the evidence anew from what is known now',
    tag,
    params,
    response: dispute,
  }),
  submitDisputeEvidence: route({
    method: 'post',
    path: '/api/v1/disputes/{disputeId}/submit',
    access: operator('payments.write'),
    summary: 'Hand the evidence to the bank; possible once',
    tag,
    params,
    response: dispute,
  }),
  acceptDispute: route({
    method: 'post',
    path: '/api/v1/disputes/{disputeId}/accept',
    access: operator('payments.write'),
    summary: 'Give in: the money stays with the customer',
    tag,
    params,
    response: dispute,
  }),
}
