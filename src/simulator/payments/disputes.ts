import { DAY_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { BalanceTransaction, Dispute, DisputeEvidence } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata } from '../wire/metadata.ts'
import { insertBalanceTransaction, presentBalanceTransaction } from './balance.ts'
import { clockOfCharge } from './charges.ts'
import { withdrawFunds } from './dispute-opening.ts'

/** How long the bank thinks about evidence that is none of the test strings; then it decides against the merchant. */
const REVIEW_SECONDS = (75 * DAY_MS) / SECOND_MS

/** What Stripe's test mode reads out of `evidence[uncategorized_text]`. */
const TEST_EVIDENCE: Readonly<Record<string, 'won' | 'lost' | 'escalated'>> = {
  winning_evidence: 'won',
  losing_evidence: 'lost',
  escalate_inquiry_evidence: 'escalated',
}

export const disputeOperations: Handlers = {
  'GET /v1/disputes': ({ tx, params }) =>
    listPage(tx, 'dispute', {
      url: '/v1/disputes',
      params,
      matches: (dispute) =>
        (params.charge === undefined || dispute.charge === params.charge) &&
        (params.payment_intent === undefined || dispute.payment_intent === params.payment_intent) &&
        isInRange(dispute.created, params.created),
    }),

  'GET /v1/disputes/{id}': ({ tx, id }) => tx.present('dispute', getById(tx, 'dispute', id).id),

  'POST /v1/disputes/{id}': ({ tx, params, id }) => {
    const dispute = getById(tx, 'dispute', id)
    tx.update('dispute', id, { metadata: mergeMetadata(dispute.metadata, params.metadata) })
    if (params.evidence !== undefined) {
      requireAnswerable(dispute)
      const given = Object.fromEntries(
        Object.entries(params.evidence).filter(([, value]) => value !== undefined),
      ) as Partial<DisputeEvidence>
      tx.update('dispute', id, {
        evidence: { ...dispute.evidence, ...given },
        evidence_details: { ...dispute.evidence_details, has_evidence: true },
      })
    }
    if (params.submit ?? params.evidence !== undefined) submitEvidence(tx, id)
    return tx.present('dispute', id)
  },

  'POST /v1/disputes/{id}/close': ({ tx, id }) => {
    const dispute = getById(tx, 'dispute', id)
    requireAnswerable(dispute)
    settleDispute(tx, id, 'lost')
    return tx.present('dispute', id)
  },
}

/** A dispute with its bookings spelled out. */
export function presentDispute(tx: Transaction, document: Documents['dispute']): Dispute {
  const { inner, ...dispute } = document
  const balanceTransactions: BalanceTransaction[] = inner.balanceTransactions.map((id) =>
    presentBalanceTransaction(tx, tx.get('balance_transaction', id)),
  )
  return { ...dispute, balance_transactions: balanceTransactions }
}

const OPEN = new Set(['needs_response', 'warning_needs_response'])
const UNDECIDED = new Set([...OPEN, 'under_review', 'warning_under_review'])

function requireAnswerable(dispute: Documents['dispute']): void {
  if (OPEN.has(dispute.status)) return
  throw invalidRequest({
    message: `The dispute ${dispute.id} is ${dispute.status} and takes no more evidence.`,
  })
}

function submitEvidence(tx: Transaction, id: string): void {
  const dispute = tx.get('dispute', id)
  requireAnswerable(dispute)
  const clock = clockOfCharge(tx, tx.get('charge', dispute.charge))
  const isInquiry = dispute.status === 'warning_needs_response'
  tx.update('dispute', id, {
    status: isInquiry ? 'warning_under_review' : 'under_review',
    evidence_details: {
      ...dispute.evidence_details,
      submission_count: dispute.evidence_details.submission_count + 1,
      submission_method: 'manual',
    },
    inner: { ...dispute.inner, evidenceSubmittedAt: tx.now(clock) },
  })
  const verdict = TEST_EVIDENCE[dispute.evidence.uncategorized_text ?? '']
  if (verdict !== undefined) {
    settleDispute(tx, id, verdict)
    return
  }
  tx.schedule({
    id: `dispute:${id}`,
    type: 'dispute.evidence_due',
    clock,
    dueAt: tx.now(clock) + REVIEW_SECONDS,
    rank: 50,
    subject: id,
  })
}

/** The bank's verdict; also how the control API ends a dispute. */
export function settleDispute(
  tx: Transaction,
  id: string,
  verdict: 'won' | 'lost' | 'escalated',
): void {
  const dispute = tx.get('dispute', id)
  if (!UNDECIDED.has(dispute.status)) {
    throw invalidRequest({ message: `The dispute ${id} is already ${dispute.status}.` })
  }
  const isInquiry = dispute.status.startsWith('warning_')
  if (verdict === 'escalated') {
    escalate(tx, id)
    return
  }
  tx.unschedule(`dispute:${id}`)
  if (isInquiry) {
    tx.update('dispute', id, { status: 'warning_closed' })
    tx.update('charge', dispute.charge, { disputed: false })
  } else {
    tx.update('dispute', id, { status: verdict })
    if (verdict === 'won') reinstateFunds(tx, id)
  }
  tx.emit('charge.dispute.closed', 'dispute', id)
  if (verdict === 'won' && !isInquiry) tx.emit('charge.dispute.funds_reinstated', 'dispute', id)
}

/** An inquiry becomes a chargeback, and now money moves. */
function escalate(tx: Transaction, id: string): void {
  const dispute = tx.get('dispute', id)
  if (!dispute.status.startsWith('warning_')) {
    throw invalidRequest({ message: `The dispute ${id} is no inquiry and cannot be escalated.` })
  }
  const clock = clockOfCharge(tx, tx.get('charge', dispute.charge))
  const card = dispute.payment_method_details?.card
  tx.update('dispute', id, {
    status: 'needs_response',
    is_charge_refundable: false,
    evidence_details: {
      ...dispute.evidence_details,
      due_by: tx.now(clock) + (7 * DAY_MS) / SECOND_MS,
    },
    ...(card === undefined
      ? {}
      : { payment_method_details: { card: { ...card, case_type: 'chargeback' }, type: 'card' } }),
  })
  withdrawFunds(tx, id)
  tx.emit('charge.dispute.funds_withdrawn', 'dispute', id)
}

function reinstateFunds(tx: Transaction, id: string): void {
  const dispute = tx.get('dispute', id)
  const booked = insertBalanceTransaction(tx, {
    type: 'adjustment',
    reportingCategory: 'dispute_reversal',
    amount: dispute.amount,
    fee: 0,
    currency: dispute.currency,
    source: id,
    description: `Chargeback reversal for ${dispute.charge}`,
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

/** Job: nobody answered in time, or the bank has thought long enough. */
export function closeOverdueDispute(tx: Transaction, id: string): void {
  const dispute = tx.find('dispute', id)
  if (dispute === undefined || !UNDECIDED.has(dispute.status)) return
  tx.update('dispute', id, {
    evidence_details: { ...dispute.evidence_details, past_due: OPEN.has(dispute.status) },
  })
  settleDispute(tx, id, 'lost')
}

export const earlyFraudWarningOperations: Handlers = {
  'GET /v1/radar/early_fraud_warnings': ({ tx, params }) =>
    listPage(tx, 'radar.early_fraud_warning', {
      url: '/v1/radar/early_fraud_warnings',
      params,
      matches: (warning) =>
        (params.charge === undefined || warning.charge === params.charge) &&
        (params.payment_intent === undefined || warning.payment_intent === params.payment_intent) &&
        isInRange(warning.created, params.created),
    }),

  'GET /v1/radar/early_fraud_warnings/{id}': ({ tx, id }) =>
    tx.present('radar.early_fraud_warning', getById(tx, 'radar.early_fraud_warning', id).id),
}
