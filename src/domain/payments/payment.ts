import { assertNever } from '../../kit/assert.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Money } from '../../kit/money.ts'
import type { StripePayment } from '../../stripe/payments.ts'

/** Money that came in, or tried to. */
export interface Payment {
  readonly mode: Mode
  readonly id: string
  readonly customerId: string
  readonly invoiceId: string | null
  readonly amount: Money
  /** What really came in; 0 until then. */
  readonly capturedMinor: bigint
  readonly refundedMinor: bigint
  /** What Stripe kept for its work, in the currency it settles in; null until it is known. */
  readonly fee: Money | null
  readonly state: PaymentState
  readonly failureCode: string | null
  readonly failureMessage: string | null
  readonly method: MethodSnapshot | null
  readonly receiptUrl: string | null
  /** When it was on its way at the bank; the last spell is open while it is. */
  readonly processing: readonly ProcessingSpell[]
  readonly disputeStanding: DisputeStanding
  readonly stripePaymentIntentId: string | null
  readonly stripeChargeId: string | null
  readonly createdAt: Instant
}

/** The method as it was when it was charged. */
export interface MethodSnapshot {
  readonly brand: string | null
  readonly lastFour: string | null
}

export interface ProcessingSpell {
  readonly startsAt: Instant
  readonly endsAt: Instant | null
}

export type PaymentState =
  | 'pending'
  | 'requires_action'
  | 'processing'
  | 'succeeded'
  | 'failed'
  | 'canceled'
  | 'partially_refunded'
  | 'refunded'
  | 'disputed'
  | 'disputed_lost'

/** The worst of the disputes about a payment. Inquiries are none: no money has moved. */
export type DisputeStanding = 'none' | 'open' | 'won' | 'lost'

/** One try to collect a payment. */
export interface RecordedAttempt {
  readonly id: string
  readonly paymentId: string
  readonly invoiceId: string | null
  readonly amount: Money
  readonly state: 'pending' | 'succeeded' | 'failed'
  readonly failureCode: string | null
  readonly declineCode: string | null
  readonly failureMessage: string | null
  readonly method: MethodSnapshot | null
  readonly attemptedAt: Instant
}

/** All that the state of a payment follows from, whatever order it became known in. */
export type PaymentFacts = Pick<
  StripePayment,
  'status' | 'failureCode' | 'capturedMinor' | 'refundedMinor'
> & { readonly disputeStanding: DisputeStanding }

export function stateOf(facts: PaymentFacts): PaymentState {
  const { status, failureCode, capturedMinor, refundedMinor, disputeStanding } = facts
  switch (status) {
    case 'succeeded':
      if (disputeStanding === 'lost') return 'disputed_lost'
      if (disputeStanding === 'open') return 'disputed'
      if (refundedMinor === 0n) return 'succeeded'
      return refundedMinor >= capturedMinor ? 'refunded' : 'partially_refunded'
    case 'requires_action':
    case 'processing':
    case 'canceled':
      return status
    case 'requires_payment_method':
      return failureCode === null ? 'pending' : 'failed'
    case 'requires_confirmation':
    case 'requires_capture':
      return 'pending'
    default:
      return assertNever(status)
  }
}

/** The state of a payment whose money is in, after its refunds or disputes have changed. */
export function stateAfterSale(
  payment: Pick<Payment, 'state' | 'capturedMinor' | 'refundedMinor'>,
  disputeStanding: DisputeStanding,
): PaymentState {
  if (!isPaid(payment.state)) return payment.state
  const { capturedMinor, refundedMinor } = payment
  return stateOf({
    status: 'succeeded',
    failureCode: null,
    capturedMinor,
    refundedMinor,
    disputeStanding,
  })
}

/** Whether the money came in, whatever became of it afterwards. */
export function isPaid(state: PaymentState): boolean {
  switch (state) {
    case 'succeeded':
    case 'partially_refunded':
    case 'refunded':
    case 'disputed':
    case 'disputed_lost':
      return true
    case 'pending':
    case 'requires_action':
    case 'processing':
    case 'failed':
    case 'canceled':
      return false
    default:
      return assertNever(state)
  }
}

/** Opens a spell when processing begins and closes it when it is over; anything else leaves the list as it is. */
export function trackProcessing(
  spells: readonly ProcessingSpell[],
  state: PaymentState,
  now: Instant,
): readonly ProcessingSpell[] {
  const last = spells.at(-1)
  const isOpen = last !== undefined && last.endsAt === null
  if (state === 'processing') return isOpen ? spells : [...spells, { startsAt: now, endsAt: null }]
  return isOpen ? [...spells.slice(0, -1), { ...last, endsAt: now }] : spells
}
