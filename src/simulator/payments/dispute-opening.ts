import { DAY_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Transaction } from '../store/transaction.ts'
import type { DisputeEvidence } from '../stripe.generated.ts'
import { insertBalanceTransaction } from './balance.ts'
import { clockOfCharge } from './charges.ts'
import { getTestCard } from './test-cards.ts'

const EVIDENCE_SECONDS = (7 * DAY_MS) / SECOND_MS
/** What the card networks take for a dispute, in the currency's minor unit. */
export const DISPUTE_FEE = 1_500

/** Opens the dispute or fraud warning that the card of this charge stands for, if it stands for one. */
export function openDisputeFor(tx: Transaction, chargeId: string): void {
  const charge = tx.get('charge', chargeId)
  const card = getTestCard(charge.inner.number)
  if (card.hasFraudWarning) {
    const warning = tx.insert('radar.early_fraud_warning', {
      id: tx.newId('issfr'),
      object: 'radar.early_fraud_warning',
      actionable: true,
      charge: chargeId,
      created: tx.now(clockOfCharge(tx, charge)),
      fraud_type: 'made_with_stolen_card',
      livemode: tx.realm.isLive,
      ...(charge.payment_intent === null ? {} : { payment_intent: charge.payment_intent }),
    })
    tx.emit('radar.early_fraud_warning.created', 'radar.early_fraud_warning', warning.id)
  }
  if (card.dispute === 'inquiry')
    openDispute(tx, chargeId, { reason: 'fraudulent', isInquiry: true })
  else if (card.dispute !== null)
    openDispute(tx, chargeId, { reason: card.dispute, isInquiry: false })
}

export function openDispute(
  tx: Transaction,
  chargeId: string,
  { reason, isInquiry }: { readonly reason: string; readonly isInquiry: boolean },
): string {
  const charge = tx.get('charge', chargeId)
  const clock = clockOfCharge(tx, charge)
  const id = tx.newId('du')
  tx.insert('dispute', {
    id,
    object: 'dispute',
    amount: charge.amount_captured - charge.amount_refunded,
    charge: chargeId,
    created: tx.now(clock),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: tx.now(clock) + EVIDENCE_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: isInquiry,
    livemode: tx.realm.isLive,
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method_details: {
      card: {
        brand: charge.payment_method_details?.card?.brand ?? 'visa',
        case_type: isInquiry ? 'inquiry' : 'chargeback',
        network: charge.payment_method_details?.card?.network ?? 'visa',
        network_reason_code: reason === 'product_not_received' ? '13.1' : '10.4',
      },
      type: 'card',
    },
    reason,
    status: isInquiry ? 'warning_needs_response' : 'needs_response',
    inner: { balanceTransactions: [], evidenceSubmittedAt: null },
  })
  tx.update('charge', chargeId, { disputed: true })
  if (!isInquiry) withdrawFunds(tx, id)
  tx.emit('charge.dispute.created', 'dispute', id)
  if (!isInquiry) tx.emit('charge.dispute.funds_withdrawn', 'dispute', id)
  tx.schedule({
    id: `dispute:${id}`,
    type: 'dispute.evidence_due',
    clock,
    dueAt: tx.now(clock) + EVIDENCE_SECONDS,
    rank: 50,
    subject: id,
  })
  tx.notify({ type: 'charge.disputed', id: chargeId })
  return id
}

/** A chargeback takes the money at once, and a fee with it. An inquiry moves nothing. */
export function withdrawFunds(tx: Transaction, id: string): void {
  const dispute = tx.get('dispute', id)
  const booked = insertBalanceTransaction(tx, {
    type: 'adjustment',
    reportingCategory: 'dispute',
    amount: -dispute.amount,
    fee: DISPUTE_FEE,
    feeDescription: 'Dispute fee',
    currency: dispute.currency,
    source: id,
    description: `Chargeback withdrawal for ${dispute.charge}`,
    clock: clockOfCharge(tx, tx.get('charge', dispute.charge)),
    isAvailableAtOnce: true,
  })
  tx.update('dispute', id, {
    inner: {
      ...dispute.inner,
      balanceTransactions: [...dispute.inner.balanceTransactions, booked.id],
    },
  })
}

const NO_EVIDENCE: DisputeEvidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
}
