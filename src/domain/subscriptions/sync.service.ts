import { isDeepStrictEqual } from 'node:util'
import { newId } from '../../kit/id.ts'
import { SECOND_MS, type Instant } from '../../kit/instant.ts'
import type { Period } from '../../kit/period.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { StripeSubscription } from '../../stripe/subscriptions.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import { stripeCaller } from '../audit/caller.ts'
import { cardsOf, choiceOf, type HeldAddOn, isSameAddOn, keptWith } from '../catalog/add-ons.ts'
import { firstPaidPhase, isAddOn, type PlanVersion } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { StripeCustomers } from '../connections/stripe-customers.service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import { APPLIED, type Sync, type SyncResult } from '../webhooks/sync.ts'
import type { KnownItem } from './changes/arrival.ts'
import type { PlanChanges } from './changes/service.ts'
import { applyStripeState, isKnownStatus } from './from-stripe.ts'
import { blank, type Lifecycles, openingPhase } from './lifecycle.service.ts'
import { NO_OVERRIDES } from './overrides.ts'
import type { Moves } from './moves.service.ts'
import type { Pausing } from './pausing.service.ts'
import type { Purchases } from './purchases/service.ts'
import type { Stays } from './stays/service.ts'
import * as store from './store.ts'
import { effectiveEnd, type Subscription } from './subscription.ts'

interface SubscriptionSyncDeps {
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly changes: PlanChanges
  readonly connections: Connections
  readonly stripeCustomers: StripeCustomers
  readonly lifecycles: Lifecycles
  readonly moves: Moves
  readonly pausing: Pausing
  readonly purchases: Purchases
  readonly stays: Stays
  readonly accessChanges: AccessChanges
  readonly log: Log
  /** Told of every look at Stripe's, whatever it changes here. The customer is locked. */
  readonly onSeen: (tx: Db, after: Subscription, stripe: StripeSubscription) => Promise<void>
}

/** Mirrors a Stripe subscription: makes ours when it is new, follows it afterwards. */
export function createSubscriptionSync(deps: SubscriptionSyncDeps): Sync<StripeSubscription> {
  const { accounts, catalog, changes, connections, log } = deps
  const { stripeCustomers, lifecycles, moves, pausing, purchases, stays, accessChanges } = deps

  async function apply(
    tx: Db,
    connected: Connected,
    stripe: StripeSubscription,
    ticket: bigint,
  ): Promise<SyncResult> {
    const { scope } = connected
    const { mode } = scope
    const customerId = await stripeCustomers.find(connected, stripe.stripeCustomerId, tx)
    if (customerId === undefined) return strangerOf(stripe)
    const customer = await accounts.lock(tx, mode, customerId)
    if (!isKnownStatus(stripe.status)) {
      log.error('stripe.status_unknown', { stripeSubscriptionId: stripe.id, status: stripe.status })
    }
    const known =
      (await connections.entityId(scope, 'subscription', stripe.id, tx)) ??
      (await changes.enteredBy(tx, connected, stripe))
    const isLeft =
      known === undefined && (await changes.subscriptionOf(connected, stripe.id, tx)) !== undefined
    if (isLeft) return { kind: 'ignored', why: 'its plan was left for another' }
    // What is not paid for yet does not take the place of what there is.
    if (known === undefined && stripe.status === 'incomplete') {
      const open = await store.findOpen(tx, mode, customerId)
      if (open !== undefined && effectiveEnd(open) === null)
        return { kind: 'ignored', why: 'it waits for its first payment' }
    }
    const subscription =
      known === undefined
        ? await begin(tx, connected, customer, stripe)
        : await store.find(tx, mode, known)
    if (subscription === undefined) return { kind: 'parked', why: 'no plan belongs to its prices' }
    if (subscription.providerTicket > ticket) return APPLIED
    if (await changes.goOn(tx, customer, subscription, stripe)) return APPLIED

    const now = accounts.now(customer)
    const changed = await changes.follow(tx, connected, customer, subscription, stripe)
    const followed =
      changed === 'none' ? await followPlan(tx, connected, customer, subscription, stripe) : changed
    // What Stripe ends at a date because we go on there without it is no cancellation.
    const leavesAt = await changes.leavesStripeAt(mode, subscription.id, tx)
    const state = applyStripeState(followed, stripe)
    const cancelAt = leavesAt !== null && leavesAt === state.cancelAt ? null : state.cancelAt
    const seen = { ...state, cancelAt, providerTicket: ticket }
    const told = await followPause(tx, customer, followed, seen)
    await followTimes(tx, told, stripe)
    const after = await moves.enterPhase(tx, customer, told)
    // The version is what a quote is bound to: hearing the same again changes nothing.
    if (isSame(subscription, after)) await store.noteTicket(tx, after)
    else await store.update(tx, after, now)
    await mirrorPeriod(tx, after, stripe.currentPeriod, now)
    await deps.onSeen(tx, after, stripe)
    await accessChanges.announce(tx, { mode, customerId })
    if (subscription.endsAt === null && after.endsAt !== null) {
      const successor = await changes.successorOf(tx, customer, after)
      await lifecycles.applyEnd(tx, stripeCaller(mode), customer, after, successor)
    }
    return APPLIED
  }

  /** The first sight of a Stripe subscription, usually out of a Checkout that we started. */
  async function begin(
    tx: Db,
    connected: Connected,
    customer: Customer,
    stripe: StripeSubscription,
  ): Promise<Subscription | undefined> {
    const { mode } = customer
    const intent = await purchases.find(mode, stripe.metadata['farebox_intent'] ?? '', tx)
    const isOurs = intent !== undefined && intent.customerId === customer.id
    const version = isOurs
      ? await catalog.getVersion(mode, intent.planVersionId, tx)
      : await versionOfPrices(tx, connected, stripe)
    if (version === undefined) return undefined

    const id = newId('subscription', accounts.now(customer))
    const subscription = {
      ...blank(customer, version, stripe.currency, id, stripe.startsAt),
      trialEndsAt: stripe.trialEndsAt,
      phaseKey: openingPhase(version, stripe.trialEndsAt !== null),
    }
    await accounts.fixCurrency(tx, customer, stripe.currency)
    await lifecycles.start(tx, stripeCaller(mode), subscription, version)
    await connections.map(tx, connected.scope, {
      entityKind: 'subscription',
      entityId: id,
      externalId: stripe.id,
      metadata: {},
    })
    if (isOurs)
      await purchases.complete(tx, mode, intent.id, {
        subscriptionId: id,
        startsAt: stripe.startsAt,
      })
    return subscription
  }

  /** Somebody changed the prices in Stripe: the plan follows them, from when it was seen. */
  async function followPlan(
    tx: Db,
    connected: Connected,
    customer: Customer,
    subscription: Subscription,
    stripe: StripeSubscription,
  ): Promise<Subscription> {
    const { mode, billingAnchor, usageAnchor } = subscription
    const items = await changes.knownItems(connected, stripe, tx)
    if (items.some(({ entityId }) => isOfPlan(entityId, subscription.planKey))) {
      return followAddOns(tx, customer, subscription, items)
    }
    const version = await versionOfPrices(tx, connected, stripe)
    const phase = version && firstPaidPhase(version.definition)
    if (version === undefined || phase === undefined) return subscription
    const now = accounts.now(customer)
    return moves.moveTo(tx, stripeCaller(mode), subscription, version, {
      at: Math.max(now - (now % SECOND_MS), subscription.startsAt),
      phaseKey: phase.key,
      phaseEndsAt: null,
      overrides: NO_OVERRIDES,
      billingAnchor,
      usageAnchor,
      feesFrom: null,
      addOns: keptWith(await catalog.held(mode, subscription.addOns, tx), version).map(choiceOf),
      startsBy: 'change',
      isOpenedHere: false,
    })
  }

  /** Somebody changed add-ons in Stripe: ours follow, from when it was seen. What costs nothing has no price there. */
  async function followAddOns(
    tx: Db,
    customer: Customer,
    subscription: Subscription,
    items: readonly KnownItem[],
  ): Promise<Subscription> {
    const { mode, planKey } = subscription
    const held = await catalog.held(mode, subscription.addOns, tx)
    const seen = new Map<string, HeldAddOn>()
    for (const { entityId, quantity, isMetered } of items) {
      const [key] = entityId?.split('/') ?? []
      if (key === undefined || key === planKey || isMetered) continue
      const known = held.find(({ version }) => version.planKey === key)
      const version = known?.version ?? (await catalog.findActive(mode, key, tx))
      if (version !== undefined && isAddOn(version)) seen.set(key, { version, quantity })
    }
    const now = [...held.filter((each) => !isInStripe(each)), ...seen.values()]
    if (areSameAddOns(now, held)) return subscription
    const at = accounts.now(customer)
    const since = Math.max(at - (at % SECOND_MS), subscription.startsAt)
    return moves.putAddOns(tx, stripeCaller(mode), subscription, now.map(choiceOf), since)
  }

  /** A pause begins when Stripe says; it ends where it was asked to, which is what Stripe charges from. */
  async function followPause(
    tx: Db,
    customer: Customer,
    before: Subscription,
    seen: Subscription,
  ): Promise<Subscription> {
    const caller = stripeCaller(seen.mode)
    if (before.pausedAt === null && seen.pausedAt !== null) {
      await pausing.enter(tx, caller, seen, seen.pausedAt)
    }
    if (before.pausedAt === null || seen.pausedAt !== null || seen.endsAt !== null) return seen
    const now = accounts.now(customer)
    const at = before.resumingAt ?? now - (now % SECOND_MS)
    return { ...seen, ...(await pausing.leave(tx, caller, customer, before, at)) }
  }

  /** The anchor and the end of a trial are Stripe's; so is the end of it all. */
  async function followTimes(
    tx: Db,
    { mode, id, endsAt }: Subscription,
    { billingAnchor, trialEndsAt }: StripeSubscription,
  ): Promise<void> {
    await stays.follow(tx, mode, id, { billingAnchor, trialEndsAt })
    await stays.end(tx, mode, id, endsAt)
  }

  async function versionOfPrices(
    tx: Db,
    connected: Connected,
    stripe: StripeSubscription,
  ): Promise<PlanVersion | undefined> {
    const items = await changes.knownItems(connected, stripe, tx)
    // The fee tells what was bought; two plans may count the same usage.
    for (const { entityId } of items.toSorted(
      (a, b) => Number(a.isMetered) - Number(b.isMetered),
    )) {
      const [planKey] = entityId?.split('/') ?? []
      const version = planKey && (await catalog.findActive(connected.scope.mode, planKey, tx))
      if (version && !isAddOn(version)) return version
    }
    return undefined
  }

  /** Stripe's periods are the periods; ours follow, and the one that ended waits for its usage to be handed over. */
  async function mirrorPeriod(
    tx: Db,
    { mode, id, planVersionId, endsAt }: Subscription,
    period: Period,
    now: Instant,
  ): Promise<void> {
    const open = await store.openPeriod(tx, mode, id)
    if (endsAt !== null) {
      if (open === undefined) return
      const end = Math.max(endsAt, open.startsAt + SECOND_MS)
      await store.updatePeriod(tx, mode, open.id, { state: 'closing', endsAt: end })
      return
    }
    const isInside = open !== undefined && period.startsAt < open.endsAt
    // Of one that we opened, and Stripe's subscription came to later, only the end is the same.
    if (isInside && period.startsAt > open.startsAt && period.endsAt === open.endsAt) return
    if (isInside && period.startsAt <= open.startsAt) {
      await store.updatePeriod(tx, mode, open.id, period)
      return
    }
    if (open !== undefined) {
      // A period that begins within the open one is a new anchor: it ends what there was.
      const endsAt = Math.min(open.endsAt, Math.max(period.startsAt, open.startsAt + SECOND_MS))
      await store.updatePeriod(tx, mode, open.id, { state: 'closing', endsAt })
    }
    const [latest] = await store.listPeriods(tx, mode, id)
    await store.insertPeriod(tx, mode, {
      id: newId('period', now),
      subscriptionId: id,
      ordinal: (latest?.ordinal ?? -1) + 1,
      ...period,
      planVersionId,
      state: 'open',
      closedAt: null,
    })
  }

  return {
    fetch: ({ api }, objectId) => api.subscriptions.find(objectId),
    apply,
  }
}

function isSame(before: Subscription, after: Subscription): boolean {
  return isDeepStrictEqual({ ...before, providerTicket: 0n }, { ...after, providerTicket: 0n })
}

function areSameAddOns(left: readonly HeldAddOn[], right: readonly HeldAddOn[]): boolean {
  return (
    left.length === right.length &&
    left.every((each) => right.some((other) => isSameAddOn(each, other)))
  )
}

function isInStripe({ version }: HeldAddOn): boolean {
  return cardsOf(version).some(({ prices }) => prices !== null)
}

function isOfPlan(entityId: string | null, planKey: string): boolean {
  return entityId?.startsWith(`${planKey}/`) === true
}

function strangerOf(stripe: StripeSubscription): SyncResult {
  return stripe.metadata['farebox_customer'] === undefined
    ? { kind: 'ignored', why: 'the customer is none of ours' }
    : { kind: 'parked', why: 'the customer is not known yet' }
}
