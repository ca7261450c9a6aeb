import { AppError } from '../../../errors.ts'
import { invariant } from '../../../kit/assert.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { StripeInvoice } from '../../../stripe/invoices.ts'
import type { StripeSubscription } from '../../../stripe/subscriptions.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Accounts } from '../../accounts/service.ts'
import { type Caller, systemCaller } from '../../audit/caller.ts'
import type { PlanDefinition } from '../../catalog/plan.ts'
import type { Connections } from '../../connections/service.ts'
import type { PlanChange } from '../../subscriptions/changes/plan-change.ts'
import type { PlanChanges } from '../../subscriptions/changes/service.ts'
import type { Lifecycles } from '../../subscriptions/lifecycle.service.ts'
import type { Subscriptions } from '../../subscriptions/service.ts'
import {
  isBilledByUs,
  isWithoutCharges,
  type Subscription,
} from '../../subscriptions/subscription.ts'
import type { Look } from '../../webhooks/look.service.ts'
import type { Sync } from '../../webhooks/sync.ts'
import type { DueDates } from '../due-dates.service.ts'
import type { Invoice } from '../invoice.ts'
import type { OwnBilling } from '../own-billing.service.ts'
import type { Rating } from '../rating.service.ts'
import type { Billing } from '../service.ts'
import { billingPeriodAt } from '../terms.ts'
import { paymentOf } from './change-invoice.ts'
import type { Offer } from './offers.service.ts'
import type { StripeSides } from './stripe-sides.service.ts'

interface CarryOutHereDeps {
  readonly accounts: Accounts
  readonly billing: Billing
  readonly changes: PlanChanges
  readonly connections: Connections
  readonly database: Database
  readonly dueDates: DueDates
  readonly invoiceSync: Sync<StripeInvoice>
  readonly lifecycles: Lifecycles
  readonly look: Look
  readonly ownBilling: OwnBilling
  readonly rating: Rating
  readonly stripeSides: StripeSides
  readonly subscriptions: Subscriptions
  readonly subscriptionSync: Sync<StripeSubscription>
}

export type CarryOutHere = ReturnType<typeof createCarryOutHere>

/**
 * Changes of plan that are ours to carry out: those between plans that we bill, and those where Stripe bills only one of
 * the two, or bills the other with another subscription. What it costs at once is an invoice of ours. The change takes
 * effect in one transaction; what is left to do in Stripe then is noted with it, and done until it is done.
 */
export function createCarryOutHere(deps: CarryOutHereDeps) {
  const { accounts, billing, changes, connections, database, dueDates } = deps
  const { invoiceSync, lifecycles } = deps
  const { look, ownBilling, rating, stripeSides, subscriptions, subscriptionSync } = deps

  /** From the change's instant on the subscription is on the new plan, in a period of ours. */
  async function arrive(
    tx: Db,
    caller: Caller,
    customer: Customer,
    subscription: Subscription,
    change: PlanChange,
  ): Promise<void> {
    if (change.startsBy === null) {
      await changes.arrive(tx, caller, customer, subscription, change)
      return
    }
    const isStripes = subscription.engine === 'stripe_subscription'
    if (isStripes) {
      await ownBilling.noteStripeCoupons(tx, subscription)
    }
    const moved = await changes.arrive(tx, caller, customer, subscription, change)
    if (isWithoutCharges(moved)) return
    const { terms } = await rating.contractOf(moved, tx)
    const opening = billingPeriodAt(terms, change.effectiveAt)
    invariant(opening !== undefined, 'a plan that is changed to has a period')
    const isLastOfStripe = isStripes && change.quote.timing === 'at_period_end'
    await lifecycles.openPeriod(tx, moved, opening, accounts.now(customer), isLastOfStripe)
  }

  /** What was paid for the time that is left comes back, what was used is invoiced, and what is free takes its place. */
  async function leave(
    tx: Db,
    caller: Caller,
    customer: Customer,
    subscription: Subscription,
    change: PlanChange,
    { quote }: Offer,
  ): Promise<PlanChange> {
    const at = change.effectiveAt
    const lines = quote.invoice?.lines.filter(({ kind }) => kind === 'unused_time') ?? []
    const invoiceId = await ownBilling.billChange(tx, caller, customer, subscription, {
      lines,
      at,
      isOffline: subscription.engine === 'offline',
      collection: await dueDates.ofSubscription(subscription, tx),
    })
    const update = { state: 'scheduled', invoiceId } as const
    await changes.update(tx, subscription.mode, change.id, update, accounts.now(customer))
    await ownBilling.endNow(tx, caller, customer, subscription, at)
    return { ...change, state: 'applied', invoiceId }
  }

  /** Customers pay first: the old plan stays until then. */
  async function charge(
    tx: Db,
    caller: Caller,
    customer: Customer,
    subscription: Subscription,
    change: PlanChange,
    { quote, invoice }: Offer,
    target: PlanDefinition,
  ): Promise<PlanChange> {
    const { mode } = subscription
    const now = accounts.now(customer)
    const lines = quote.invoice?.lines ?? []
    const at = change.effectiveAt
    const isOffline = target.engine === 'offline'
    const collection = await dueDates.ofPlan(mode, target, tx)
    const bill = { lines, at, isOffline, collection }
    const invoiceId = await ownBilling.billChange(tx, caller, customer, subscription, bill)
    const payment = paymentOf(quote, invoice)
    if (payment.kind !== 'before_change') {
      await changes.update(tx, mode, change.id, { invoiceId }, now)
      await arrive(tx, caller, customer, subscription, change)
      return { ...change, state: 'applied', invoiceId }
    }
    // Behind the period's end it would be another change.
    const periodEnd = subscription.currentPeriod?.endsAt ?? payment.expiresAt
    const expiresAt = Math.min(payment.expiresAt, periodEnd)
    const update = { state: 'awaiting_payment', invoiceId, expiresAt } as const
    await changes.update(tx, mode, change.id, update, now)
    return { ...change, ...update }
  }

  /** The invoice of a change is paid, can be paid somewhere, or never will be. The customer is locked. */
  async function follow(tx: Db, { mode, id, state, ...invoice }: Invoice): Promise<void> {
    const change = await changes.findByInvoice(mode, id, tx)
    if (change?.state !== 'awaiting_payment') return
    const customer = await accounts.get(mode, change.customerId, tx)
    const now = accounts.now(customer)
    if (state === 'paid') {
      const subscription = await subscriptions.get(mode, change.subscriptionId, tx)
      await arrive(tx, systemCaller(mode), customer, subscription, change)
    } else if (state === 'open') {
      const { stripeInvoiceId, hostedUrl: paymentUrl } = invoice
      await changes.update(tx, mode, change.id, { stripeInvoiceId, paymentUrl }, now)
    } else if (state !== 'draft') {
      const error = 'It was not paid for.'
      await changes.update(tx, mode, change.id, { state: 'failed', error, paymentUrl: null }, now)
    }
  }
  billing.onInvoice(follow)

  changes.takeOverBy(async (tx, customer, subscription, change) => {
    const caller = systemCaller(subscription.mode)
    await arrive(tx, caller, customer, subscription, change)
    const moved = await subscriptions.get(subscription.mode, subscription.id, tx)
    await ownBilling.billTakenOver(tx, caller, customer, moved, change.effectiveAt)
  })

  async function giveUp(mode: Mode, change: PlanChange): Promise<void> {
    if (change.invoiceId === null) return
    // Whoever gives up an invoice that Stripe does not have yet could be overtaken by who makes it.
    await ownBilling.showDue(mode)
    const { invoice } = await billing.get(mode, change.invoiceId)
    const { stripeInvoiceId, state } = invoice
    if (state === 'draft' || stripeInvoiceId === null) throw new AppError('stripe_unavailable', {})
    const { api } = await connections.stripe(mode)
    await api.invoices.abandon(stripeInvoiceId)
    await look(mode, invoiceSync, stripeInvoiceId)
  }

  return {
    /** Other terms of the same plan begin at once, in the period that runs. What they cost is an invoice of ours. */
    async agree(
      tx: Db,
      caller: Caller,
      customer: Customer,
      subscription: Subscription,
      change: PlanChange,
      { quote }: Offer,
    ): Promise<PlanChange> {
      if (isBilledByUs(subscription)) {
        await ownBilling.billChange(tx, caller, customer, subscription, {
          lines: quote.invoice?.lines ?? [],
          at: change.effectiveAt,
          isOffline: subscription.engine === 'offline',
          collection: await dueDates.ofSubscription(subscription, tx),
        })
      }
      await changes.arrive(tx, caller, customer, subscription, change)
      return { ...change, state: 'applied' }
    },

    /** The change is confirmed. The customer is locked; what it needs of Stripe comes with `followUp`. */
    async begin(
      tx: Db,
      caller: Caller,
      customer: Customer,
      subscription: Subscription,
      change: PlanChange,
      offer: Offer,
      target: PlanDefinition,
    ): Promise<PlanChange> {
      if (isWithoutCharges(subscription)) {
        await changes.arrive(tx, caller, customer, subscription, change)
        return { ...change, state: 'applied' }
      }
      if (change.way === 'leave') return leave(tx, caller, customer, subscription, change, offer)
      return charge(tx, caller, customer, subscription, change, offer, target)
    },

    /** Does in Stripe what is left to do; repeated until nothing is. */
    async followUp(mode: Mode, changeId: string): Promise<void> {
      if (!(await connections.isConnected(mode))) return
      await ownBilling.showDue(mode)
      const change = await changes.find(mode, changeId)
      if (change?.hasLooseEnds !== true) return
      const connected = await connections.stripe(mode)
      const { isDone, stripeId } = await stripeSides.settle(connected, change)
      if (stripeId !== null) await look(mode, subscriptionSync, stripeId)
      const customer = await accounts.get(mode, change.customerId)
      const now = accounts.now(customer)
      await changes.update(database.db, mode, changeId, { hasLooseEnds: !isDone }, now)
    },

    /** A scheduled change that Stripe's subscription ends for is looked at, in case its event was lost. */
    async arriveDue(
      mode: Mode,
      { id, customerId, subscriptionId, startsBy }: PlanChange,
    ): Promise<void> {
      const subscription = await subscriptions.get(mode, subscriptionId)
      // Other terms of the same plan that Stripe has nothing to do with come by time alone.
      if (subscription.engine === 'stripe_subscription' && startsBy !== 'override') {
        const { scope } = await connections.stripe(mode)
        const stripeId = await connections.externalId(scope, 'subscription', subscriptionId)
        if (stripeId !== undefined) await look(mode, subscriptionSync, stripeId)
        return
      }
      // Where periods are billed by us, the change comes with the invoice of the one that ends.
      if (isBilledByUs(subscription)) return
      await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, customerId)
        const change = await changes.find(mode, id, tx)
        if (change?.state !== 'scheduled') return
        const current = await subscriptions.get(mode, subscriptionId, tx)
        await changes.arrive(tx, systemCaller(mode), customer, current, change)
      })
    },

    giveUp,

    /** Nobody has paid for it in time. */
    async expire(mode: Mode, change: PlanChange): Promise<void> {
      await giveUp(mode, change)
      await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, change.customerId)
        const current = await changes.find(mode, change.id, tx)
        if (current === undefined || current.state === 'applied') return
        const error = 'It was not paid for in time.'
        const update = { state: 'failed', error, paymentUrl: null } as const
        await changes.update(tx, mode, change.id, update, accounts.now(customer))
      })
    },
  }
}
