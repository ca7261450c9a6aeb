import type { Stripe } from 'stripe'
import { fromUnixSeconds, type Instant } from '../kit/instant.ts'
import { fromStripeAmount, toStripeAmount } from './amounts.ts'
import { callStripe, findInStripe, knownValue } from './errors.ts'
import { listAll } from './paging.ts'

export type Payments = ReturnType<typeof createPayments>

const STATUSES = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'canceled',
  'succeeded',
] as const
const CHARGE_STATUSES = ['succeeded', 'pending', 'failed'] as const

/** A payment intent with every charge that was tried for it. */
export interface StripePayment {
  readonly paymentIntentId: string
  readonly stripeCustomerId: string | null
  readonly status: (typeof STATUSES)[number]
  readonly amountMinor: bigint
  readonly capturedMinor: bigint
  readonly refundedMinor: bigint
  readonly currency: string
  readonly chargeId: string | null
  readonly failureCode: string | null
  readonly failureMessage: string | null
  readonly receiptUrl: string | null
  readonly method: StripeMethodSnapshot | null
  /** What Stripe kept, once it is known. */
  readonly fee: { readonly amountMinor: bigint; readonly currency: string } | null
  readonly stripeInvoiceId: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly createdAt: Instant
  /** Oldest first. */
  readonly charges: readonly StripeCharge[]
}

/** The method as it was when it was charged. */
export interface StripeMethodSnapshot {
  readonly brand: string | null
  readonly lastFour: string | null
}

export interface StripeCharge {
  readonly id: string
  readonly amountMinor: bigint
  readonly currency: string
  readonly status: (typeof CHARGE_STATUSES)[number]
  readonly failureCode: string | null
  /** The bank's own reason, more exact than the code. */
  readonly declineCode: string | null
  readonly failureMessage: string | null
  readonly method: StripeMethodSnapshot | null
  readonly createdAt: Instant
}

export interface StripePaymentMethod {
  readonly id: string
  readonly stripeCustomerId: string | null
  readonly type: string
  readonly brand: string | null
  readonly lastFour: string | null
  readonly expiresMonth: number | null
  readonly expiresYear: number | null
  /** The same for the same card, whoever enters it. */
  readonly fingerprint: string | null
}

const MAX_CHARGES = 100

export function createPayments(stripe: Stripe) {
  /** Since basil a payment intent no longer names its invoice; the payments of invoices do. */
  async function invoiceOf(paymentIntentId: string): Promise<string | null> {
    const { data } = await stripe.invoicePayments.list({
      payment: { type: 'payment_intent', payment_intent: paymentIntentId },
      limit: 1,
    })
    const invoice = data[0]?.invoice
    return typeof invoice === 'string' ? invoice : (invoice?.id ?? null)
  }

  return {
    async find(paymentIntentId: string): Promise<StripePayment | undefined> {
      const intent = await findInStripe(() => stripe.paymentIntents.retrieve(paymentIntentId))
      if (intent === undefined) return undefined
      const [charges, stripeInvoiceId] = await callStripe(() =>
        Promise.all([
          stripe.charges.list({
            payment_intent: paymentIntentId,
            limit: MAX_CHARGES,
            expand: ['data.balance_transaction'],
          }),
          invoiceOf(paymentIntentId),
        ]),
      )
      return fromIntent(intent, charges.data, stripeInvoiceId)
    },

    /** The payment a charge belongs to; events about refunds and disputes name only the charge. */
    async intentOfCharge(chargeId: string): Promise<string | null> {
      const charge = await findInStripe(() => stripe.charges.retrieve(chargeId))
      const intent = charge?.payment_intent
      return typeof intent === 'string' ? intent : (intent?.id ?? null)
    },

    /** The payment intents of a customer, newest first. */
    async listIdsOfCustomer(stripeCustomerId: string): Promise<string[]> {
      const intents = await listAll(() =>
        stripe.paymentIntents.list({ customer: stripeCustomerId, limit: 100 }),
      )
      return intents.map(({ id }) => id)
    },

    async listMethods(stripeCustomerId: string): Promise<StripePaymentMethod[]> {
      const page = await callStripe(() =>
        stripe.customers.listPaymentMethods(stripeCustomerId, { limit: 100 }),
      )
      return page.data.map(fromMethod)
    },

    /** Charges a saved method while nobody is there to confirm anything; a bank that insists on that declines. */
    async charge(
      input: {
        readonly stripeCustomerId: string
        readonly methodId: string
        readonly amountMinor: bigint
        readonly currency: string
        readonly metadata: Readonly<Record<string, string>>
      },
      idempotencyKey: string,
    ): Promise<string> {
      const intent = await callStripe(() =>
        stripe.paymentIntents.create(
          {
            customer: input.stripeCustomerId,
            payment_method: input.methodId,
            amount: toStripeAmount(input.amountMinor, input.currency),
            currency: input.currency,
            confirm: true,
            off_session: true,
            metadata: { ...input.metadata },
          },
          { idempotencyKey },
        ),
      )
      return intent.id
    },

    async detachMethod(id: string): Promise<void> {
      await callStripe(() => stripe.paymentMethods.detach(id))
    },
  }
}

function fromIntent(
  intent: Stripe.PaymentIntent,
  newestFirst: readonly Stripe.Charge[],
  stripeInvoiceId: string | null,
): StripePayment {
  const [latest] = newestFirst
  return {
    paymentIntentId: intent.id,
    stripeCustomerId:
      typeof intent.customer === 'string' ? intent.customer : (intent.customer?.id ?? null),
    status: knownValue(intent.status, STATUSES, 'payment status'),
    amountMinor: fromStripeAmount(intent.amount, intent.currency),
    capturedMinor: fromStripeAmount(latest?.amount_captured ?? 0, intent.currency),
    refundedMinor: fromStripeAmount(latest?.amount_refunded ?? 0, intent.currency),
    currency: intent.currency,
    chargeId: latest?.id ?? null,
    failureCode: intent.last_payment_error?.decline_code ?? intent.last_payment_error?.code ?? null,
    failureMessage: intent.last_payment_error?.message ?? null,
    receiptUrl: latest?.receipt_url ?? null,
    method: snapshotOf(latest),
    fee: feeOf(latest),
    stripeInvoiceId,
    metadata: intent.metadata,
    createdAt: fromUnixSeconds(intent.created),
    charges: newestFirst.map(fromCharge).toReversed(),
  }
}

function fromCharge(charge: Stripe.Charge): StripeCharge {
  return {
    id: charge.id,
    amountMinor: fromStripeAmount(charge.amount, charge.currency),
    currency: charge.currency,
    status: knownValue(charge.status, CHARGE_STATUSES, 'charge status'),
    failureCode: charge.failure_code,
    declineCode: charge.status === 'failed' ? (charge.outcome?.reason ?? null) : null,
    failureMessage: charge.failure_message,
    method: snapshotOf(charge),
    createdAt: fromUnixSeconds(charge.created),
  }
}

function snapshotOf(charge: Stripe.Charge | undefined): StripeMethodSnapshot | null {
  const card = charge?.payment_method_details?.card
  return card ? { brand: card.brand, lastFour: card.last4 } : null
}

function feeOf(charge: Stripe.Charge | undefined): StripePayment['fee'] {
  const booked = charge?.balance_transaction
  if (booked === null || booked === undefined || typeof booked === 'string') return null
  return { amountMinor: fromStripeAmount(booked.fee, booked.currency), currency: booked.currency }
}

function fromMethod(method: Stripe.PaymentMethod): StripePaymentMethod {
  return {
    id: method.id,
    stripeCustomerId:
      typeof method.customer === 'string' ? method.customer : (method.customer?.id ?? null),
    type: method.type,
    brand: method.card?.brand ?? null,
    lastFour: method.card?.last4 ?? null,
    expiresMonth: method.card?.exp_month ?? null,
    expiresYear: method.card?.exp_year ?? null,
    fingerprint: method.card?.fingerprint ?? null,
  }
}
