import type { DiscountReference } from '../catalog/discounts.ts'
import { toCardError } from '../payments/declines.ts'
import { insertSetupIntent } from '../payments/setup.ts'
import type { Documents } from '../store/documents.ts'
import { settingsOf } from '../store/settings.ts'
import type { Transaction } from '../store/transaction.ts'
import { invalidRequest, StripeError } from '../wire/errors.ts'
import { collectInvoice, methodFor } from './collection.ts'
import { finalizeInvoice } from './finalization.ts'
import { insertInvoice } from './invoice-creation.ts'
import { attachPendingItems } from './invoice-item-creation.ts'
import { itemLines, type LineDraft, trialLine } from './line-drafts.ts'
import { insertLine } from './lines.ts'
import { insertOneTimeItems, type OneTimeItem } from './one-time-items.ts'
import { type BillingPeriod, periodContaining } from './periods.ts'
import { shareOf } from './prorations.ts'
import { isMeteredPrice, recurrenceOf } from './subscription-items.ts'
import { itemsOf, planWork } from './subscription-work.ts'
import { consumeOnceDiscounts, recordDebit } from './subscription-invoicing.ts'
import { addUp } from './totals.ts'

/** How the first invoice is paid. */
export type OpeningCharge =
  | {
      readonly kind: 'attempt'
      readonly behavior: 'allow_incomplete' | 'default_incomplete' | 'error_if_incomplete'
      readonly presence: 'on_session' | 'off_session'
      readonly oneTimeItems: readonly OneTimeItem[]
    }
  /** Nobody is there to pay: it is collected as renewals are, after a while as a draft. */
  | { readonly kind: 'deferred'; readonly oneTimeItems: readonly OneTimeItem[] }
  /** Checkout has collected it already. */
  | {
      readonly kind: 'paid'
      readonly intent: string | null
      readonly oneTimeItems: readonly OneTimeItem[]
    }

interface Opening {
  readonly start: number
  readonly prorationBehavior: 'create_prorations' | 'always_invoice' | 'none'
  readonly charge: OpeningCharge
  readonly discounts: readonly DiscountReference[]
}

/** Makes, finalizes and collects the first invoice, if there is anything to put on one, and tells of the subscription. */
export function openSubscription(tx: Transaction, id: string, opening: Opening): void {
  const subscription = tx.get('subscription', id)
  const drafts = openingLines(tx, subscription, opening)
  const invoice = firstInvoice(tx, subscription, drafts, opening)
  if (invoice !== null) tx.update('subscription', id, { latest_invoice: invoice })
  if (invoice !== null && isChargedNow(subscription, opening.charge)) {
    const paidBy = opening.charge.kind === 'paid' ? opening.charge.intent : null
    finalizeInvoice(tx, invoice, paidBy === null ? {} : { paidBy })
    if (tx.get('invoice', invoice).status === 'open') {
      requireMethod(tx, invoice, opening.charge)
      tx.update('subscription', id, {
        status: 'incomplete',
        inner: { ...tx.get('subscription', id).inner, openingInvoice: invoice },
      })
    }
  }
  offerSetup(tx, id, invoice, opening.charge)
  tx.emit('customer.subscription.created', 'subscription', id)
  announceTrialEnd(tx, id)
  if (invoice !== null && tx.get('subscription', id).status === 'incomplete') {
    payFirstInvoice(tx, invoice, opening.charge)
  }
  planWork(tx, id)
  tx.notify({ type: 'subscription.changed', id })
}

function isChargedNow(subscription: Documents['subscription'], charge: OpeningCharge): boolean {
  return subscription.collection_method === 'charge_automatically' && charge.kind !== 'deferred'
}

function openingLines(
  tx: Transaction,
  subscription: Documents['subscription'],
  { start, prorationBehavior }: Opening,
): readonly LineDraft[] {
  const items = itemsOf(tx, subscription.id).filter((item) => !isMeteredPrice(tx, item.price))
  return items.flatMap((item) => {
    const current = { start: item.current_period_start, end: item.current_period_end }
    if (subscription.status === 'trialing') return [trialLine(tx, subscription, item, current)]
    const full = periodContaining(subscription, recurrenceOf(tx, item.price), current.start)
    const past = elapsedPeriods(tx, subscription, item.price, start, full.start)
    const isStub = current.start > full.start
    if (isStub && prorationBehavior === 'none') return []
    return [...past, current].flatMap((period) =>
      itemLines(tx, subscription, item, period).map((draft) =>
        isStub || period !== current ? prorated(tx, subscription, item, draft, period) : draft,
      ),
    )
  })
}

const MAX_ELAPSED_PERIODS = 36

/** A backdated start owes the time before the current period too, period by period. */
function elapsedPeriods(
  tx: Transaction,
  subscription: Documents['subscription'],
  price: string,
  start: number,
  until: number,
): readonly BillingPeriod[] {
  const recurrence = recurrenceOf(tx, price)
  const periods: BillingPeriod[] = []
  let at = start
  while (at < until) {
    const period = periodContaining(subscription, recurrence, at)
    periods.push({ start: at, end: Math.min(period.end, until) })
    at = period.end
    if (periods.length > MAX_ELAPSED_PERIODS) {
      throw invalidRequest({
        message: `The start date lies more than ${MAX_ELAPSED_PERIODS} billing periods in the past.`,
        param: 'backdate_start_date',
      })
    }
  }
  return periods
}

/** The part of a full period's price that falls into a shorter one. */
function prorated(
  tx: Transaction,
  subscription: Documents['subscription'],
  item: Documents['subscription_item'],
  draft: LineDraft,
  period: BillingPeriod,
): LineDraft {
  const full = periodContaining(subscription, recurrenceOf(tx, item.price), period.start)
  const isWhole = period.start === full.start && period.end === full.end
  return {
    ...draft,
    amount: isWhole
      ? draft.amount
      : shareOf(
          draft.amount,
          period.end - period.start,
          full.end - full.start,
          subscription.currency,
        ),
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: true,
        proration_details: { credited_items: null },
        subscription: subscription.id,
        subscription_item: item.id,
      },
      type: 'subscription_item_details',
    },
  }
}

function firstInvoice(
  tx: Transaction,
  subscription: Documents['subscription'],
  drafts: readonly LineDraft[],
  { charge }: Opening,
): string | null {
  const now = tx.now(subscription.test_clock)
  const isCharged = isChargedNow(subscription, charge)
  insertOneTimeItems(tx, subscription, charge.oneTimeItems)
  const undo = tx.savepoint()
  const invoice = insertInvoice(tx, {
    customer: subscription.customer,
    currency: subscription.currency,
    billingReason: 'subscription_create',
    collectionMethod: subscription.collection_method,
    isAutoAdvancing: !isCharged,
    finalizesAt: isCharged ? null : now + settingsOf(tx).draftSeconds,
    period: { start: now, end: now },
    subscription,
    daysUntilDue: subscription.days_until_due,
  })
  const waiting = attachPendingItems(tx, invoice.id)
  for (const draft of drafts) {
    const line = insertLine(tx, invoice.id, draft)
    recordDebit(tx, draft.subscriptionItem, {
      source: 'line_item',
      id: line.id,
      openFrom: line.period.start,
    })
  }
  const isEmpty = drafts.length + waiting === 0
  // In flexible billing mode there is no invoice over nothing; classic makes one over zero.
  if (isEmpty && subscription.billing_mode.type === 'flexible') {
    undo()
    return null
  }
  addUp(tx, invoice.id)
  consumeOnceDiscounts(tx, invoice.id)
  tx.emit('invoice.created', 'invoice', invoice.id)
  if (!isCharged) scheduleFinalization(tx, invoice.id)
  return invoice.id
}

export function scheduleFinalization(tx: Transaction, id: string): void {
  const invoice = tx.get('invoice', id)
  if (invoice.automatically_finalizes_at === null) return
  tx.schedule({
    id: `finalize:${id}`,
    type: 'invoice.finalize',
    clock: invoice.test_clock,
    dueAt: invoice.automatically_finalizes_at,
    rank: 25,
    subject: id,
  })
}

/** Nobody can be charged without a method, and Stripe says so before anything is made. */
function requireMethod(tx: Transaction, invoiceId: string, charge: OpeningCharge): void {
  if (charge.kind !== 'attempt' || charge.behavior === 'default_incomplete') return
  if (methodFor(tx, tx.get('invoice', invoiceId)) !== null) return
  throw invalidRequest({
    code: 'resource_missing',
    message:
      'This customer has no attached payment source or default payment method. Please consider adding a default payment method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.',
  })
}

function payFirstInvoice(tx: Transaction, invoice: string, charge: OpeningCharge): void {
  if (charge.kind !== 'attempt' || charge.behavior === 'default_incomplete') return
  const result = collectInvoice(tx, invoice, { presence: charge.presence, isAutomatic: false })
  if (charge.behavior !== 'error_if_incomplete' || result.kind === 'succeeded') return
  throw incompleteError(result)
}

/** `error_if_incomplete`: the 402 says why, and nothing of what was tried stays behind. */
export function incompleteError(result: ReturnType<typeof collectInvoice>): StripeError {
  if (result.kind === 'declined') return new StripeError(402, toCardError(result.decline))
  return new StripeError(402, {
    type: 'card_error',
    code: 'subscription_payment_intent_requires_action',
    message:
      'Payment for this subscription requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the latest invoice of the subscription. For more details see: https://stripe.com/docs/billing/subscriptions/overview#requires-action',
  })
}

/** Nothing is due now and nobody can be charged later: a set-up intent lets the customer leave a method. */
function offerSetup(
  tx: Transaction,
  id: string,
  invoice: string | null,
  charge: OpeningCharge,
): void {
  const subscription = tx.get('subscription', id)
  const isOpen = invoice !== null && tx.get('invoice', invoice).status === 'open'
  const isWanted = charge.kind === 'attempt' && charge.behavior === 'default_incomplete'
  const customer = tx.get('customer', subscription.customer)
  const hasMethod =
    subscription.default_payment_method !== null ||
    customer.invoice_settings.default_payment_method !== null ||
    customer.default_source !== null
  if (isOpen || !isWanted || hasMethod || subscription.collection_method === 'send_invoice') return
  const setup = insertSetupIntent(tx, {
    customer: subscription.customer,
    clock: subscription.test_clock,
    usage: 'off_session',
  })
  tx.update('subscription', id, { pending_setup_intent: setup.id })
}

const TRIAL_NOTICE_SECONDS = 3 * 86_400

/** Three days before the end of a trial, or at once for a shorter one. */
function announceTrialEnd(tx: Transaction, id: string): void {
  const subscription = tx.get('subscription', id)
  const { trial_end: end } = subscription
  const isSoon = end !== null && end - tx.now(subscription.test_clock) <= TRIAL_NOTICE_SECONDS
  if (subscription.status === 'trialing' && isSoon) {
    tx.emit('customer.subscription.trial_will_end', 'subscription', id)
  }
}
