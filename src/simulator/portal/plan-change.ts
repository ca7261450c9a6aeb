import { renewForPreview } from '../billing/preview.ts'
import { voidInvoice } from '../billing/settlement.ts'
import { updateSubscription } from '../billing/subscription-edit.ts'
import { itemsOf } from '../billing/subscription-work.ts'
import type { DiscountReference } from '../catalog/discounts.ts'
import { createSchedule } from '../schedules/schedule-creation.ts'
import { updateSchedule } from '../schedules/schedules.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type {
  BillingPortalConfiguration,
  BillingPortalSession,
  SubscriptionUpdateParams,
} from '../stripe.generated.ts'
import { StripeError } from '../wire/errors.ts'
import { waitsForPeriodEnd } from './plan-choices.ts'

type Subscription = Documents['subscription']
type UpdateFeature = BillingPortalConfiguration['features']['subscription_update']
type ConfirmFlow = NonNullable<
  NonNullable<BillingPortalSession['flow']>['subscription_update_confirm']
>

/** A change of plan as it was asked for, with the terms of the configuration. */
export interface PlanChange {
  readonly subscription: string
  readonly items: NonNullable<SubscriptionUpdateParams['items']>
  /** All discounts from now on; null leaves them as they are. */
  readonly discounts: readonly DiscountReference[] | null
  readonly timing: 'now' | 'period_end'
  readonly feature: UpdateFeature
  /** What is left of the period is reckoned from here, so that what was shown is what is charged. */
  readonly proratesFrom: number
}

export function changeToPrice(
  tx: Transaction,
  feature: UpdateFeature,
  subscription: Subscription,
  next: {
    readonly item: Documents['subscription_item']
    readonly price: string
    readonly quantity: number | undefined
    /** A promotion code that comes on top of the discounts there are. */
    readonly code: string | null
    readonly proratesFrom: number
  },
): PlanChange {
  const { item, price, quantity, code, proratesFrom } = next
  const kept = subscription.discounts.map((discount) => ({ discount }))
  const waits = code === null && waitsForPeriodEnd(tx, feature, subscription, item, next)
  return {
    subscription: subscription.id,
    items: [{ id: item.id, price, ...(quantity === undefined ? {} : { quantity }) }],
    discounts: code === null ? null : [...kept, { promotion_code: code }],
    timing: waits ? 'period_end' : 'now',
    feature,
    proratesFrom,
  }
}

/** The change a merchant has put together for the customer to confirm. */
export function changeOfFlow(
  tx: Transaction,
  feature: UpdateFeature,
  flow: ConfirmFlow,
  proratesFrom: number,
): PlanChange {
  const subscription = tx.get('subscription', flow.subscription)
  const items = flow.items.map(({ id, price, quantity }) => ({
    ...(id === null ? {} : { id }),
    ...(price === null ? {} : { price }),
    ...(quantity === undefined ? {} : { quantity }),
  }))
  const [only] = flow.items.length === 1 ? flow.items : []
  const item = itemsOf(tx, subscription.id).find(({ id }) => id === only?.id)
  const waits =
    item !== undefined &&
    flow.discounts === null &&
    waitsForPeriodEnd(tx, feature, subscription, item, {
      price: only?.price ?? item.price,
      quantity: only?.quantity,
    })
  return {
    subscription: subscription.id,
    items,
    discounts: flow.discounts,
    timing: waits ? 'period_end' : 'now',
    feature,
    proratesFrom,
  }
}

export interface ChangePreview {
  /** The invoice the change makes at once, if it makes one. */
  readonly today: Documents['invoice'] | null
  /** The next renewal after the change; null when there is none. */
  readonly next: Documents['invoice'] | null
}

/** Makes the change, looks at its invoices with the given eyes and takes it back: what is shown is what will happen. */
export function previewChange<T>(
  tx: Transaction,
  change: PlanChange,
  look: (preview: ChangePreview) => T,
): T {
  const before = tx.get('subscription', change.subscription).latest_invoice
  const undo = tx.savepoint()
  try {
    if (change.timing === 'period_end') planChange(tx, change)
    else changeNow(tx, change, 'default_incomplete')
    const { latest_invoice: latest } = tx.get('subscription', change.subscription)
    const today = latest === null || latest === before ? null : tx.get('invoice', latest)
    return look({ today, next: nextInvoice(tx, change.subscription) })
  } finally {
    undo()
  }
}

function nextInvoice(tx: Transaction, subscription: string): Documents['invoice'] | null {
  try {
    return tx.get('invoice', renewForPreview(tx, subscription))
  } catch (error) {
    if (error instanceof StripeError) return null
    throw error
  }
}

export type ChangeResult =
  | { readonly kind: 'done' }
  /** The bank asks the customer first; the change waits for the payment. */
  | { readonly kind: 'requires_action'; readonly intent: string }
  | { readonly kind: 'refused'; readonly message: string }

/** Makes the change for good. One that has to be paid at once and is not leaves everything as it was. */
export function applyChange(tx: Transaction, change: PlanChange): ChangeResult {
  const { pendingUpdate } = tx.get('subscription', change.subscription).inner
  // An earlier change that still waits for its payment is given up for this one.
  if (pendingUpdate !== null) voidInvoice(tx, pendingUpdate.invoice)
  const undo = tx.savepoint()
  try {
    if (change.timing === 'period_end') planChange(tx, change)
    else changeNow(tx, change, 'error_if_incomplete')
    return { kind: 'done' }
  } catch (error) {
    if (!(error instanceof StripeError)) throw error
    undo()
    if (error.body.code !== 'subscription_payment_intent_requires_action') {
      return { kind: 'refused', message: error.body.message }
    }
    // A change that waits for its payment cannot bring discounts along.
    changeNow(tx, change, change.discounts === null ? 'pending_if_incomplete' : 'allow_incomplete')
    const intent = latestIntent(tx, change.subscription)
    if (intent?.status === 'requires_action') return { kind: 'requires_action', intent: intent.id }
    undo()
    return { kind: 'refused', message: 'Add a payment method first: this change is paid at once.' }
  }
}

function latestIntent(
  tx: Transaction,
  subscription: string,
): Documents['payment_intent'] | undefined {
  const { latest_invoice: invoice } = tx.get('subscription', subscription)
  const payment = tx
    .where('invoice_payment', 'invoice', invoice ?? '')
    .findLast(({ status }) => status === 'open')
  return tx.find('payment_intent', payment?.inner.paymentIntent ?? '')
}

function changeNow(
  tx: Transaction,
  { subscription: id, items, discounts, feature, proratesFrom }: PlanChange,
  behavior: NonNullable<SubscriptionUpdateParams['payment_behavior']>,
): void {
  const { status } = tx.get('subscription', id)
  const isTrialing = status === 'trialing'
  const endsTrial = isTrialing && feature.trial_update_behavior === 'end_trial'
  const prorates = feature.proration_behavior !== 'none' && !isTrialing
  updateSubscription(tx, id, {
    items,
    proration_behavior: feature.proration_behavior,
    ...(prorates ? { proration_date: proratesFrom } : {}),
    ...(feature.billing_cycle_anchor === 'now' && !isTrialing
      ? { billing_cycle_anchor: { type: 'now' } }
      : {}),
    ...(endsTrial ? { trial_end: 'now' } : {}),
    ...(discounts === null ? {} : { discounts: discounts.map(toParam) }),
    payment_behavior: behavior,
  })
}

function toParam({ coupon, promotion_code: code, discount }: DiscountReference) {
  return {
    ...(typeof coupon === 'string' ? { coupon } : {}),
    ...(typeof code === 'string' ? { promotion_code: code } : {}),
    ...(typeof discount === 'string' ? { discount } : {}),
  }
}

/** The period that is paid for stays as it is; the new plan begins with the next one. */
function planChange(tx: Transaction, { subscription: id, items }: PlanChange): void {
  const current = itemsOf(tx, id)
  const schedule = createSchedule(tx, { from_subscription: id })
  const [phase] = schedule.inner.phases
  const [next] = items
  if (phase === undefined || next === undefined) throw new Error(`${id} has nothing to change`)
  const item = current.find(({ id: itemId }) => itemId === next.id)
  const price = next.price ?? item?.price ?? ''
  const { recurring } = tx.get('price', price)
  const quantity = next.quantity ?? item?.quantity
  updateSchedule(tx, schedule, {
    phases: [
      {
        start_date: phase.start_date,
        end_date: phase.end_date,
        items: current.map((entry) => ({
          price: entry.price,
          ...(entry.quantity === undefined ? {} : { quantity: entry.quantity }),
        })),
      },
      {
        items: [{ price, ...(quantity === undefined ? {} : { quantity }) }],
        duration: {
          interval: recurring?.interval ?? 'month',
          interval_count: recurring?.interval_count ?? 1,
        },
        proration_behavior: 'none',
      },
    ],
    end_behavior: 'release',
  })
}
