import type { Stripe } from 'stripe'
import { fromUnixSeconds, type Instant } from '../kit/instant.ts'
import { fromStripeAmount } from './amounts.ts'
import { callStripe, findInStripe, knownValue } from './errors.ts'
import { listAll } from './paging.ts'

export type Disputes = ReturnType<typeof createDisputes>

const STATUSES = [
  'warning_needs_response',
  'warning_under_review',
  'warning_closed',
  'needs_response',
  'under_review',
  'won',
  'lost',
  'prevented',
] as const

export interface StripeDispute {
  readonly id: string
  readonly paymentIntentId: string | null
  readonly chargeId: string
  readonly amountMinor: bigint
  readonly currency: string
  readonly status: (typeof STATUSES)[number]
  readonly reason: string
  readonly networkReasonCode: string | null
  readonly evidenceDueAt: Instant | null
  readonly hasBeenSubmitted: boolean
  /** What Stripe took for it, in the currency it settles in. */
  readonly feeMinor: bigint
  readonly createdAt: Instant
}

/** The fields of Stripe's evidence that we write; each holds at most 20,000 characters. */
export const EVIDENCE_FIELDS = [
  'access_activity_log',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'customer_email_address',
  'customer_name',
  'product_description',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'service_date',
  'uncategorized_text',
] as const
export type EvidenceField = (typeof EVIDENCE_FIELDS)[number]
export type Evidence = Partial<Record<EvidenceField, string>>

export interface StripeFraudWarning {
  readonly id: string
  readonly paymentIntentId: string | null
  readonly fraudType: string
  readonly isActionable: boolean
  readonly createdAt: Instant
}

export function createDisputes(stripe: Stripe) {
  return {
    async find(id: string): Promise<StripeDispute | undefined> {
      const dispute = await findInStripe(() => stripe.disputes.retrieve(id))
      return dispute && fromDispute(dispute)
    },

    async listOfPayment(paymentIntentId: string): Promise<StripeDispute[]> {
      const all = await listAll(() =>
        stripe.disputes.list({ payment_intent: paymentIntentId, limit: 100 }),
      )
      return all.map(fromDispute)
    },

    /** Hands the evidence to the bank. That can be done once. */
    async submit(id: string, evidence: Evidence, idempotencyKey: string): Promise<void> {
      await callStripe(() =>
        stripe.disputes.update(id, { evidence, submit: true }, { idempotencyKey }),
      )
    },

    /** Gives in: the dispute is lost. */
    async accept(id: string, idempotencyKey: string): Promise<void> {
      await callStripe(() => stripe.disputes.close(id, {}, { idempotencyKey }))
    },

    async findWarning(id: string): Promise<StripeFraudWarning | undefined> {
      const warning = await findInStripe(() => stripe.radar.earlyFraudWarnings.retrieve(id))
      if (warning === undefined) return undefined
      const { payment_intent: intent } = warning
      return {
        id: warning.id,
        paymentIntentId: typeof intent === 'string' ? intent : (intent?.id ?? null),
        fraudType: warning.fraud_type,
        isActionable: warning.actionable,
        createdAt: fromUnixSeconds(warning.created),
      }
    },
  }
}

function fromDispute(dispute: Stripe.Dispute): StripeDispute {
  const { payment_intent: intent, charge, currency } = dispute
  const dueBy = dispute.evidence_details.due_by
  const fees = dispute.balance_transactions.reduce((sum, { fee }) => sum + fee, 0)
  const booked = dispute.balance_transactions[0]?.currency ?? currency
  return {
    id: dispute.id,
    paymentIntentId: typeof intent === 'string' ? intent : (intent?.id ?? null),
    chargeId: typeof charge === 'string' ? charge : charge.id,
    amountMinor: fromStripeAmount(dispute.amount, currency),
    currency,
    status: knownValue(dispute.status, STATUSES, 'dispute status'),
    reason: dispute.reason,
    networkReasonCode: dispute.payment_method_details?.card?.network_reason_code ?? null,
    evidenceDueAt: dueBy === null ? null : fromUnixSeconds(dueBy),
    hasBeenSubmitted: dispute.evidence_details.submission_count > 0,
    feeMinor: fromStripeAmount(fees, booked),
    createdAt: fromUnixSeconds(dispute.created),
  }
}
