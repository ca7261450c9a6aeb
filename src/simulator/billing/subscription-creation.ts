import { createDiscount, type DiscountReference } from '../catalog/discounts.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Subscription, SubscriptionItem, TaxRate } from '../stripe.generated.ts'
import { invalidRequest } from '../wire/errors.ts'
import { embeddedList } from '../wire/list.ts'
import { openSubscription, type OpeningCharge } from './subscription-opening.ts'
import { periodContaining, type BillingPeriod, type Rhythm } from './periods.ts'
import {
  checkTogether,
  insertItem,
  type ItemSpec,
  presentItem,
  recurrenceOf,
} from './subscription-items.ts'
import { itemsOf } from './subscription-work.ts'
import { isUnset } from '../wire/changed.ts'

type SubscriptionDocument = Documents['subscription']

/** A subscription as the rules need it, whoever asked: the API, Checkout, a schedule, a quote. */
export interface NewSubscription {
  readonly customer: Documents['customer']
  readonly items: readonly ItemSpec[]
  readonly currency: string
  readonly billingMode: Subscription['billing_mode']
  /** When it began, which may be in the past. */
  readonly start: number
  readonly anchor: number | null
  readonly anchorConfig: Subscription['billing_cycle_anchor_config']
  readonly trialEnd: number | null
  readonly trialSettings: Subscription['trial_settings']
  readonly prorationBehavior: 'create_prorations' | 'always_invoice' | 'none'
  readonly collectionMethod: Subscription['collection_method']
  readonly daysUntilDue: number | null
  readonly cancelAt: number | 'min_period_end' | 'max_period_end' | null
  readonly cancelAtPeriodEnd: boolean
  readonly defaultPaymentMethod: string | null
  readonly defaultSource: string | null
  readonly taxRates: readonly string[]
  readonly description: string | null
  readonly discounts: readonly DiscountReference[]
  readonly metadata: Readonly<Record<string, string>>
  readonly paymentSettings: Subscription['payment_settings']
  readonly invoiceSettings: Subscription['invoice_settings']
  readonly pendingInvoiceItemInterval: Subscription['pending_invoice_item_interval']
  readonly hasAutomaticTax: boolean
  readonly schedule: string | null
  readonly charge: OpeningCharge
}

export function createSubscription(tx: Transaction, given: NewSubscription): SubscriptionDocument {
  const { customer, currency } = given
  requireCurrency(customer, currency)
  checkTogether(
    tx,
    given.items.map(({ price }) => price),
    { currency, isFlexible: given.billingMode.type === 'flexible' },
  )
  const now = tx.now(customer.test_clock)
  const isTrial = given.trialEnd !== null && given.trialEnd > now
  const anchor = isTrial ? (given.trialEnd ?? now) : (given.anchor ?? given.start)
  const subscription = insertSubscription(tx, given, { now, anchor, isTrial })
  for (const spec of given.items) {
    insertItem(tx, subscription, spec, {
      period: isTrial
        ? { start: given.start, end: anchor }
        : firstPeriod(tx, spec.price, subscription, given.start, now),
      discounts: spec.discounts.map((reference) =>
        createDiscount(tx, reference, {
          customer: customer.id,
          subscription: subscription.id,
          start: now,
        }),
      ),
      usageFrom: given.start,
    })
  }
  placeCancellation(tx, subscription.id, given)
  openSubscription(tx, subscription.id, given)
  return tx.get('subscription', subscription.id)
}

/** The period that runs now. Before an anchor in the future it is a stub that ends there. */
function firstPeriod(
  tx: Transaction,
  price: string,
  rhythm: Rhythm,
  start: number,
  now: number,
): BillingPeriod {
  const period = periodContaining(rhythm, recurrenceOf(tx, price), now)
  return { start: Math.max(period.start, start), end: period.end }
}

/** One customer is billed in one currency; the first invoice decides which. */
export function requireCurrency(customer: Documents['customer'], currency: string): void {
  if (isUnset(customer.currency) || customer.currency === currency) return
  throw invalidRequest({
    message: `You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, discount, quote, or invoice item with currency ${customer.currency}.`,
    param: 'currency',
  })
}

function insertSubscription(
  tx: Transaction,
  given: NewSubscription,
  { now, anchor, isTrial }: { now: number; anchor: number; isTrial: boolean },
): SubscriptionDocument {
  const id = tx.newId('sub')
  const { customer } = given
  return tx.insert('subscription', {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: given.hasAutomaticTax, liability: null },
    billing_cycle_anchor: anchor,
    billing_cycle_anchor_config: given.anchorConfig,
    billing_mode: given.billingMode,
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: given.collectionMethod,
    created: now,
    currency: given.currency,
    customer: customer.id,
    customer_account: null,
    days_until_due: given.daysUntilDue,
    default_payment_method: given.defaultPaymentMethod,
    default_source: given.defaultSource,
    description: given.description,
    discounts: given.discounts.map((reference) =>
      createDiscount(tx, reference, { customer: customer.id, subscription: id, start: now }),
    ),
    ended_at: null,
    invoice_settings: given.invoiceSettings,
    latest_invoice: null,
    livemode: tx.realm.isLive,
    managed_payments: null,
    metadata: given.metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: given.paymentSettings,
    pending_invoice_item_interval: given.pendingInvoiceItemInterval,
    pending_setup_intent: null,
    schedule: given.schedule,
    start_date: given.start,
    status: isTrial ? 'trialing' : 'active',
    test_clock: customer.test_clock,
    transfer_data: null,
    trial_end: isTrial ? anchor : null,
    trial_settings: given.trialSettings,
    trial_start: isTrial ? given.start : null,
    inner: {
      taxRates: given.taxRates,
      pendingUpdate: null,
      cancelProration: given.prorationBehavior,
      openingInvoice: null,
    },
  })
}

function placeCancellation(tx: Transaction, id: string, given: NewSubscription): void {
  const ends = itemsOf(tx, id).map((item) => item.current_period_end)
  const cancelAt =
    given.cancelAtPeriodEnd || given.cancelAt === 'max_period_end'
      ? Math.max(...ends)
      : given.cancelAt === 'min_period_end'
        ? Math.min(...ends)
        : given.cancelAt
  if (cancelAt === null) return
  tx.update('subscription', id, {
    cancel_at: cancelAt,
    cancel_at_period_end: given.cancelAtPeriodEnd,
    canceled_at: given.cancelAtPeriodEnd ? tx.now(given.customer.test_clock) : null,
  })
}

export function presentSubscription(tx: Transaction, document: SubscriptionDocument): Subscription {
  const { inner, ...subscription } = document
  const items = itemsOf(tx, subscription.id).map(
    (item) => tx.present('subscription_item', item.id) as SubscriptionItem,
  )
  const { pendingUpdate } = inner
  return {
    ...subscription,
    default_tax_rates: inner.taxRates.map((id) => tx.present('tax_rate', id) as TaxRate),
    items: embeddedList(items, `/v1/subscription_items?subscription=${subscription.id}`),
    pending_update:
      pendingUpdate === null
        ? null
        : {
            billing_cycle_anchor: pendingUpdate.billingCycleAnchor,
            cancel_at_period_end: null,
            discount: null,
            discounts: null,
            expires_at: pendingUpdate.expiresAt,
            metadata: null,
            subscription_items: pendingUpdate.hasItemChange
              ? pendingUpdate.items.map((item) => presentItem(tx, item))
              : null,
            trial_end: pendingUpdate.hasTrialChange ? pendingUpdate.trialEnd : null,
            trial_from_plan: null,
          },
  }
}
