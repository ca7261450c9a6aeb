import { newId } from '../../kit/id.ts'
import { SECOND_MS, type Instant } from '../../kit/instant.ts'
import type { Period } from '../../kit/period.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { StripeSubscription } from '../../stripe/subscriptions.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import { stripeCaller } from '../audit/caller.ts'
import type { PlanVersion } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { StripeCustomers } from '../connections/stripe-customers.service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import { APPLIED, type Sync, type SyncResult } from '../webhooks/sync.ts'
import { applyStripeState, isKnownStatus } from './from-stripe.ts'
import { blank, type Lifecycles } from './lifecycle.service.ts'
import type { Stays } from './stays/service.ts'
import * as store from './store.ts'
import type { Subscription } from './subscription.ts'

interface SubscriptionSyncDeps {
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly connections: Connections
  readonly stripeCustomers: StripeCustomers
  readonly lifecycles: Lifecycles
  readonly stays: Stays
  readonly accessChanges: AccessChanges
  readonly log: Log
}

/** Mirrors a Stripe subscription: makes ours when it is new, follows it afterwards. */
export function createSubscriptionSync(deps: SubscriptionSyncDeps): Sync<StripeSubscription> {
  const { accounts, catalog, connections, stripeCustomers, lifecycles, stays, accessChanges, log } =
    deps

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
    const known = await connections.entityId(scope, 'subscription', stripe.id, tx)
    const subscription =
      known === undefined
        ? await begin(tx, connected, customer, stripe)
        : await store.find(tx, mode, known)
    if (subscription === undefined) return { kind: 'parked', why: 'no plan belongs to its prices' }
    if (subscription.providerTicket > ticket) return APPLIED

    const now = accounts.now(customer)
    const followed = await followPlan(tx, connected, subscription, stripe)
    const after = { ...applyStripeState(followed, stripe), providerTicket: ticket }
    await store.update(tx, after, now)
    await followTimes(tx, after, stripe)
    await mirrorPeriod(tx, after, stripe.currentPeriod, now)
    await accessChanges.announce(tx, { mode, customerId })
    if (subscription.endsAt === null && after.endsAt !== null) {
      await lifecycles.applyEnd(tx, stripeCaller(mode), customer, after)
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
    const intent = await store.findIntent(tx, mode, stripe.metadata['farebox_intent'] ?? '')
    const isOurs = intent !== undefined && intent.customerId === customer.id
    const version = isOurs
      ? await catalog.getVersion(mode, intent.planVersionId, tx)
      : await versionOfPrices(tx, connected, stripe)
    if (version === undefined) return undefined

    const id = newId('subscription', accounts.now(customer))
    const subscription = blank(customer, version, stripe.currency, id, stripe.startsAt)
    await accounts.fixCurrency(tx, customer, stripe.currency)
    await lifecycles.start(tx, stripeCaller(mode), subscription, version)
    await connections.map(tx, connected.scope, {
      entityKind: 'subscription',
      entityId: id,
      externalId: stripe.id,
      metadata: {},
    })
    if (isOurs)
      await store.updateIntent(tx, mode, intent.id, { state: 'completed', subscriptionId: id })
    return subscription
  }

  /** Someone changed the price in Stripe: the plan follows it. */
  async function followPlan(
    tx: Db,
    connected: Connected,
    subscription: Subscription,
    stripe: StripeSubscription,
  ): Promise<Subscription> {
    const version = await versionOfPrices(tx, connected, stripe)
    if (version === undefined || version.planKey === subscription.planKey) return subscription
    return { ...subscription, planKey: version.planKey, planVersionId: version.id }
  }

  /** The anchor and the end of a trial are Stripe's; so is the end of it all. */
  async function followTimes(
    tx: Db,
    { mode, id, endsAt, startsAt }: Subscription,
    { billingAnchor, trialEndsAt }: StripeSubscription,
  ): Promise<void> {
    await stays.follow(tx, mode, id, {
      // An anchor that lies ahead begins the paid periods of a trial or of the calendar; the plan says so itself.
      billingAnchor: billingAnchor <= startsAt ? billingAnchor : null,
      phaseEndsAt: trialEndsAt,
    })
    await stays.end(tx, mode, id, endsAt)
  }

  async function versionOfPrices(
    tx: Db,
    { scope }: Connected,
    stripe: StripeSubscription,
  ): Promise<PlanVersion | undefined> {
    for (const { priceId } of stripe.items) {
      const entityId = await connections.entityId(scope, 'rate_card', priceId, tx)
      const [planKey] = entityId?.split('/') ?? []
      const version = planKey && (await catalog.findActive(scope.mode, planKey, tx))
      if (version) return version
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
    if (open !== undefined && period.startsAt < open.endsAt) {
      await store.updatePeriod(tx, mode, open.id, period)
      return
    }
    if (open !== undefined) await store.updatePeriod(tx, mode, open.id, { state: 'closing' })
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

function strangerOf(stripe: StripeSubscription): SyncResult {
  return stripe.metadata['farebox_customer'] === undefined
    ? { kind: 'ignored', why: 'the customer is none of ours' }
    : { kind: 'parked', why: 'the customer is not known yet' }
}
