import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { ChargeOutcome } from '../stripe.generated.ts'
import { insertBalanceTransaction, processingFee } from './balance.ts'
import type { Decline } from './declines.ts'
import { getTestCard } from './test-cards.ts'

interface ChargeFacts {
  readonly intent: Documents['payment_intent']
  readonly method: Documents['payment_method']
  readonly decline: Decline | null
  readonly isCaptured: boolean
  /** The bank has not answered yet. */
  readonly isPending?: boolean
  readonly clock: string | null
}

/** Writes down one attempt at a card, whether it went through or not. */
export function recordCharge(
  tx: Transaction,
  { intent, method, decline, isCaptured, isPending = false, clock }: ChargeFacts,
): Documents['charge'] {
  const id = tx.newId('ch')
  const card = getTestCard(method.inner.number)
  const isPaid = decline === null
  const descriptor = intent.statement_descriptor ?? 'SIMULATED BUSINESS'
  tx.insert('charge', {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: isPaid && isCaptured && !isPending ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: descriptor,
    captured: isPaid && isCaptured && !isPending,
    created: tx.now(clock),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: tx.realm.isLive,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeOf(decline),
    paid: isPaid && !isPending,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: {
      card: cardDetails(tx, intent, method, isCaptured),
      type: 'card',
    },
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: isPaid && !isPending ? `${tx.realm.baseUrl}/receipts/${id}` : null,
    refunded: false,
    review: null,
    shipping: intent.shipping,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: isPending ? 'pending' : isPaid ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: null,
    inner: { number: card.number },
  })
  if (isPaid && isCaptured && !isPending) settleCharge(tx, id, intent.amount, clock)
  return tx.get('charge', id)
}

/** Books the captured amount and Stripe's fee. */
export function settleCharge(
  tx: Transaction,
  id: string,
  amount: number,
  clock: string | null,
): void {
  const charge = tx.get('charge', id)
  const booked = insertBalanceTransaction(tx, {
    type: 'charge',
    reportingCategory: 'charge',
    amount,
    fee: processingFee(amount),
    currency: charge.currency,
    source: id,
    description: charge.description,
    clock,
    isAvailableAtOnce: getTestCard(charge.inner.number).isAvailableAtOnce,
  })
  tx.update('charge', id, {
    amount_captured: amount,
    balance_transaction: booked.id,
    captured: true,
  })
}

function outcomeOf(decline: Decline | null): ChargeOutcome {
  if (decline === null) {
    return {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: 'approved_by_network',
      reason: null,
      risk_level: 'normal',
      risk_score: 32,
      seller_message: 'Payment complete.',
      type: 'authorized',
    }
  }
  const isBlocked = decline.declineCode === 'fraudulent'
  return {
    advice_code: decline.adviceCode,
    network_advice_code: null,
    network_decline_code: isBlocked ? null : '01',
    network_status: isBlocked ? 'not_sent_to_network' : 'declined_by_network',
    reason: isBlocked ? 'highest_risk_level' : decline.declineCode,
    risk_level: isBlocked ? 'highest' : 'normal',
    risk_score: isBlocked ? 95 : 32,
    seller_message: isBlocked
      ? 'Stripe blocked this payment as too risky.'
      : 'The bank did not return any further details with this decline.',
    type: isBlocked ? 'blocked' : 'issuer_declined',
  }
}

function cardDetails(
  tx: Transaction,
  intent: Documents['payment_intent'],
  { card }: Documents['payment_method'],
  isCaptured: boolean,
) {
  if (card === undefined) throw new Error('A card payment needs a card')
  const isAuthenticated = intent.inner.challenge === 'passed'
  return {
    amount_authorized: intent.amount,
    authorization_code: tx.newId('auth', 6).slice(5).toUpperCase(),
    brand: card.brand,
    ...(isCaptured ? {} : { capture_before: tx.now(null) + CAPTURE_WINDOW_SECONDS }),
    checks: card.checks,
    country: card.country,
    electronic_commerce_indicator: null,
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    extended_authorization: { status: 'disabled' as const },
    fingerprint: card.fingerprint,
    funding: card.funding,
    incremental_authorization: { status: 'unavailable' as const },
    installments: null,
    last4: card.last4,
    mandate: null,
    multicapture: { status: 'unavailable' as const },
    network: card.brand,
    network_token: { used: false },
    network_transaction_id: null,
    overcapture: { maximum_amount_capturable: intent.amount, status: 'unavailable' as const },
    regulated_status: card.regulated_status,
    three_d_secure: isAuthenticated
      ? {
          authentication_flow: 'challenge' as const,
          electronic_commerce_indicator: '05' as const,
          exemption_indicator: null,
          result: 'authenticated' as const,
          result_reason: null,
          transaction_id: null,
          version: '2.2.0' as const,
        }
      : null,
    transaction_link_id: null,
    wallet: null,
  }
}

/** An authorization not captured within seven days is released. */
export const CAPTURE_WINDOW_SECONDS = 7 * 24 * 3_600
