import { createDiscount } from '../catalog/discounts.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { invalidRequest } from '../wire/errors.ts'
import { collectInvoice } from './collection.ts'
import { finalizeInvoice } from './finalization.ts'
import { type ItemChange, pricesAfter } from './item-changes.ts'
import { itemLines, licensedTotal } from './line-drafts.ts'
import { insertOneTimeItems, type OneTimeItem } from './one-time-items.ts'
import { announceUpdate, suspendUpdate } from './pending-updates.ts'
import { type BillingPeriod, isSameRhythm, periodContaining } from './periods.ts'
import { billUsageSoFar, creditItem, debitItem } from './proration-items.ts'
import { checkTogether, insertItem, isMeteredPrice, recurrenceOf } from './subscription-items.ts'
import { invoiceSubscription } from './subscription-invoice.ts'
import { leaveTrial, outlivesTrial } from './renewal.ts'
import { incompleteError } from './subscription-opening.ts'
import { setStatus } from './subscription-status.ts'
import { itemsOf, planWork } from './subscription-work.ts'

type Subscription = Documents['subscription']
type Item = Documents['subscription_item']

/** A change of what a subscription consists of, or of its rhythm: everything that can cost money. */
export interface SubscriptionChange {
  readonly items: readonly ItemChange[]
  readonly resetsAnchor: boolean
  /** 'now' ends a trial; an instant begins or moves one. */
  readonly trialEnd: number | 'now' | undefined
  readonly prorationBehavior: 'create_prorations' | 'always_invoice' | 'none'
  readonly prorationDate: number | undefined
  readonly paymentBehavior:
    | 'allow_incomplete'
    | 'default_incomplete'
    | 'error_if_incomplete'
    | 'pending_if_incomplete'
  readonly presence: 'on_session' | 'off_session'
  readonly oneTimeItems: readonly OneTimeItem[]
}

export function changeSubscription(tx: Transaction, id: string, change: SubscriptionChange): void {
  const before = tx.get('subscription', id)
  const itemsBefore = itemsOf(tx, id)
  const now = tx.now(before.test_clock)
  const at = change.prorationDate ?? now
  checkProrationDate(itemsBefore, change.prorationDate)
  checkTogether(tx, pricesAfter(tx, id, change.items), {
    currency: before.currency,
    isFlexible: before.billing_mode.type === 'flexible',
  })
  const plan = planChange(tx, before, change, now)
  if (plan.creditsTime && change.prorationBehavior !== 'none')
    creditOld(tx, before, change, plan, at)
  settleUsage(tx, before, change, now)
  const after = tx.update('subscription', id, {
    billing_cycle_anchor: plan.anchor,
    ...(plan.resetsAnchor ? { billing_cycle_anchor_config: null } : {}),
    status: plan.status,
    trial_end: plan.trialEnd,
    trial_start: plan.status === 'trialing' ? (before.trial_start ?? now) : before.trial_start,
  })
  const changed = writeItems(tx, after, change.items, plan, now)
  if (plan.debitsTime && change.prorationBehavior !== 'none') {
    for (const item of changed) debitItem(tx, after, tx.get('subscription_item', item), at)
  }
  planWork(tx, id)
  tx.notify({ type: 'subscription.changed', id })
  insertOneTimeItems(tx, after, change.oneTimeItems)
  if (!leaveTrial(tx, tx.get('subscription', id), now)) return
  if (plan.invoicesNow) {
    invoiceChange(tx, id, change, plan, { subscription: before, items: itemsBefore })
  }
}

interface ChangePlan {
  readonly anchor: number
  readonly resetsAnchor: boolean
  readonly status: Subscription['status']
  readonly trialEnd: number | null
  /** The time already paid for is given back. */
  readonly creditsTime: boolean
  /** The rest of the running period is charged at the new price. */
  readonly debitsTime: boolean
  /** Every item starts a new period now, and is charged for it. */
  readonly startsPeriod: boolean
  readonly invoicesNow: boolean
}

function planChange(
  tx: Transaction,
  before: Subscription,
  change: SubscriptionChange,
  now: number,
): ChangePlan {
  const isTrialing = before.status === 'trialing'
  const { trialEnd } = change
  if (typeof trialEnd === 'number' && trialEnd > now) {
    // A trial is free time: what was paid for the rest is given back, and the rhythm starts when it ends.
    return {
      anchor: trialEnd,
      resetsAnchor: true,
      status: 'trialing',
      trialEnd,
      creditsTime: !isTrialing,
      debitsTime: false,
      startsPeriod: false,
      invoicesNow: change.prorationBehavior === 'always_invoice',
    }
  }
  const endsTrial = isTrialing && trialEnd !== undefined
  if (endsTrial && !outlivesTrial(tx, before)) {
    // It ends here, and with it the subscription or its running: nothing starts, nothing is charged.
    return {
      anchor: before.billing_cycle_anchor,
      resetsAnchor: false,
      status: 'trialing',
      trialEnd: now,
      creditsTime: false,
      debitsTime: false,
      startsPeriod: false,
      invoicesNow: false,
    }
  }
  const keepsTrial = isTrialing && !endsTrial
  const startsPeriod =
    endsTrial || change.resetsAnchor || (!keepsTrial && resetsItself(tx, before, change))
  return {
    anchor: startsPeriod ? now : before.billing_cycle_anchor,
    resetsAnchor: startsPeriod,
    status: endsTrial ? 'active' : before.status,
    trialEnd: endsTrial ? now : before.trial_end,
    creditsTime: !isTrialing,
    debitsTime: !isTrialing && !startsPeriod,
    startsPeriod: startsPeriod && !keepsTrial,
    invoicesNow: (startsPeriod && !keepsTrial) || change.prorationBehavior === 'always_invoice',
  }
}

/** Classic subscriptions start over when their interval changes or when they begin to cost something; flexible ones never do. */
function resetsItself(tx: Transaction, before: Subscription, change: SubscriptionChange): boolean {
  if (before.billing_mode.type !== 'classic') return false
  const [first] = itemsOf(tx, before.id)
  const [price] = pricesAfter(tx, before.id, change.items)
  if (first === undefined || price === undefined) return false
  if (!isSameRhythm(recurrenceOf(tx, first.price), recurrenceOf(tx, price))) return true
  const costBefore = licensedTotal(tx, before, itemsOf(tx, before.id))
  const changes = change.items.flatMap((entry) => (entry.kind === 'change' ? [entry.next] : []))
  return costBefore === 0 && licensedTotal(tx, before, changes) > 0
}

function checkProrationDate(items: readonly Item[], date: number | undefined): void {
  if (date === undefined) return
  const isWithin = items.every(
    (item) => item.current_period_start <= date && date <= item.current_period_end,
  )
  if (isWithin) return
  throw invalidRequest({
    message: 'The proration date must lie within the current billing period.',
    param: 'proration_date',
  })
}

/** Credits what goes: changed and removed items, or everything when a new period starts. */
function creditOld(
  tx: Transaction,
  subscription: Subscription,
  change: SubscriptionChange,
  plan: ChangePlan,
  at: number,
): void {
  const isAll = plan.startsPeriod || plan.status === 'trialing'
  const gone = isAll
    ? itemsOf(tx, subscription.id)
    : change.items.flatMap((entry) =>
        entry.kind === 'remove' || (entry.kind === 'change' && entry.isRepriced)
          ? [entry.item]
          : [],
      )
  for (const item of gone) creditItem(tx, subscription, item, at)
}

/** Usage of metered items whose price goes: billed at that price, or dropped where the mode or the request says so. */
function settleUsage(
  tx: Transaction,
  subscription: Subscription,
  change: SubscriptionChange,
  now: number,
): void {
  for (const entry of change.items) {
    if (entry.kind === 'add' || !isMeteredPrice(tx, entry.item.price)) continue
    const isGone = entry.kind === 'remove' || entry.next.price !== entry.item.price
    if (!isGone || entry.clearsUsage) continue
    const isBilled =
      subscription.billing_mode.type === 'flexible' && change.prorationBehavior !== 'none'
    if (isBilled) billUsageSoFar(tx, subscription, entry.item, now)
  }
}

/** Writes the new items and returns those that are to be charged for the rest of their period. */
function writeItems(
  tx: Transaction,
  subscription: Subscription,
  changes: readonly ItemChange[],
  plan: ChangePlan,
  now: number,
): readonly string[] {
  const charged: string[] = []
  for (const change of changes) {
    if (change.kind === 'remove') {
      tx.remove('subscription_item', change.item.id)
    } else if (change.kind === 'change') {
      // Credits have emptied the list of debits meanwhile; the rest of the item is as it was read.
      const { debits } = tx.get('subscription_item', change.item.id).inner
      const isOtherPrice = change.next.price !== change.item.price
      tx.update('subscription_item', change.item.id, {
        ...change.next,
        quantity: change.next.quantity,
        inner: {
          ...change.next.inner,
          debits,
          usageFrom: isOtherPrice || change.clearsUsage ? now : change.item.inner.usageFrom,
        },
      })
      if (change.isRepriced) charged.push(change.item.id)
    } else {
      const { spec } = change
      const item = insertItem(tx, subscription, spec, {
        period: { start: now, end: now },
        discounts: spec.discounts.map((reference) =>
          createDiscount(tx, reference, {
            customer: subscription.customer,
            subscription: subscription.id,
            start: now,
          }),
        ),
        usageFrom: now,
      })
      charged.push(item.id)
    }
  }
  for (const item of itemsOf(tx, subscription.id)) {
    const period = periodAfter(tx, subscription, item, plan, now)
    tx.update('subscription_item', item.id, {
      current_period_start: period.start,
      current_period_end: period.end,
    })
  }
  return charged
}

function periodAfter(
  tx: Transaction,
  subscription: Subscription,
  item: Item,
  plan: ChangePlan,
  now: number,
): BillingPeriod {
  if (plan.status === 'trialing') {
    return { start: subscription.trial_start ?? now, end: plan.trialEnd ?? now }
  }
  const isNew = item.current_period_end <= now
  const rhythm = {
    billing_cycle_anchor: plan.anchor,
    billing_cycle_anchor_config: plan.resetsAnchor
      ? null
      : subscription.billing_cycle_anchor_config,
  }
  const period = periodContaining(rhythm, recurrenceOf(tx, item.price), now)
  if (plan.startsPeriod || isNew) return period
  const old = { start: item.current_period_start, end: item.current_period_end }
  // Another interval has another period; the same keeps its own, which may have begun as a stub.
  return old.end === period.end ? old : period
}

interface Previous {
  readonly subscription: Subscription
  readonly items: readonly Item[]
}

/** Invoices a change at once: what it credits and debits, and the new period if one starts. */
function invoiceChange(
  tx: Transaction,
  id: string,
  change: SubscriptionChange,
  plan: ChangePlan,
  previous: Previous,
): void {
  const subscription = tx.get('subscription', id)
  const now = tx.now(subscription.test_clock)
  const licensed = itemsOf(tx, id).filter((item) => !isMeteredPrice(tx, item.price))
  const invoice = invoiceSubscription(tx, id, {
    reason: 'subscription_update',
    drafts: plan.startsPeriod
      ? licensed.flatMap((item) =>
          itemLines(tx, subscription, item, {
            start: item.current_period_start,
            end: item.current_period_end,
          }),
        )
      : [],
    period: { start: now, end: now },
    prorationDate: change.prorationDate,
    isDraft: false,
    isAutoAdvancing: false,
  })
  if (invoice === null) return
  if (subscription.collection_method === 'send_invoice') {
    finalizeInvoice(tx, invoice.id)
    if (tx.get('invoice', invoice.id).status === 'open')
      tx.emit('invoice.sent', 'invoice', invoice.id)
    return
  }
  finalizeInvoice(tx, invoice.id)
  if (tx.get('invoice', invoice.id).status !== 'open') return
  payChange(tx, id, invoice.id, change, previous)
}

function payChange(
  tx: Transaction,
  id: string,
  invoice: string,
  change: SubscriptionChange,
  previous: Previous,
): void {
  const { paymentBehavior } = change
  if (paymentBehavior === 'default_incomplete') {
    setStatus(tx, id, 'past_due')
    return
  }
  if (paymentBehavior === 'pending_if_incomplete') {
    suspendUpdate(tx, id, invoice, previous, change)
  }
  const result = collectInvoice(tx, invoice, { presence: change.presence, isAutomatic: false })
  if (paymentBehavior === 'pending_if_incomplete') announceUpdate(tx, id)
  if (paymentBehavior === 'error_if_incomplete' && result.kind !== 'succeeded') {
    throw incompleteError(result)
  }
}
