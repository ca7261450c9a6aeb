import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { SubscriptionStatusDetailsPaused } from '../stripe.generated.ts'
import { invalidRequest } from '../wire/errors.ts'
import { usageLines } from './cancellation.ts'
import { collectInvoice } from './collection.ts'
import { finalizeInvoice } from './finalization.ts'
import { itemLines } from './line-drafts.ts'
import { periodContaining } from './periods.ts'
import { billUsageSoFar, creditItem, debitItem } from './proration-items.ts'
import { isMeteredPrice, recurrenceOf } from './subscription-items.ts'
import { invoiceSubscription } from './subscription-invoice.ts'
import { voidInvoice } from './settlement.ts'
import { itemsOf, planWork } from './subscription-work.ts'

type Subscription = Documents['subscription']
type PauseType = SubscriptionStatusDetailsPaused['subscription']['type']

export interface PauseWishes {
  /** From when on the time of licensed items is credited; null for no credit. */
  readonly creditFrom: 'now' | 'item_current_period_start' | null
  readonly billsUsage: boolean
  readonly invoicesNow: boolean
}

/** Pauses on request: no invoices and no new periods until it is resumed. */
export function pauseSubscription(tx: Transaction, id: string, wishes: PauseWishes): void {
  const subscription = tx.get('subscription', id)
  checkPausable(subscription)
  const now = tx.now(subscription.test_clock)
  if (subscription.status === 'active' && wishes.creditFrom !== null) {
    for (const item of itemsOf(tx, id)) {
      const from = wishes.creditFrom === 'now' ? now : item.current_period_start
      creditItem(tx, subscription, item, from)
    }
  }
  if (wishes.billsUsage) {
    for (const item of itemsOf(tx, id)) {
      if (!isMeteredPrice(tx, item.price)) continue
      if (!wishes.invoicesNow) billUsageSoFar(tx, subscription, item, now)
    }
  }
  if (wishes.invoicesNow) {
    const invoice = invoiceSubscription(tx, id, {
      reason: 'subscription_update',
      drafts: wishes.billsUsage ? usageLines(tx, subscription, now, false) : [],
      period: { start: now, end: now },
      isDraft: false,
      isAutoAdvancing: true,
    })
    if (invoice !== null) {
      finalizeInvoice(tx, invoice.id)
      if (tx.get('invoice', invoice.id).status === 'open') {
        collectInvoice(tx, invoice.id, { presence: 'deferred', isAutomatic: true })
      }
    }
  }
  for (const item of itemsOf(tx, id)) {
    tx.update('subscription_item', item.id, { inner: { ...item.inner, usageFrom: now } })
  }
  enterPause(tx, id, 'pause_requested')
}

function checkPausable(subscription: Subscription): void {
  if (subscription.billing_mode.type !== 'flexible') {
    throw invalidRequest({
      message:
        'Only subscriptions with `billing_mode[type]=flexible` can be paused; migrate it first.',
    })
  }
  if (subscription.schedule !== null) {
    throw invalidRequest({
      message: `The subscription is managed by the schedule ${subscription.schedule} and cannot be paused. Release the schedule first.`,
    })
  }
  if (!['active', 'trialing', 'past_due'].includes(subscription.status)) {
    throw invalidRequest({
      message: `A subscription that is ${subscription.status} cannot be paused.`,
    })
  }
}

function enterPause(tx: Transaction, id: string, type: PauseType): void {
  const subscription = tx.get('subscription', id)
  tx.update('subscription', id, {
    status: 'paused',
    status_details: {
      paused: {
        subscription: { type },
        transitioned_at: tx.now(subscription.test_clock),
        type: 'subscription',
      },
    },
  })
  planWork(tx, id)
  tx.emit('customer.subscription.paused', 'subscription', id)
  tx.notify({ type: 'subscription.changed', id })
}

export function pauseAtTrialEnd(tx: Transaction, id: string): void {
  enterPause(tx, id, 'trial_end_without_payment_method')
}

export function pauseAfterFailure(tx: Transaction, id: string): void {
  enterPause(tx, id, 'final_payment_failure')
}

export interface ResumeWishes {
  readonly resetsAnchor: boolean
  readonly prorationBehavior: 'create_prorations' | 'always_invoice' | 'none'
  readonly prorationDate: number | undefined
  /** Whether an attempt is enough to go on, or only its success. */
  readonly waitsForPayment: boolean
}

/** A resumption nobody tries to pay is given up after this long. */
const ATTEMPT_SECONDS = 23 * 3_600

/** Takes up a paused subscription. What has to be paid for that is invoiced at once. */
export function resumeSubscription(tx: Transaction, id: string, wishes: ResumeWishes): void {
  const subscription = tx.get('subscription', id)
  if (subscription.status !== 'paused') {
    throw invalidRequest({
      message: `Only paused subscriptions can be resumed; this one is ${subscription.status}.`,
    })
  }
  if (subscription.collection_method !== 'charge_automatically') {
    throw invalidRequest({
      message: 'Only subscriptions that charge automatically can be resumed.',
    })
  }
  const now = tx.now(subscription.test_clock)
  const from = wishes.prorationDate ?? now
  const anchor = wishes.resetsAnchor ? now : subscription.billing_cycle_anchor
  const resumed = tx.update('subscription', id, {
    billing_cycle_anchor: anchor,
    ...(wishes.resetsAnchor ? { billing_cycle_anchor_config: null } : {}),
  })
  for (const item of itemsOf(tx, id)) {
    const period = periodContaining(resumed, recurrenceOf(tx, item.price), now)
    tx.update('subscription_item', item.id, {
      current_period_start: period.start,
      current_period_end: period.end,
      inner: { ...item.inner, usageFrom: now },
    })
  }
  const licensed = itemsOf(tx, id).filter((item) => !isMeteredPrice(tx, item.price))
  if (!wishes.resetsAnchor && wishes.prorationBehavior !== 'none') {
    for (const item of licensed) debitItem(tx, resumed, item, from)
  }
  const invoicesNow = wishes.resetsAnchor || wishes.prorationBehavior === 'always_invoice'
  const invoice = invoicesNow
    ? invoiceSubscription(tx, id, {
        reason: 'subscription_update',
        drafts: wishes.resetsAnchor
          ? licensed.flatMap((item) =>
              itemLines(tx, resumed, item, {
                start: item.current_period_start,
                end: item.current_period_end,
              }),
            )
          : [],
        period: { start: now, end: now },
        prorationDate: wishes.prorationDate,
        isDraft: false,
        isAutoAdvancing: false,
      })
    : null
  if (invoice === null) {
    leavePause(tx, id)
    return
  }
  payResumption(tx, id, invoice.id, wishes.waitsForPayment)
}

function payResumption(
  tx: Transaction,
  id: string,
  invoice: string,
  waitsForPayment: boolean,
): void {
  const { inner } = tx.get('subscription', id)
  tx.update('subscription', id, { inner: { ...inner, openingInvoice: invoice } })
  finalizeInvoice(tx, invoice)
  if (tx.get('invoice', invoice).status !== 'open') return
  const result = collectInvoice(tx, invoice, { presence: 'on_session', isAutomatic: false })
  if (result.kind === 'succeeded') return
  if (!waitsForPayment && result.kind !== 'no_method') {
    leavePause(tx, id)
    // The attempt was made; that it failed is now an ordinary arrear.
    tx.notify({ type: 'invoice.unpaid', id: invoice, isFinal: false })
    return
  }
  const subscription = tx.get('subscription', id)
  tx.schedule({
    id: `resume_expire:${id}`,
    type: 'subscription.resume_expire',
    clock: subscription.test_clock,
    dueAt: tx.now(subscription.test_clock) + ATTEMPT_SECONDS,
    rank: 45,
    subject: id,
  })
}

/** Reaction: the resumption invoice is paid or given up. */
export function resumeAfterPayment(tx: Transaction, id: string): void {
  if (tx.get('subscription', id).status === 'paused') leavePause(tx, id)
}

function leavePause(tx: Transaction, id: string): void {
  const { inner } = tx.get('subscription', id)
  tx.unschedule(`resume_expire:${id}`)
  tx.update('subscription', id, {
    status: 'active',
    status_details: undefined,
    inner: { ...inner, openingInvoice: null },
  })
  planWork(tx, id)
  tx.emit('customer.subscription.resumed', 'subscription', id)
  tx.notify({ type: 'subscription.changed', id })
}

/** Job: nobody paid the resumption invoice. It is void and the subscription stays paused. */
export function giveUpResumption(tx: Transaction, id: string): void {
  const subscription = tx.find('subscription', id)
  if (subscription?.status !== 'paused') return
  const { openingInvoice } = subscription.inner
  if (openingInvoice !== null) voidInvoice(tx, openingInvoice)
}
