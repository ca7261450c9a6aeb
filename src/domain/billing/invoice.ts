import type { Currency } from '../../kit/currency.ts'
import { type Instant, MINUTE_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { StripeInvoice } from '../../stripe/invoices.ts'
import type { Stay } from '../subscriptions/stays/stay.ts'

/** Stripe makes the invoice of a pause with it; its clock and that of the pause may be seconds apart. */
const PAUSE_NOTICE_MS = MINUTE_MS

/** A demand for payment, as Stripe or we made it. Finalized, its lines never change. */
export interface Invoice {
  readonly mode: Mode
  readonly id: string
  readonly customerId: string
  readonly subscriptionId: string | null
  readonly kind: 'first' | 'period' | 'change' | 'pause' | 'resume' | 'final' | 'manual'
  readonly number: string | null
  readonly state: 'draft' | 'open' | 'paid' | 'void' | 'uncollectible'
  readonly currency: Currency
  readonly subtotalMinor: bigint
  readonly discountMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  readonly amountDueMinor: bigint
  readonly amountPaidMinor: bigint
  readonly startsAt: Instant
  readonly endsAt: Instant
  /** Usage up to here is what it is about, and fees from here on; null for one made by hand. */
  readonly closesAt: Instant | null
  /** When Stripe makes the draft final by itself. */
  readonly finalizesAt: Instant | null
  readonly issuedAt: Instant | null
  /** Charged, or sent with a date to pay it by. */
  readonly collection: StripeInvoice['collection']
  /** Of one that is sent, while it is a draft of ours. */
  readonly daysUntilDue: number | null
  readonly dueAt: Instant | null
  readonly paidAt: Instant | null
  readonly attemptCount: number
  readonly nextAttemptAt: Instant | null
  readonly stripeInvoiceId: string | null
  readonly hostedUrl: string | null
  readonly pdfUrl: string | null
  /** We issue it and an operator says how it ended; Stripe knows nothing of it. */
  readonly isOffline: boolean
  /** What an operator named when they marked it paid. */
  readonly paymentReference: string | null
  readonly createdAt: Instant
}

export interface StoredLine {
  readonly id: string
  readonly rateCardKey: string | null
  readonly description: string
  readonly quantity: string | null
  readonly unitAmountDecimal: string | null
  readonly amountMinor: bigint
  readonly isProration: boolean
  /** What the line is to our rules; null for what somebody made in Stripe. */
  readonly lineKey: string | null
  readonly startsAt: Instant
  readonly endsAt: Instant
  /** How the amount came about; null for lines that were made in Stripe by hand. */
  readonly derivation: unknown
}

/** Why Stripe made the invoice. */
export function kindOf(stripe: StripeInvoice): Invoice['kind'] {
  switch (stripe.reason) {
    case 'subscription_create':
      return 'first'
    case 'subscription_cycle':
      return 'period'
    case 'subscription_update':
    case 'subscription_threshold':
      return 'change'
    default:
      return 'manual'
  }
}

/** What Stripe calls an update is a change of plan, or the beginning or the end of a pause: the history says which. */
export function kindWithin(
  kind: Invoice['kind'],
  createdAt: Instant,
  stays: readonly Pick<Stay, 'startsAt' | 'startsBy' | 'endsAt' | 'endsBy'>[],
): Invoice['kind'] {
  if (kind !== 'change') return kind
  const isAt = (at: Instant | null) => at !== null && Math.abs(createdAt - at) < PAUSE_NOTICE_MS
  if (stays.some(({ endsBy, endsAt }) => endsBy === 'pause' && isAt(endsAt))) return 'pause'
  if (stays.some(({ startsBy, startsAt }) => startsBy === 'resume' && isAt(startsAt))) {
    return 'resume'
  }
  return kind
}

/** Between two periods: it is for what happened to the subscription, not for a time that ended. */
export function isForAnEvent(kind: Invoice['kind']): boolean {
  return kind === 'change' || kind === 'pause' || kind === 'resume'
}

/** When an unpaid invoice became due: charged automatically it is due when it is final, sent it has a date. */
export function dueAtOf(stripe: StripeInvoice): Instant | null {
  return stripe.collection === 'send_invoice' ? stripe.dueAt : stripe.finalizedAt
}
