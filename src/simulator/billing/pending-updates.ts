import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { voidInvoice } from './settlement.ts'
import { itemsOf, planWork } from './subscription-work.ts'
import { isUnset } from '../wire/changed.ts'

type Subscription = Documents['subscription']
type Item = Documents['subscription_item']

const LIFETIME_SECONDS = 23 * 3_600

/**
 * Takes a change back until it is paid for: `pending_if_incomplete`. The invoice stays; what was changed waits in
 * `pending_update`. If the payment succeeds in the same request, the reaction to it puts the change back before anybody sees.
 */
export function suspendUpdate(
  tx: Transaction,
  id: string,
  invoice: string,
  previous: { readonly subscription: Subscription; readonly items: readonly Item[] },
  change: { readonly trialEnd: number | 'now' | undefined; readonly items: readonly unknown[] },
): void {
  const changed = tx.get('subscription', id)
  const items = itemsOf(tx, id)
  const { subscription } = previous
  replaceItems(tx, id, previous.items)
  const expiresAt = tx.now(subscription.test_clock) + LIFETIME_SECONDS
  tx.update('subscription', id, {
    billing_cycle_anchor: subscription.billing_cycle_anchor,
    status: subscription.status,
    trial_end: subscription.trial_end,
    trial_start: subscription.trial_start,
    inner: {
      ...changed.inner,
      pendingUpdate: {
        expiresAt,
        invoice,
        items,
        billingCycleAnchor: changed.billing_cycle_anchor,
        trialEnd: changed.trial_end,
        hasTrialChange: change.trialEnd !== undefined,
        hasItemChange: change.items.length > 0,
        isAnnounced: false,
      },
    },
  })
  planWork(tx, id)
  tx.schedule({
    id: `pending_update:${id}`,
    type: 'subscription.pending_update_expire',
    clock: subscription.test_clock,
    dueAt: expiresAt,
    rank: 45,
    subject: id,
  })
}

/** The payment did not go through at once: from now on the update is pending for everybody. */
export function announceUpdate(tx: Transaction, id: string): void {
  const { inner } = tx.get('subscription', id)
  if (inner.pendingUpdate === null) return
  tx.update('subscription', id, {
    inner: { ...inner, pendingUpdate: { ...inner.pendingUpdate, isAnnounced: true } },
  })
}

/** Reaction: the invoice of a pending update was paid. */
export function applyPendingUpdate(tx: Transaction, id: string): void {
  const subscription = tx.get('subscription', id)
  const { pendingUpdate } = subscription.inner
  if (pendingUpdate === null) return
  replaceItems(tx, id, pendingUpdate.items)
  tx.unschedule(`pending_update:${id}`)
  const now = tx.now(subscription.test_clock)
  const isTrialing = pendingUpdate.trialEnd !== null && pendingUpdate.trialEnd > now
  tx.update('subscription', id, {
    billing_cycle_anchor: pendingUpdate.billingCycleAnchor,
    trial_end: pendingUpdate.trialEnd,
    ...(pendingUpdate.hasTrialChange ? { status: isTrialing ? 'trialing' : 'active' } : {}),
    inner: { ...subscription.inner, pendingUpdate: null },
  })
  planWork(tx, id)
  if (pendingUpdate.isAnnounced) {
    tx.emit('customer.subscription.pending_update_applied', 'subscription', id)
  }
  tx.notify({ type: 'subscription.changed', id })
}

/** Job: nobody paid in time; the subscription stays as it was. */
export function expirePendingUpdate(tx: Transaction, id: string): void {
  const subscription = tx.find('subscription', id)
  const pending = subscription?.inner.pendingUpdate
  if (subscription === undefined || isUnset(pending)) return
  tx.update('subscription', id, { inner: { ...subscription.inner, pendingUpdate: null } })
  if (tx.get('invoice', pending.invoice).status === 'open') voidInvoice(tx, pending.invoice)
  tx.emit('customer.subscription.pending_update_expired', 'subscription', id)
}

function replaceItems(tx: Transaction, subscription: string, items: readonly Item[]): void {
  const wanted = new Map(items.map((item) => [item.id, item]))
  for (const { id } of itemsOf(tx, subscription)) {
    if (!wanted.has(id)) tx.remove('subscription_item', id)
  }
  for (const item of items) {
    if (tx.find('subscription_item', item.id) === undefined) tx.insert('subscription_item', item)
    else tx.update('subscription_item', item.id, { ...item, quantity: item.quantity })
  }
}
