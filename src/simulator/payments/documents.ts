import type {
  BalanceTransaction,
  Card,
  Charge,
  Dispute,
  PaymentIntent,
  PaymentMethod,
  RadarEarlyFraudWarning,
  Refund,
  SetupAttempt,
  SetupIntent,
} from '../stripe.generated.ts'
import type { DeclineName } from './declines.ts'

interface Instrument {
  /** The test number, which decides how it behaves. */
  readonly number: string
  /** Authenticated and saved for payments without the customer. */
  readonly isSetUp: boolean
  /** Detached, or used once without a customer: it can never be used again. */
  readonly isSpent: boolean
}

export type PaymentMethodDocument = PaymentMethod & { readonly inner: Instrument }

export type CardDocument = Card

/** The challenge a customer has to pass before the payment or set-up goes on. */
export type ChallengeState = 'none' | 'pending' | 'passed'

export type PaymentIntentDocument = PaymentIntent & {
  readonly inner: {
    readonly challenge: ChallengeState
    readonly presence: 'on_session' | 'off_session' | 'deferred'
    readonly returnUrl: string | null
    /** What the payment is for; null for one a merchant made directly. */
    readonly invoice: string | null
    readonly checkoutSession: string | null
  }
}

export type SetupIntentDocument = SetupIntent & {
  readonly inner: {
    readonly challenge: ChallengeState
    readonly returnUrl: string | null
    readonly checkoutSession: string | null
  }
}

export type SetupAttemptDocument = SetupAttempt

export type ChargeDocument = Omit<Charge, 'refunds'> & {
  readonly inner: { readonly number: string }
}

export type RefundDocument = Refund & {
  readonly inner: {
    /** What the card's bank makes of it; null when it is settled. */
    readonly outcome: 'succeeds' | 'fails' | null
  }
}

export type DisputeDocument = Omit<Dispute, 'balance_transactions'> & {
  readonly inner: {
    readonly balanceTransactions: readonly string[]
    readonly evidenceSubmittedAt: number | null
  }
}

export type BalanceTransactionDocument = Omit<BalanceTransaction, 'status'> & {
  readonly inner: { readonly clock: string | null }
}
export type EarlyFraudWarningDocument = RadarEarlyFraudWarning

/** Delays ordered through the control API: payments that take days, as a bank debit's do. */
export interface OrderedDelayDocument {
  readonly id: string
  /** Only for payments of this customer; null for any. */
  readonly customer: string | null
  readonly remaining: number
}

/** Declines ordered through the control API, first in line first. */
export interface OrderedDeclineDocument {
  readonly id: string
  readonly decline: DeclineName
  /** Only for payments of this customer; null for any. */
  readonly customer: string | null
  readonly remaining: number
}
