import type { Stripe } from 'stripe'
import { AppError } from '../errors.ts'
import { fromUnixSeconds, type Instant, toUnixSeconds } from '../kit/instant.ts'
import type { Period } from '../kit/period.ts'
import { callStripe, findInStripe, knownValue } from './errors.ts'
import {
  COLLECTIONS,
  collectionParams,
  fromInvoice,
  type StripeCollection,
  type StripeInvoice,
} from './invoices.ts'
import { listAll } from './paging.ts'

/** Said and not left to the account: usage is billed when its price goes, and prorations show what coupons take off. */
export const BILLING_MODE = {
  type: 'flexible',
  flexible: { proration_discounts: 'itemized' },
} as const

/** Periods of the calendar, in UTC; what is before the first one is charged in part. */
export interface CalendarStart {
  readonly at: Instant
  /** Null where the page cannot name it but by its instant: it must be paid before. */
  readonly recursEvery: 'month' | 'year' | null
}

/** Said as a day of the calendar wherever it can be: a page that is paid a day later means another month. */
export function calendarParams(start: CalendarStart | null) {
  if (start === null) return {}
  if (start.recursEvery === null) return { billing_cycle_anchor: toUnixSeconds(start.at) }
  const month = start.recursEvery === 'year' && { month: new Date(start.at).getUTCMonth() + 1 }
  const midnight = { day_of_month: 1, hour: 0, minute: 0, second: 0 }
  return { billing_cycle_anchor_config: { ...midnight, ...month } }
}

/** Where Stripe begins to bill in a rhythm that there was before. */
export interface FirstRenewal {
  readonly at: Instant
  /** What the rhythm is counted from. */
  readonly anchor: Instant
  /** Null for a rhythm of days. */
  readonly months: number | null
}

/** The month of the first renewal may not have the day: on the 28th of February Stripe would forget the 31st. */
function renewalParams({ at, anchor, months }: FirstRenewal) {
  const day = new Date(anchor).getUTCDate()
  const date = new Date(at)
  // Stripe finds the next such day itself, which is at most a year ahead.
  const isForgotten = months !== null && months <= 12 && day > date.getUTCDate()
  if (!isForgotten) return { billing_cycle_anchor: toUnixSeconds(at) }
  return {
    billing_cycle_anchor_config: {
      day_of_month: day,
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      ...(months > 1 && { month: date.getUTCMonth() + 1 }),
    },
  }
}

export type Subscriptions = ReturnType<typeof createSubscriptions>

export interface StripeSubscription {
  readonly id: string
  readonly stripeCustomerId: string
  /** Stripe's word; unknown words are passed on and decided upon by whoever maps them. */
  readonly status: string
  readonly currency: string
  readonly collection: StripeInvoice['collection']
  readonly daysUntilDue: number | null
  readonly items: readonly StripeSubscriptionItem[]
  /** The earliest start and latest end of the items' periods: they differ when intervals are mixed. */
  readonly currentPeriod: Period
  readonly billingAnchor: Instant
  readonly startsAt: Instant
  readonly trialEndsAt: Instant | null
  /** Set by every kind of scheduled cancellation; the older flag alone misses those of Stripe's portal. */
  readonly cancelAt: Instant | null
  readonly cancelRequestedAt: Instant | null
  readonly pausedAt: Instant | null
  readonly endedAt: Instant | null
  readonly cancelReason: string | null
  readonly latestInvoiceId: string | null
  /** Until when a change that waits for its payment can still be paid; null when none waits. */
  readonly pendingUpdateExpiresAt: Instant | null
  /** What its invoices are charged to, where that is not the customer's own. */
  readonly paymentMethodId: string | null
  /** The schedule that manages it. */
  readonly scheduleId: string | null
  /** What is taken off its invoices. */
  readonly discountIds: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
}

export interface StripeSubscriptionItem {
  readonly id: string
  readonly priceId: string
  readonly isMetered: boolean
  /** How often its price is charged; 1 for whatever is metered. */
  readonly quantity: number
  readonly period: Period
}

export function createSubscriptions(stripe: Stripe) {
  /**
   * A renewal is a draft for an hour, and stays one when its subscription ends in it: what was used would never be
   * paid, and the time it charges for would be given back all the same. So it is made final first, as if it were older.
   */
  async function collectDraft(id: string, idempotencyKey: string): Promise<void> {
    const expand = ['latest_invoice']
    const { latest_invoice: latest } = await callStripe(() =>
      stripe.subscriptions.retrieve(id, { expand }),
    )
    if (latest === null || typeof latest === 'string' || latest.status !== 'draft') return
    const final = await callStripe(() =>
      stripe.invoices.finalizeInvoice(
        latest.id,
        { auto_advance: true },
        { idempotencyKey: `${idempotencyKey}:draft` },
      ),
    )
    if (final.status !== 'open' || final.collection_method !== 'charge_automatically') return
    try {
      await callStripe(() =>
        stripe.invoices.pay(latest.id, {}, { idempotencyKey: `${idempotencyKey}:pay` }),
      )
    } catch (error) {
      // A card that is declined keeps nobody: the invoice stays open, as any other that is not paid.
      if (!(error instanceof AppError && error.code === 'card_declined')) throw error
    }
  }

  /** No invoice of the period that runs is still to be paid. */
  async function isPaidFor(id: string): Promise<boolean> {
    const subscription = await callStripe(() => stripe.subscriptions.retrieve(id))
    const starts = subscription.items.data.map((item) => item.current_period_start)
    const made = await listAll(() =>
      stripe.invoices.list({ subscription: id, created: { gte: Math.min(...starts) }, limit: 100 }),
    )
    return made.every(({ status }) => status !== 'open' && status !== 'uncollectible')
  }

  return {
    async find(id: string): Promise<StripeSubscription | undefined> {
      const subscription = await findInStripe(() => stripe.subscriptions.retrieve(id))
      return subscription && fromSubscription(subscription)
    },

    /** Every subscription of a customer, ended ones included, newest first. */
    async listOfCustomer(stripeCustomerId: string): Promise<StripeSubscription[]> {
      const all = await listAll(() =>
        stripe.subscriptions.list({ customer: stripeCustomerId, status: 'all', limit: 100 }),
      )
      return all.map(fromSubscription)
    },

    /** Begins one: with a card that is saved already, or with an invoice that is sent. Asked again with the same key it is the same subscription. */
    async create(
      input: {
        readonly stripeCustomerId: string
        readonly items: readonly { readonly priceId: string; readonly quantity: number | null }[]
        /** Charged once, with its first invoice. */
        readonly oneTimePriceIds: readonly string[]
        readonly collection: StripeCollection
        /** Null is the customer's own. */
        readonly paymentMethodId: string | null
        /** Where its first period ends that somebody else has billed; null bills from the beginning. */
        readonly billsFrom: FirstRenewal | null
        readonly trialEndsAt: Instant | null
        readonly calendarStart: CalendarStart | null
        readonly couponIds: readonly string[]
        readonly metadata: Readonly<Record<string, string>>
      },
      idempotencyKey: string,
    ): Promise<StripeSubscription> {
      const { stripeCustomerId, items, paymentMethodId, billsFrom } = input
      const { trialEndsAt, calendarStart, couponIds, metadata } = input
      const { oneTimePriceIds, collection } = input
      const recurring = items.map(({ priceId, quantity }) => ({
        price: priceId,
        ...(quantity !== null && { quantity }),
      }))
      const subscription = await callStripe(() =>
        stripe.subscriptions.create(
          {
            customer: stripeCustomerId,
            items: recurring,
            ...collectionParams(collection),
            ...(oneTimePriceIds.length > 0 && {
              add_invoice_items: oneTimePriceIds.map((price) => ({ price })),
            }),
            ...(paymentMethodId !== null && { default_payment_method: paymentMethodId }),
            ...(billsFrom !== null && {
              ...renewalParams(billsFrom),
              proration_behavior: 'none' as const,
            }),
            off_session: true,
            billing_mode: BILLING_MODE,
            metadata: { ...metadata },
            ...calendarParams(calendarStart),
            ...(trialEndsAt !== null && { trial_end: toUnixSeconds(trialEndsAt) }),
            ...(couponIds.length > 0 && { discounts: couponIds.map((coupon) => ({ coupon })) }),
          },
          { idempotencyKey },
        ),
      )
      return fromSubscription(subscription)
    },

    /** What a new one would be invoiced at its begin, to the cent. Nothing is written. */
    async previewStart(input: {
      readonly stripeCustomerId: string
      readonly currency: string
      readonly items: readonly { readonly priceId: string; readonly quantity: number | null }[]
      readonly oneTimePriceIds: readonly string[]
      readonly trialEndsAt: Instant | null
      readonly calendarStart: CalendarStart | null
      readonly couponId: string | null
    }): Promise<StripeInvoice> {
      const { stripeCustomerId, currency, items, oneTimePriceIds, trialEndsAt, couponId } = input
      const { calendarStart } = input
      const invoice = await callStripe(() =>
        stripe.invoices.createPreview({
          customer: stripeCustomerId,
          currency,
          invoice_items: oneTimePriceIds.map((price) => ({ price })),
          subscription_details: {
            items: items.map(({ priceId, quantity }) => ({
              price: priceId,
              ...(quantity !== null && { quantity }),
            })),
            ...(trialEndsAt !== null && { trial_end: toUnixSeconds(trialEndsAt) }),
            ...(calendarStart !== null && {
              billing_cycle_anchor: {
                type: 'timestamp' as const,
                timestamp: toUnixSeconds(calendarStart.at),
              },
            }),
          },
          ...(couponId !== null && { discounts: [{ coupon: couponId }] }),
        }),
      )
      return fromInvoice(invoice, invoice.lines.data)
    },

    /** No periods and no invoices until it is resumed. Time that was paid for is credited; usage we rate ourselves. */
    async pause(id: string, idempotencyKey: string): Promise<void> {
      await callStripe(() =>
        stripe.subscriptions.pause(
          id,
          {
            type: 'subscription',
            bill_for: {
              unused_time_from: { type: 'now' },
              outstanding_usage_through: { type: 'none' },
            },
            invoicing_behavior: 'invoice',
          },
          { idempotencyKey },
        ),
      )
    },

    /** The rest of the period is charged; while that is not paid it stays paused. */
    async resume(id: string, at: Instant, idempotencyKey: string): Promise<void> {
      await callStripe(() =>
        stripe.subscriptions.resume(
          id,
          {
            billing_cycle_anchor: { type: 'unchanged' },
            proration_behavior: 'always_invoice',
            proration_date: toUnixSeconds(at),
            payment_behavior: 'resume_on_payment_success',
          },
          { idempotencyKey },
        ),
      )
    },

    /** What a trial leaves to be paid is due now. */
    async endTrial(id: string, idempotencyKey: string): Promise<void> {
      await callStripe(() =>
        stripe.subscriptions.update(id, { trial_end: 'now' }, { idempotencyKey }),
      )
    },

    /** Access until the given end; taken back with null. */
    async scheduleCancel(
      id: string,
      cancelAt: Instant | null,
      idempotencyKey: string,
    ): Promise<StripeSubscription> {
      const subscription = await callStripe(() =>
        stripe.subscriptions.update(
          id,
          { cancel_at: cancelAt === null ? '' : toUnixSeconds(cancelAt) },
          { idempotencyKey },
        ),
      )
      return fromSubscription(subscription)
    },

    /** What its invoices are charged to, whatever the customer's own default is. */
    async setDefaultMethod(id: string, paymentMethodId: string): Promise<void> {
      const { schedule } = await callStripe(() =>
        stripe.subscriptions.update(id, { default_payment_method: paymentMethodId }),
      )
      if (schedule === null) return
      // A schedule puts back with its next phase what the subscription had when it was made.
      await callStripe(() =>
        stripe.subscriptionSchedules.update(typeof schedule === 'string' ? schedule : schedule.id, {
          default_settings: { default_payment_method: paymentMethodId },
        }),
      )
    },

    /** Ends it now and bills nothing more: neither usage nor the time that was paid for. */
    async drop(id: string, idempotencyKey: string): Promise<void> {
      await callStripe(() =>
        stripe.subscriptions.cancel(id, { invoice_now: false, prorate: false }, { idempotencyKey }),
      )
    },

    /**
     * Ends it now. Usage so far is billed; without `invoice_now` Stripe would drop it. What is left of the period is given
     * back where it was paid for: Stripe would give it back all the same.
     */
    async cancelNow(id: string, idempotencyKey: string): Promise<StripeSubscription> {
      await collectDraft(id, idempotencyKey)
      const prorate = await isPaidFor(id)
      const subscription = await callStripe(() =>
        stripe.subscriptions.cancel(id, { invoice_now: true, prorate }, { idempotencyKey }),
      )
      return fromSubscription(subscription)
    },
  }
}

export function fromSubscription(subscription: Stripe.Subscription): StripeSubscription {
  const items = subscription.items.data.map((item) => ({
    id: item.id,
    priceId: item.price.id,
    isMetered: item.price.recurring?.usage_type === 'metered',
    quantity: item.quantity ?? 1,
    period: {
      startsAt: fromUnixSeconds(item.current_period_start),
      endsAt: fromUnixSeconds(item.current_period_end),
    },
  }))
  return {
    id: subscription.id,
    stripeCustomerId:
      typeof subscription.customer === 'string' ? subscription.customer : subscription.customer.id,
    status: subscription.status,
    currency: subscription.currency,
    collection: knownValue(subscription.collection_method, COLLECTIONS, 'collection method'),
    daysUntilDue: subscription.days_until_due,
    items,
    currentPeriod: {
      startsAt: Math.min(...items.map(({ period }) => period.startsAt)),
      endsAt: Math.max(...items.map(({ period }) => period.endsAt)),
    },
    billingAnchor: anchorOf(subscription),
    startsAt: fromUnixSeconds(subscription.start_date),
    trialEndsAt: instantOf(subscription.trial_end),
    cancelAt: instantOf(subscription.cancel_at),
    cancelRequestedAt: instantOf(subscription.canceled_at),
    pausedAt:
      subscription.status === 'paused'
        ? instantOf(subscription.status_details?.paused?.transitioned_at ?? null)
        : null,
    endedAt: instantOf(subscription.ended_at),
    cancelReason: subscription.cancellation_details?.reason ?? null,
    latestInvoiceId:
      typeof subscription.latest_invoice === 'string'
        ? subscription.latest_invoice
        : (subscription.latest_invoice?.id ?? null),
    pendingUpdateExpiresAt: instantOf(subscription.pending_update?.expires_at ?? null),
    paymentMethodId:
      typeof subscription.default_payment_method === 'string'
        ? subscription.default_payment_method
        : (subscription.default_payment_method?.id ?? null),
    scheduleId:
      typeof subscription.schedule === 'string'
        ? subscription.schedule
        : (subscription.schedule?.id ?? null),
    discountIds: subscription.discounts.map((discount) =>
      typeof discount === 'string' ? discount : discount.id,
    ),
    metadata: subscription.metadata,
  }
}

/** As many months as there are between two leap days. */
const MAX_MONTHS = 48

/** What its periods are counted from: a month that has the day it keeps to, and not the short one it began in. */
function anchorOf({
  billing_cycle_anchor: seconds,
  billing_cycle_anchor_config: config,
  items,
}: Stripe.Subscription): Instant {
  const anchor = new Date(fromUnixSeconds(seconds))
  const day = config?.day_of_month ?? 0
  const { interval, interval_count: count = 1 } = items.data[0]?.price.recurring ?? {}
  const months = interval === 'month' ? count : interval === 'year' ? 12 * count : 0
  if (day <= anchor.getUTCDate() || months === 0) return anchor.getTime()
  for (let back = months; back <= MAX_MONTHS; back += months) {
    const earlier = new Date(anchor)
    earlier.setUTCMonth(anchor.getUTCMonth() - back, 1)
    const month = earlier.getUTCMonth()
    earlier.setUTCDate(day)
    if (earlier.getUTCMonth() === month) return earlier.getTime()
  }
  return anchor.getTime()
}

function instantOf(seconds: number | null): Instant | null {
  return seconds === null ? null : fromUnixSeconds(seconds)
}
