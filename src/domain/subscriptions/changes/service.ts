import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { StripeSubscription } from '../../../stripe/subscriptions.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Accounts } from '../../accounts/service.ts'
import { stripeCaller, systemCaller } from '../../audit/caller.ts'
import type { Caller } from '../../audit/caller.ts'
import { type PlanVersion, phaseOf } from '../../catalog/plan.ts'
import type { Catalog } from '../../catalog/service.ts'
import type { Connected, Connections } from '../../connections/service.ts'
import type { Moves } from '../moves.service.ts'
import type { StripePrices } from '../stripe-prices.service.ts'
import type { Subscription } from '../subscription.ts'
import { arrivalOf, type KnownItem } from './arrival.ts'
import type { PlanChange } from './plan-change.ts'
import * as store from './store.ts'

interface PlanChangesDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly connections: Connections
  readonly moves: Moves
  readonly stripePrices: StripePrices
}

export type PlanChanges = ReturnType<typeof createPlanChanges>

/** Changes of plan as rows, and the moment one takes effect, whoever brings it about. Callers hold the customer's lock. */
export function createPlanChanges(deps: PlanChangesDeps) {
  const { database, accounts, catalog, connections, moves, stripePrices } = deps

  /** The subscription is on the new plan from the change's instant on. */
  async function arrive(
    tx: Db,
    caller: Caller,
    customer: Customer,
    subscription: Subscription,
    change: PlanChange,
  ): Promise<Subscription> {
    const { mode } = subscription
    const version = await catalog.getVersion(mode, change.targetVersionId, tx)
    const { after } = change.quote
    const now = accounts.now(customer)
    const moved = await moves.moveTo(tx, caller, subscription, version, {
      ...after,
      at: change.effectiveAt,
      startsBy: change.startsBy,
    })
    await store.update(
      tx,
      mode,
      change.id,
      {
        state: 'applied',
        paymentUrl: null,
        hasLooseEnds: change.way === 'in_stripe',
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
    for (const { id, priceId, isMetered } of items) {
      const entityId = (await connections.entityId(scope, 'rate_card', priceId, db)) ?? null
      known.push({ itemId: id, priceId, entityId, isMetered })
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
    listUnfinished: (mode: Mode, before: number, limit: number) =>
      store.listUnfinished(database.db, mode, before, limit),
    listDueHere: (mode: Mode, now: number, limit: number) =>
      store.listDueHere(database.db, mode, now, limit),
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
      const isSuccessor = change.way === 'leave_stripe'
      const now = accounts.now(customer)
      const state = isSuccessor ? 'applied' : 'canceled'
      await store.update(tx, mode, change.id, { state, paymentUrl: null }, now)
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
      const phase = phaseOf(version.definition, change.quote.after.phaseKey)
      const items = await knownItems(connected, stripe, tx)
      const wanted =
        change.way === 'in_stripe'
          ? await stripePrices.of(connected.scope, version, phase, subscription.currency, tx)
          : []
      const recurring = wanted.filter(({ isOnce }) => !isOnce)
      const arrival = arrivalOf(change, stripe, items, recurring)
      if (arrival === 'arrived') {
        const { resetsAnchor } = change.quote
        const at = resetsAnchor ? stripe.billingAnchor : change.effectiveAt
        const after = { ...change.quote.after, ...(resetsAnchor && { billingAnchor: at }) }
        const arrived = { ...change, effectiveAt: at, quote: { ...change.quote, after } }
        return arrive(tx, stripeCaller(mode), customer, subscription, arrived)
      }
      if (arrival === 'gone') {
        const error = 'It was not paid for in time.'
        const now = accounts.now(customer)
        await store.update(tx, mode, change.id, { state: 'failed', error, paymentUrl: null }, now)
      }
      return subscription
    },
  }
}
