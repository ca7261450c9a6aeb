import { AppError } from '../../../errors.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database } from '../../../platform/database/database.ts'
import type { StripeInvoice } from '../../../stripe/invoices.ts'
import type { StripeChange } from '../../../stripe/subscription-changes.ts'
import type { StripeSubscription } from '../../../stripe/subscriptions.ts'
import type { Accounts } from '../../accounts/service.ts'
import type { Catalog } from '../../catalog/service.ts'
import type { Connected, Connections } from '../../connections/service.ts'
import {
  addOnsAfter,
  type PlanChange,
  SCHEDULED_AHEAD_MS,
} from '../../subscriptions/changes/plan-change.ts'
import type { PlanChanges } from '../../subscriptions/changes/service.ts'
import type { ChangeUpdate } from '../../subscriptions/changes/store.ts'
import {
  collectionIn,
  decideTidying,
  phaseInStripe,
} from '../../subscriptions/changes/stripe-change.ts'
import type { Subscriptions } from '../../subscriptions/service.ts'
import type { StripePrices } from '../../subscriptions/stripe-prices.service.ts'
import type { Look } from '../../webhooks/look.service.ts'
import type { Sync } from '../../webhooks/sync.ts'
import type { DueDates } from '../due-dates.service.ts'
import { schedulePhases } from '../phases/phase-schedule.ts'
import type { PhaseSchedules } from '../phases/service.ts'
import type { CarryOutHere } from './carry-out-here.service.ts'
import type { Offer, Offers } from './offers.service.ts'

interface CarryOutDeps {
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly changes: PlanChanges
  readonly connections: Connections
  readonly database: Database
  readonly dueDates: DueDates
  readonly here: CarryOutHere
  readonly invoiceSync: Sync<StripeInvoice>
  readonly look: Look
  readonly offers: Offers
  readonly phaseSchedules: PhaseSchedules
  readonly stripePrices: StripePrices
  readonly subscriptions: Subscriptions
  readonly subscriptionSync: Sync<StripeSubscription>
}

export type CarryOut = ReturnType<typeof createCarryOut>

/**
 * What a change of plan does in Stripe. Each step is keyed by the change and may be repeated; what Stripe then has is
 * looked at as if its event had come, and that alone puts the subscription on the new plan.
 */
export function createCarryOut(deps: CarryOutDeps) {
  const { accounts, catalog, changes, connections, database, dueDates, here } = deps
  const { invoiceSync, look, offers, phaseSchedules, stripePrices } = deps
  const { subscriptions, subscriptionSync } = deps

  async function save(mode: Mode, change: PlanChange, update: ChangeUpdate): Promise<void> {
    const customer = await accounts.get(mode, change.customerId)
    await changes.update(database.db, mode, change.id, update, accounts.now(customer))
  }

  async function stripeIdOf({ scope }: Connected, change: PlanChange): Promise<string> {
    const stripeId = await connections.externalId(scope, 'subscription', change.subscriptionId)
    if (stripeId === undefined) {
      throw new AppError('stripe_object_missing', { message: 'The subscription is not in Stripe.' })
    }
    return stripeId
  }

  async function applyNow(connected: Connected, change: PlanChange, offer: Offer): Promise<void> {
    const { mode } = connected.scope
    const { api } = connected
    const subscription = await subscriptions.get(mode, change.subscriptionId)
    const target = await catalog.getVersion(mode, change.targetVersionId)
    const request = await offers.stripeRequest(connected, subscription, target, offer)
    if (!isAsking(request.change)) return
    const itemId = request.credit === null ? null : await addCredit()
    try {
      const { subscription: stripe, invoice } = await api.subscriptionChanges.apply(
        request.stripeId,
        request.change,
        change.id,
      )
      await remember(mode, change, stripe, invoice)
    } catch (error) {
      if (isRefusal(error) && itemId !== null) await api.invoiceItems.remove(itemId)
      throw error
    }

    async function addCredit(): Promise<string> {
      const { credit } = request
      const stripeCustomerId = await connections.externalId(
        connected.scope,
        'customer',
        change.customerId,
      )
      if (credit === null || stripeCustomerId === undefined) throw new AppError('internal', {})
      const line = {
        ...credit,
        stripeCustomerId,
        stripeInvoiceId: null,
        stripeSubscriptionId: request.stripeId,
        itemId: change.id,
      }
      return api.invoiceItems.create(line, `${change.id}:credit`)
    }
  }

  async function remember(
    mode: Mode,
    change: PlanChange,
    stripe: StripeSubscription,
    invoice: StripeInvoice | null,
  ): Promise<void> {
    const { pendingUpdateExpiresAt } = stripe
    const isOfChange = invoice?.reason === 'subscription_update'
    const stripeInvoiceId = isOfChange ? invoice.id : null
    if (pendingUpdateExpiresAt === null) return save(mode, change, { stripeInvoiceId })
    await save(mode, change, {
      state: 'awaiting_payment',
      stripeInvoiceId,
      paymentUrl: invoice?.hostedUrl ?? null,
      expiresAt: pendingUpdateExpiresAt,
    })
  }

  async function scheduleInStripe(connected: Connected, change: PlanChange): Promise<void> {
    const { mode } = connected.scope
    const { api, scope } = connected
    const stripeId = await stripeIdOf(connected, change)
    const subscription = await subscriptions.get(mode, change.subscriptionId)
    const { currency } = subscription
    const target = await catalog.getVersion(mode, change.targetVersionId)
    const phase = phaseInStripe(target.definition, change.quote.after)
    const addOns = await catalog.held(mode, addOnsAfter(change, subscription))
    const prices = await stripePrices.of(scope, { version: target, phase, addOns }, currency)
    const stripe = await api.subscriptions.find(stripeId)
    const { items = [], discountIds = [] } = stripe ?? {}
    if (stripe !== undefined) {
      await stripePrices.wake(connected, await changes.knownItems(connected, stripe, database.db))
    }
    const phases = schedulePhases(
      { items, discountIds, collection: collectionIn(stripe) },
      [{ startsAt: change.effectiveAt, prices: prices.filter(({ isOnce }) => !isOnce) }],
      await dueDates.ofPlan(mode, target.definition),
    )
    const stripeScheduleId = await api.subscriptionChanges.schedule(stripeId, phases, change.id)
    await save(mode, change, { state: 'scheduled', stripeScheduleId })
  }

  /** Other terms of the same plan: Stripe hears of them in the last day before they count. */
  async function isAhead(mode: Mode, { customerId, effectiveAt, startsBy }: PlanChange) {
    const now = accounts.now(await accounts.get(mode, customerId))
    return startsBy === 'override' && effectiveAt - now > SCHEDULED_AHEAD_MS
  }

  async function leaveStripe(connected: Connected, change: PlanChange): Promise<void> {
    const stripeId = await stripeIdOf(connected, change)
    const key = `${change.id}:leave`
    if (change.quote.timing === 'immediate') {
      await connected.api.subscriptions.cancelNow(stripeId, key)
      await look(connected.scope.mode, subscriptionSync, stripeId)
      return
    }
    await connected.api.subscriptions.scheduleCancel(stripeId, change.effectiveAt, key)
    await save(connected.scope.mode, change, { state: 'scheduled' })
    await look(connected.scope.mode, subscriptionSync, stripeId)
  }

  return {
    /** `offer` is what the change was confirmed as. Throws when Stripe refuses; the change has failed then. */
    async run(mode: Mode, change: PlanChange, offer: Offer): Promise<void> {
      const connected = await connections.stripe(mode)
      const isAtEnd = change.quote.timing === 'at_period_end'
      if (change.way === 'in_stripe' && isAtEnd && (await isAhead(mode, change))) {
        return save(mode, change, { state: 'scheduled' })
      }
      const subscription = await subscriptions.get(mode, change.subscriptionId)
      try {
        await phaseSchedules.aside(subscription, () =>
          change.way !== 'in_stripe'
            ? leaveStripe(connected, change)
            : isAtEnd
              ? scheduleInStripe(connected, change)
              : applyNow(connected, change, offer),
        )
      } catch (error) {
        if (isRefusal(error)) await save(mode, change, { state: 'failed', error: error.message })
        throw error
      }
      if (change.way === 'in_stripe' && !isAtEnd) await this.followUp(mode, change)
    },

    /** Looks at what became of it, and takes off what the old plan left behind. */
    async followUp(mode: Mode, { id }: PlanChange): Promise<void> {
      const before = await changes.find(mode, id)
      if (before === undefined) return
      if (before.way === 'here' && before.state !== 'executing') return here.followUp(mode, id)
      const connected = await connections.stripe(mode)
      const stripeId = await stripeIdOf(connected, before)
      await look(mode, subscriptionSync, stripeId)
      const change = await changes.find(mode, id)
      if (change?.stripeInvoiceId) await look(mode, invoiceSync, change.stripeInvoiceId)
      if (change?.hasLooseEnds === true) await this.tidy(connected, change, stripeId)
    },

    async tidy({ api, scope }: Connected, change: PlanChange, stripeId: string): Promise<void> {
      const { mode } = scope
      const stripe = await api.subscriptions.find(stripeId)
      if (stripe === undefined || stripe.endedAt !== null) {
        return save(mode, change, { hasLooseEnds: false })
      }
      if (stripe.scheduleId !== null && stripe.scheduleId === change.stripeScheduleId) {
        await api.subscriptionChanges.release(stripe.scheduleId)
      }
      const target = await catalog.getVersion(mode, change.targetVersionId)
      const phase = phaseInStripe(target.definition, change.quote.after)
      // Where only add-ons change, the usage prices of the plan stay.
      const items =
        change.startsBy === null
          ? []
          : decideTidying(
              await changes.knownItems({ api, scope }, stripe, database.db),
              await stripePrices.of(scope, { version: target, phase }, stripe.currency),
              change.quote.timing === 'immediate',
              change.startsBy !== 'change',
            )
      if (items.length > 0) {
        await api.subscriptionChanges.swapUsagePrices(stripeId, items, `${change.id}:usage`)
        await look(mode, subscriptionSync, stripeId)
      }
      await save(mode, change, { hasLooseEnds: false })
    },

    /** Terms that are scheduled here reach Stripe before the period ends. */
    async schedule(mode: Mode, change: PlanChange): Promise<void> {
      const connected = await connections.stripe(mode)
      const subscription = await subscriptions.get(mode, change.subscriptionId)
      await phaseSchedules.aside(subscription, () => scheduleInStripe(connected, change))
    },

    /** Takes a scheduled change back, or one that nobody has paid for. */
    async takeBack(mode: Mode, change: PlanChange): Promise<void> {
      if (change.way === 'here' && change.state === 'awaiting_payment') {
        return here.giveUp(mode, change)
      }
      // Terms of the same plan that Stripe has not heard of are nothing to take back there.
      if (change.way === 'here' && change.startsBy === 'override') return
      const { engine } = await subscriptions.get(mode, change.subscriptionId)
      if (engine !== 'stripe_subscription') return
      const connected = await connections.stripe(mode)
      const stripeId = await stripeIdOf(connected, change)
      const { api } = connected
      if (change.way !== 'in_stripe') {
        await api.subscriptions.scheduleCancel(stripeId, null, `${change.id}:stay`)
      } else if (change.stripeScheduleId !== null) {
        await api.subscriptionChanges.release(change.stripeScheduleId)
      } else if (change.stripeInvoiceId !== null) {
        await api.invoices.abandon(change.stripeInvoiceId)
        await look(mode, invoiceSync, change.stripeInvoiceId)
      }
      await look(mode, subscriptionSync, stripeId)
    },
  }
}

/** Usage prices alone are exchanged once it has taken effect. */
function isAsking(change: StripeChange): boolean {
  const { items, oneTimePriceIds, endsTrial, resetsAnchor, collection } = change
  const isOther = items.length > 0 || oneTimePriceIds.length > 0 || collection !== null
  return isOther || endsTrial || resetsAnchor
}

/** Stripe understood and said no; anything else may have happened after all. */
function isRefusal(error: unknown): error is AppError {
  return (
    error instanceof AppError &&
    (error.code === 'stripe_rejected' ||
      error.code === 'card_declined' ||
      error.code === 'stripe_object_missing')
  )
}
