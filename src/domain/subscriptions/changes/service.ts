import { type Instant, MINUTE_MS } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { StripeSubscription } from '../../../stripe/subscriptions.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Accounts } from '../../accounts/service.ts'
import { stripeCaller, systemCaller } from '../../audit/caller.ts'
import type { Caller } from '../../audit/caller.ts'
import type { PlanVersion } from '../../catalog/plan.ts'
import type { Catalog } from '../../catalog/service.ts'
import type { Connected, Connections } from '../../connections/service.ts'
import type { Moves } from '../moves.service.ts'
import type { StripePrices } from '../stripe-prices.service.ts'
import { isWithoutCharges, type Subscription } from '../subscription.ts'
import { arrivalOf, type KnownItem } from './arrival.ts'
import { addOnsAfter, type PlanChange } from './plan-change.ts'
import * as store from './store.ts'
import { phaseInStripe } from './stripe-change.ts'

/** Stripe's clock may be that far ahead of ours. */
const CLOCK_SKEW_MS = MINUTE_MS

interface PlanChangesDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly connections: Connections
  readonly moves: Moves
  readonly stripePrices: StripePrices
}

/**
 * Takes over what Stripe has ended because it was left for a plan that Stripe does not bill. The customer is locked.
 */
export type TakeOver = (
  tx: Db,
  customer: Customer,
  subscription: Subscription,
  change: PlanChange,
) => Promise<void>

export type PlanChanges = ReturnType<typeof createPlanChanges>

/** Changes of plan as rows, and the moment one takes effect, whoever brings it about. Callers hold the customer's lock. */
export function createPlanChanges(deps: PlanChangesDeps) {
  const { database, accounts, catalog, connections, moves, stripePrices } = deps

  let takeOver: TakeOver = () => Promise.reject(new Error('Nobody takes over from Stripe'))

  /** The subscription is on the new plan from the change's instant on. */
  async function arrive(
    tx: Db,
    caller: Caller,
    customer: Customer,
    subscription: Subscription,
    change: PlanChange,
  ): Promise<Subscription> {
    const { mode } = subscription
    const { after } = change.quote
    const { effectiveAt: at, startsBy } = change
    const addOns = addOnsAfter(change, subscription)
    const now = accounts.now(customer)
    if (startsBy === null) {
      const changed = await moves.putAddOns(tx, caller, subscription, addOns, at)
      const hasLooseEnds = change.stripeScheduleId !== null
      const update = { state: 'applied', paymentUrl: null, hasLooseEnds } as const
      await store.update(tx, mode, change.id, update, now)
      return changed
    }
    const version = await catalog.getVersion(mode, change.targetVersionId, tx)
    // Other terms of the same plan leave it with whoever bills it.
    const isMoving = change.way === 'here' && startsBy !== 'override'
    const isHere = isMoving && !isWithoutCharges(subscription)
    const isOpenedHere = isHere && version.definition.engine === 'stripe_subscription'
    const isLeaving = isHere && subscription.engine === 'stripe_subscription'
    const leftStripeId = isLeaving
      ? ((await connections.release(tx, mode, 'subscription', subscription.id)) ?? null)
      : null
    const moved = await moves.moveTo(tx, caller, subscription, version, {
      ...after,
      at,
      startsBy,
      addOns,
      isOpenedHere,
    })
    await store.update(
      tx,
      mode,
      change.id,
      {
        state: 'applied',
        paymentUrl: null,
        leftStripeId,
        hasLooseEnds: change.way === 'in_stripe' || isOpenedHere || isLeaving,
      },
      now,
    )
    return moved
  }

  async function knownItems(
    { scope }: Connected,
    { items }: StripeSubscription,
    db: Db,
  ): Promise<KnownItem[]> {
    const known: KnownItem[] = []
    for (const { id, priceId, isMetered, quantity } of items) {
      const entityId = (await connections.entityId(scope, 'rate_card', priceId, db)) ?? null
      known.push({ itemId: id, priceId, entityId, isMetered, quantity })
    }
    return known
  }

  return {
    arrive,
    knownItems,
    insert: store.insert,
    update: store.update,
    find: (mode: Mode, id: string, db: Db = database.db) => store.find(db, mode, id),
    findOpen: (mode: Mode, subscriptionId: string, db: Db = database.db) =>
      store.findOpen(db, mode, subscriptionId),
    findTerms: (mode: Mode, subscriptionId: string, db: Db = database.db) =>
      store.findTerms(db, mode, subscriptionId),
    findByInvoice: (mode: Mode, invoiceId: string, db: Db = database.db) =>
      store.findByInvoice(db, mode, invoiceId),
    isUnsettled: (mode: Mode, subscriptionId: string, db: Db = database.db) =>
      store.isUnsettled(db, mode, subscriptionId),
    listLeaving: (mode: Mode, subscriptionId: string) =>
      store.listLeaving(database.db, mode, subscriptionId),
    listUnpaidHere: (mode: Mode, now: Instant, limit: number) =>
      store.listUnpaidHere(database.db, mode, now, limit),

    /** Who bills what is not billed by Stripe takes over what was. */
    takeOverBy(taker: TakeOver): void {
      takeOver = taker
    },

    /** Which subscription of ours one of Stripe's stands for, or stood for until the plan was changed. */
    async subscriptionOf(
      { scope }: Connected,
      stripeId: string,
      db: Db,
    ): Promise<string | undefined> {
      const current = await connections.entityId(scope, 'subscription', stripeId, db)
      return current ?? (await store.findByLeft(db, scope.mode, stripeId))?.subscriptionId
    },

    /** The subscription of ours that one of Stripe's was made for, by a change that it was the last step of. */
    async enteredBy(
      tx: Db,
      { scope }: Connected,
      stripe: StripeSubscription,
    ): Promise<string | undefined> {
      const change = await store.find(tx, scope.mode, stripe.metadata['farebox_change'] ?? '')
      if (change?.state !== 'applied' || stripe.endedAt !== null) return undefined
      const { subscriptionId: entityId } = change
      const known = await connections.externalId(scope, 'subscription', entityId, tx)
      if (known !== undefined) return undefined
      const mapping = { entityKind: 'subscription' as const, entityId, externalId: stripe.id }
      await connections.map(tx, scope, { ...mapping, metadata: {} })
      return entityId
    },

    /** A subscription that we bill is left by then for one that costs nothing. */
    async isLeftBy(mode: Mode, subscriptionId: string, at: Instant, db: Db): Promise<boolean> {
      const change = await store.findOpen(db, mode, subscriptionId)
      const isScheduled = change?.state === 'scheduled' && change.way === 'leave'
      return isScheduled && change.effectiveAt <= at
    },

    /** When Stripe's subscription ends because the plan is changed to one that it does not bill. */
    async leavesStripeAt(
      mode: Mode,
      subscriptionId: string,
      db: Db = database.db,
    ): Promise<Instant | null> {
      const change = await store.findOpen(db, mode, subscriptionId)
      const isLeaving = change?.way === 'here' && change.quote.timing === 'at_period_end'
      return isLeaving ? change.effectiveAt : null
    },

    /** Stripe has ended what was left for a plan that it does not bill: the subscription goes on without it. */
    async goOn(
      tx: Db,
      customer: Customer,
      subscription: Subscription,
      { endedAt }: StripeSubscription,
    ): Promise<boolean> {
      const change = await store.findOpen(tx, subscription.mode, subscription.id)
      const isScheduled = change?.state === 'scheduled' && change.way === 'here'
      if (!isScheduled || endedAt === null || endedAt < change.effectiveAt) return false
      await takeOver(tx, customer, subscription, change)
      return true
    },

    listUnfinished: (mode: Mode, before: number, limit: number) =>
      store.listUnfinished(database.db, mode, before, limit),
    listDueHere: (mode: Mode, now: number, limit: number) =>
      store.listDueHere(database.db, mode, now, limit),
    listOverridesEnding: (mode: Mode, limit: number) =>
      store.listOverridesEnding(database.db, mode, limit),
    listToSchedule: (mode: Mode, until: Instant, limit: number) =>
      store.listToSchedule(database.db, mode, until, limit),
    nextToSchedule: (mode: Mode, after: Instant) => store.nextToSchedule(database.db, mode, after),
    removeQuotes: (mode: Mode, before: number) => store.removeQuotes(database.db, mode, before),

    /** A period of ours ends: what was scheduled for then takes effect before the next one is opened. */
    async arriveBy(
      tx: Db,
      customer: Customer,
      subscription: Subscription,
      at: Instant,
    ): Promise<Subscription> {
      const change = await store.findOpen(tx, subscription.mode, subscription.id)
      const isDue = change?.state === 'scheduled' && change.way === 'here'
      if (!isDue || change.effectiveAt > at) return subscription
      return arrive(tx, systemCaller(subscription.mode), customer, subscription, change)
    },

    /** The subscription has ended. What was meant to take its place does; any other change is void. */
    async successorOf(
      tx: Db,
      customer: Customer,
      { mode, id }: Subscription,
    ): Promise<PlanVersion | undefined> {
      const change = await store.findOpen(tx, mode, id)
      if (change === undefined) return undefined
      const isSuccessor = change.way === 'leave'
      const now = accounts.now(customer)
      const state = isSuccessor ? 'applied' : 'canceled'
      await store.update(tx, mode, change.id, { state, paymentUrl: null }, now)
      const setAside = await store.findOpen(tx, mode, id)
      if (setAside !== undefined)
        await store.update(tx, mode, setAside.id, { state: 'canceled' }, now)
      return isSuccessor ? catalog.getVersion(mode, change.targetVersionId, tx) : undefined
    },

    /** Stripe's subscription was looked at: the change that is under way may have arrived, or failed to. */
    async follow(
      tx: Db,
      connected: Connected,
      customer: Customer,
      subscription: Subscription,
      stripe: StripeSubscription,
    ): Promise<Subscription | 'none'> {
      const { mode } = subscription
      const change = await store.findOpen(tx, mode, subscription.id)
      if (change === undefined) return 'none'
      const version: PlanVersion = await catalog.getVersion(mode, change.targetVersionId, tx)
      const phase = phaseInStripe(version.definition, change.quote.after)
      const items = await knownItems(connected, stripe, tx)
      const wanted =
        change.way === 'in_stripe'
          ? await stripePrices.of(
              connected.scope,
              {
                version,
                phase,
                addOns: await catalog.held(mode, addOnsAfter(change, subscription), tx),
              },
              subscription.currency,
              tx,
            )
          : []
      const recurring = wanted.filter(({ isOnce }) => !isOnce)
      const now = accounts.now(customer)
      const isDue = now >= change.effectiveAt - CLOCK_SKEW_MS
      const arrival = isDue ? arrivalOf(change, stripe, items, recurring) : 'waiting'
      if (arrival === 'arrived') {
        const { resetsAnchor } = change.quote
        const at = resetsAnchor ? stripe.billingAnchor : change.effectiveAt
        const after = { ...change.quote.after, ...(resetsAnchor && { billingAnchor: at }) }
        const arrived = { ...change, effectiveAt: at, quote: { ...change.quote, after } }
        return arrive(tx, stripeCaller(mode), customer, subscription, arrived)
      }
      if (arrival === 'gone') {
        const error = 'It was not paid for in time.'
        await store.update(tx, mode, change.id, { state: 'failed', error, paymentUrl: null }, now)
      }
      return subscription
    },
  }
}
