import type { Stripe } from 'stripe'
import { type Instant, toUnixSeconds } from '../kit/instant.ts'
import type { Period } from '../kit/period.ts'
import { toStripeAmount } from './amounts.ts'
import { callStripe, findInStripe } from './errors.ts'
import {
  collectionParams,
  fromInvoice,
  type StripeCollection,
  type StripeInvoice,
} from './invoices.ts'
import { fromSubscription, type StripeSubscription } from './subscriptions.ts'

export type SubscriptionChanges = ReturnType<typeof createSubscriptionChanges>

/** Other prices for a subscription, and how the time that was paid for is dealt with. */
export interface StripeChange {
  readonly items: readonly StripeItemChange[]
  readonly prorates: boolean
  /** Time before this is the old plan's. */
  readonly at: Instant
  readonly resetsAnchor: boolean
  readonly endsTrial: boolean
  /** Charged once, with the change. */
  readonly oneTimePriceIds: readonly string[]
  /** The old prices stay until the change is paid for. */
  readonly waitsForPayment: boolean
  /** Null: as it is. */
  readonly collection: StripeCollection | null
}

export type StripeItemChange =
  | ({ readonly kind: 'replace'; readonly itemId: string } & Omit<ChangedPrice, 'isMetered'>)
  | { readonly kind: 'remove'; readonly itemId: string }
  | ({ readonly kind: 'add' } & ChangedPrice)

interface ChangedPrice {
  readonly priceId: string
  readonly isMetered: boolean
  readonly quantity: number
}

/** A credit that Stripe's own proration would not give: a line on the invoice of the change. */
export interface ChangeCredit {
  readonly amountMinor: bigint
  readonly currency: string
  readonly description: string
  readonly period: Period
}

/** Prices, and what is taken off: a phase has nothing it is not told to have. */
export interface SchedulePhase {
  readonly discountIds: readonly string[]
  readonly items: readonly ChangedPrice[]
  /** Charged once, where it begins. */
  readonly oneTimePriceIds: readonly string[]
  /** The next one begins then. Null: the last, after which the subscription goes on by itself. */
  readonly endsAt: Instant | null
  readonly collection: StripeCollection
}

export function createSubscriptionChanges(stripe: Stripe) {
  return {
    /** What the change would be invoiced as, to the cent. Nothing is written. */
    async preview(
      id: string,
      change: StripeChange,
      credit: ChangeCredit | null,
    ): Promise<StripeInvoice> {
      const { items, proration_behavior, proration_date, trial_end } = paramsOf(change)
      const invoice = await callStripe(() =>
        stripe.invoices.createPreview({
          subscription: id,
          invoice_items: [
            ...(credit === null ? [] : [creditParams(credit)]),
            ...change.oneTimePriceIds.map((price) => ({ price })),
          ],
          subscription_details: {
            items,
            proration_behavior,
            ...(proration_date !== undefined && { proration_date }),
            ...(change.resetsAnchor && { billing_cycle_anchor: { type: 'now' } }),
            ...(trial_end !== undefined && { trial_end }),
          },
        }),
      )
      return fromInvoice(invoice, invoice.lines.data)
    },

    async apply(
      id: string,
      change: StripeChange,
      idempotencyKey: string,
    ): Promise<{ subscription: StripeSubscription; invoice: StripeInvoice | null }> {
      const updated = await callStripe(() =>
        stripe.subscriptions.update(
          id,
          { ...paramsOf(change), expand: ['latest_invoice'] },
          { idempotencyKey },
        ),
      )
      const latest = updated.latest_invoice
      return {
        subscription: fromSubscription(updated),
        invoice:
          latest === null || typeof latest === 'string'
            ? null
            : fromInvoice(latest, latest.lines.data),
      }
    },

    /** Exchanges usage prices. Their usage so far is not billed by Stripe: it is rated here. */
    async swapUsagePrices(
      id: string,
      items: readonly StripeItemChange[],
      idempotencyKey: string,
    ): Promise<void> {
      await callStripe(() =>
        stripe.subscriptions.update(
          id,
          { items: items.map(itemParams), proration_behavior: 'none' },
          { idempotencyKey },
        ),
      )
    },

    /**
     * The subscription as it is until an instant, then with other prices, without prorations: the first phase is what it
     * has now. Answers the schedule's id.
     */
    async schedule(
      id: string,
      phases: readonly SchedulePhase[],
      idempotencyKey: string,
    ): Promise<string> {
      const made = await callStripe(() =>
        stripe.subscriptionSchedules.create(
          { from_subscription: id },
          { idempotencyKey: `${idempotencyKey}:schedule` },
        ),
      )
      const startsAt = made.phases[0]?.start_date
      try {
        await callStripe(() =>
          stripe.subscriptionSchedules.update(
            made.id,
            {
              end_behavior: 'release',
              proration_behavior: 'none',
              phases: phases.map((phase, i) => ({
                ...(i === 0 && startsAt !== undefined && { start_date: startsAt }),
                ...phaseParams(phase),
              })),
            },
            { idempotencyKey: `${idempotencyKey}:phases` },
          ),
        )
      } catch (error) {
        // A schedule of half a plan would stand in the way of every later one.
        await this.release(made.id)
        throw error
      }
      return made.id
    },

    /** Lets a subscription go from its schedule; it stays as it is. */
    async release(scheduleId: string): Promise<void> {
      const schedule = await findInStripe(() => stripe.subscriptionSchedules.retrieve(scheduleId))
      const isManaging = schedule?.status === 'active' || schedule?.status === 'not_started'
      if (isManaging) await callStripe(() => stripe.subscriptionSchedules.release(scheduleId))
    },
  }
}

function phaseParams(phase: SchedulePhase) {
  const { items, discountIds, oneTimePriceIds, endsAt } = phase
  return {
    ...phaseCollection(phase),
    items: items.map(phaseItem),
    discounts: discountIds.map((discount) => ({ discount })),
    proration_behavior: 'none' as const,
    ...(oneTimePriceIds.length > 0 && {
      add_invoice_items: oneTimePriceIds.map((price) => ({ price })),
    }),
    ...(endsAt === null
      ? { duration: { interval: 'month' as const, interval_count: 1 } }
      : { end_date: toUnixSeconds(endsAt) }),
  }
}

function creditParams({ amountMinor, currency, description, period }: ChangeCredit) {
  return {
    amount: toStripeAmount(amountMinor, currency),
    currency,
    description,
    period: periodOf(period),
    discountable: false,
  }
}

function paramsOf(change: StripeChange) {
  return {
    items: change.items.map(itemParams),
    proration_behavior: change.prorates ? ('always_invoice' as const) : ('none' as const),
    payment_behavior: paymentBehavior(change),
    ...(change.collection !== null && collectionParams(change.collection)),
    ...(change.prorates && !change.endsTrial && { proration_date: toUnixSeconds(change.at) }),
    ...(change.resetsAnchor && { billing_cycle_anchor: { type: 'now' as const } }),
    ...(change.endsTrial && { trial_end: 'now' as const }),
    ...(change.oneTimePriceIds.length > 0 && {
      add_invoice_items: change.oneTimePriceIds.map((price) => ({ price })),
    }),
  }
}

/**
 * How it is collected cannot wait with the prices. Where both change at once, a payment that fails is a change that does
 * not happen.
 */
function paymentBehavior({ waitsForPayment, collection }: StripeChange) {
  if (!waitsForPayment) return 'allow_incomplete' as const
  return collection === null ? ('pending_if_incomplete' as const) : ('error_if_incomplete' as const)
}

function phaseCollection({ collection }: SchedulePhase) {
  return collection.method === 'send_invoice'
    ? {
        collection_method: collection.method,
        invoice_settings: { days_until_due: collection.daysUntilDue },
      }
    : { collection_method: collection.method }
}

function itemParams(change: StripeItemChange) {
  switch (change.kind) {
    case 'replace':
      return { id: change.itemId, price: change.priceId, quantity: change.quantity }
    case 'remove':
      return { id: change.itemId, deleted: true }
    case 'add':
      return phaseItem(change)
  }
}

function phaseItem({ priceId, isMetered, quantity }: ChangedPrice) {
  return { price: priceId, ...(!isMetered && { quantity }) }
}

function periodOf({ startsAt, endsAt }: Period) {
  return { start: toUnixSeconds(startsAt), end: toUnixSeconds(endsAt) }
}
