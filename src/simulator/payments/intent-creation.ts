import { minimumChargeMinor, stripeFactor } from '../../kit/currency.ts'
import { formatMoney, money } from '../../kit/money.ts'
import { checkChargeStep } from '../billing/rounding.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { PaymentIntent } from '../stripe.generated.ts'
import { invalidRequest } from '../wire/errors.ts'

export interface NewPaymentIntent {
  readonly amount: number
  readonly currency: string
  readonly customer: string | null
  readonly clock: string | null
  readonly paymentMethod?: string | null
  readonly captureMethod?: PaymentIntent['capture_method']
  readonly confirmationMethod?: PaymentIntent['confirmation_method']
  readonly description?: string | null
  readonly metadata?: Readonly<Record<string, string>>
  readonly receiptEmail?: string | null
  readonly returnUrl?: string | null
  readonly setupFutureUsage?: PaymentIntent['setup_future_usage']
  readonly shipping?: PaymentIntent['shipping']
  readonly statementDescriptor?: string | null
  readonly statementDescriptorSuffix?: string | null
  readonly requestThreeDSecure?: 'automatic' | 'any' | 'challenge'
  readonly invoice?: string | null
  readonly checkoutSession?: string | null
}

export function insertPaymentIntent(
  tx: Transaction,
  given: NewPaymentIntent,
): Documents['payment_intent'] {
  const id = tx.newId('pi')
  const method = given.paymentMethod ?? null
  const intent = tx.insert('payment_intent', {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: given.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: { allow_redirects: 'always', enabled: true },
    canceled_at: null,
    cancellation_reason: null,
    capture_method: given.captureMethod ?? 'automatic_async',
    client_secret: `${id}_secret_${tx.newId('s', 24).slice(2)}`,
    confirmation_method: given.confirmationMethod ?? 'automatic',
    created: tx.now(given.clock),
    currency: given.currency,
    customer: given.customer,
    customer_account: null,
    description: given.description ?? null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: tx.realm.isLive,
    managed_payments: null,
    metadata: given.metadata ?? {},
    next_action: null,
    on_behalf_of: null,
    payment_method: method,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: {
        installments: null,
        mandate_options: null,
        network: null,
        request_three_d_secure: given.requestThreeDSecure ?? 'automatic',
      },
    },
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: given.receiptEmail ?? null,
    review: null,
    setup_future_usage: given.setupFutureUsage ?? null,
    shipping: given.shipping ?? null,
    source: null,
    statement_descriptor: given.statementDescriptor ?? null,
    statement_descriptor_suffix: given.statementDescriptorSuffix ?? null,
    status: method === null ? 'requires_payment_method' : 'requires_confirmation',
    transfer_data: null,
    transfer_group: null,
    inner: {
      challenge: 'none',
      presence: 'on_session',
      returnUrl: given.returnUrl ?? null,
      invoice: given.invoice ?? null,
      checkoutSession: given.checkoutSession ?? null,
    },
  })
  tx.emit('payment_intent.created', 'payment_intent', id)
  return intent
}

const MAX_AMOUNT = 99_999_999

/** Stripe's bounds for a single charge. Invoices below the minimum are carried over instead; see billing. */
export function checkChargeAmount(amount: number, currency: string): void {
  if (amount < 1) {
    throw invalidRequest({
      code: 'parameter_invalid_integer',
      message: 'This value must be greater than or equal to 1.',
      param: 'amount',
    })
  }
  if (amount > MAX_AMOUNT) {
    throw invalidRequest({
      code: 'amount_too_large',
      message: `Amount must be no more than ${MAX_AMOUNT} in the smallest currency unit.`,
      param: 'amount',
    })
  }
  checkChargeStep(amount, currency)
  const minimum = minimumCharge(currency)
  if (amount < minimum) {
    throw invalidRequest({
      code: 'amount_too_small',
      message: `Amount must be at least ${formatMoney(money(minimum / Number(stripeFactor(currency)), currency))} ${currency}`,
      param: 'amount',
    })
  }
}

/** In Stripe's minor units. */
export function minimumCharge(currency: string): number {
  return Number(minimumChargeMinor(currency) * stripeFactor(currency))
}
