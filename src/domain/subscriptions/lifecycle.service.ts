import { AppError, notFound } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import { type Instant, SECOND_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { boundary, duration, type Period } from '../../kit/period.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import { type EndPolicy, firstPaidPhase, type PlanVersion } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import type { Keys } from '../keys/service.ts'
import type { Settings } from '../settings/service.ts'
import type { Trials } from '../trials/service.ts'
import { trialEnd } from './decide-subscribe.ts'
import { createPeriods } from './periods.service.ts'
import type { Stays } from './stays/service.ts'
import * as store from './store.ts'
import {
  collectionOf,
  effectiveEnd,
  isWithoutCharges,
  type PaymentStatus,
  type Subscription,
} from './subscription.ts'

interface LifecyclesDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly catalog: Catalog
  readonly keys: Keys
  readonly settings: Settings
  readonly stays: Stays
  readonly trials: Trials
  readonly accessChanges: AccessChanges
}

export interface OwnStart {
  readonly id: string
  readonly currency: string
  readonly billingAnchor: Instant
  /** The first one, a part of a whole where periods follow the calendar. */
  readonly period: Period
  /** Where it begins; the trial is left out for who has had one. */
  readonly phaseKey: string
}

type EndHook = (tx: Db, ended: Subscription) => Promise<void>

export type Lifecycles = ReturnType<typeof createLifecycles>

/** Starting, rolling over and ending subscriptions: what Stripe's reports and our own clock both lead to. */
export function createLifecycles(deps: LifecyclesDeps) {
  const { database, accounts, audit, catalog, keys, settings, stays, trials, accessChanges } = deps
  const periods = createPeriods({ catalog })
  const endHooks: EndHook[] = []

  /** Writes a subscription whose row does not exist yet, with its first period and its key. */
  async function start(
    tx: Db,
    caller: Caller,
    subscription: Subscription,
    version: PlanVersion,
  ): Promise<void> {
    const { mode, customerId } = subscription
    const replaced = await makeRoom(tx, subscription)
    await store.insert(tx, subscription)
    await stays.begin(tx, mode, {
      subscriptionId: subscription.id,
      planVersionId: version.id,
      startingPhaseKey: startingPhase(subscription, version),
      startsAt: subscription.startsAt,
      startsBy: 'subscribe',
      feesFrom: null,
      billingAnchor: null,
      usageAnchor: null,
      phaseEndsAt: subscription.trialEndsAt,
      isOpenedHere: false,
      overrides: subscription.overrides,
    })
    if (replaced === undefined) {
      await keys.issueSealed(tx, caller, {
        customerId,
        subscriptionId: subscription.id,
        name: version.definition.name,
      })
    } else {
      await keys.rebind(tx, mode, replaced.id, subscription.id)
    }
    if (subscription.trialEndsAt !== null) {
      const { id: subscriptionId, startsAt: redeemedAt } = subscription
      await trials.redeem(tx, mode, { customerId, subscriptionId, redeemedAt })
    }
    await accounts.reinstateIn(tx, caller, customerId, 'subscription_deleted')
    await accessChanges.announce(tx, { mode, customerId })
    await audit.record(
      tx,
      caller,
      describe('subscription.created', subscription, { plan: version.planKey }),
    )
  }

  /**
   * An ended subscription that nobody closed yet must not stand in the way of the next one. Neither must one that costs
   * nothing: what was bought takes its place, and its keys with it.
   */
  async function makeRoom(
    tx: Db,
    { mode, customerId, startsAt }: Subscription,
  ): Promise<Subscription | undefined> {
    const open = await store.findOpen(tx, mode, customerId)
    if (open === undefined) return undefined
    const end = effectiveEnd(open)
    if (end !== null && end <= startsAt) {
      await store.update(tx, { ...open, endsAt: end, closedAt: end }, startsAt)
      return undefined
    }
    if (!isWithoutCharges(open)) throw new AppError('has_subscription', { plan: open.planKey })
    const at = Math.max(startsAt, open.startsAt)
    const ended = { ...open, endsAt: at, closedAt: at, endReason: 'replaced' }
    await store.update(tx, ended, at)
    await stays.end(tx, mode, open.id, at)
    await periods.closeOpenPeriod(tx, open, at)
    return open
  }

  /** What the end of a subscription means for its customer; called once, in the transaction that ends it. */
  async function applyEnd(
    tx: Db,
    caller: Caller,
    customer: Customer,
    ended: Subscription,
    /** The plan it was left for. */
    successor?: PlanVersion,
  ): Promise<void> {
    const { mode } = ended
    for (const hook of endHooks) await hook(tx, ended)
    await audit.record(
      tx,
      caller,
      describe('subscription.ended', ended, { reason: ended.endReason }),
    )
    if (successor !== undefined) {
      const next = await startLocally(tx, caller, customer, successor, ended.currency)
      await keys.rebind(tx, mode, ended.id, next.id)
      return
    }
    const version = await catalog.getVersion(mode, ended.planVersionId, tx)
    const configured = await settings.get(mode, 'subscriptions.on_end', tx)
    const policy = version.definition.onSubscriptionEnd ?? (configured as EndPolicy)
    if (policy === 'suspend_customer') {
      await accounts.suspendIn(tx, caller, customer.id, 'subscription_deleted', null)
    }
    if (policy !== 'switch_to_default') return
    const fallback = await catalog.findDefault(mode, tx)
    if (fallback === undefined || fallback.planKey === ended.planKey) return
    // A plan that is not offered in the customer's currency is nothing to fall back to.
    if (!fallback.definition.currencies.includes(ended.currency)) return
    const next = await startLocally(tx, caller, customer, fallback, ended.currency)
    await keys.rebind(tx, mode, ended.id, next.id)
  }

  /** A subscription that nobody pays through Stripe: a free plan, or one invoiced outside. */
  async function startLocally(
    tx: Db,
    caller: Caller,
    customer: Customer,
    version: PlanVersion,
    currency: string,
  ): Promise<Subscription> {
    const now = accounts.now(customer)
    const startsAt = now - (now % SECOND_MS)
    const subscription: Subscription = {
      ...blank(customer, version, currency, newId('subscription', now), startsAt),
      engine: 'offline',
      collection: 'none',
      activatedAt: startsAt,
      paymentStatus: 'not_required',
    }
    await start(tx, caller, subscription, version)
    await store.insertPeriod(tx, customer.mode, {
      id: newId('period', now),
      subscriptionId: subscription.id,
      ordinal: 0,
      startsAt,
      endsAt: boundary(startsAt, duration(version.definition.billingCadence), 1),
      planVersionId: version.id,
      state: 'open',
      closedAt: null,
    })
    return subscription
  }

  return {
    start,
    startLocally,
    applyEnd,

    /** Called with every subscription that ends, in the transaction that ends it. */
    onEnd(hook: EndHook): void {
      endHooks.push(hook)
    },

    /** Ends a subscription that no Stripe subscription stands behind. The customer is locked. */
    endIn,

    /** A subscription whose periods are ours. Without anything to pay it gives access at once. */
    async startOwn(
      tx: Db,
      caller: Caller,
      customer: Customer,
      version: PlanVersion,
      { id, currency, billingAnchor, period, phaseKey }: OwnStart,
    ): Promise<Subscription> {
      const { startsAt } = period
      const subscription: Subscription = {
        ...blank(customer, version, currency, id, startsAt),
        collection: collectionOf(version.definition),
        phaseKey,
        trialEndsAt: trialFrom(version, phaseKey, startsAt),
        billingAnchor,
      }
      await start(tx, caller, subscription, version)
      await periods.openPeriod(tx, subscription, period, startsAt)
      return { ...subscription, currentPeriod: period }
    },

    /** What had to be paid first is paid, or there was nothing. */
    async activate(tx: Db, caller: Caller, subscription: Subscription): Promise<void> {
      const { mode, customerId, startsAt } = subscription
      const customer = await accounts.get(mode, customerId, tx)
      const isOwing = subscription.paymentStatus === 'pending'
      const paymentStatus = isOwing ? 'not_required' : subscription.paymentStatus
      const after = { ...subscription, activatedAt: startsAt, paymentStatus }
      await store.update(tx, after, accounts.now(customer))
      await accessChanges.announce(tx, { mode, customerId })
      await audit.record(tx, caller, describe('subscription.activated', after, {}))
    },

    /** Ends the open period where the next one begins. The customer is locked. */
    openPeriod: periods.openPeriod,
    closePeriod: periods.closeOpenPeriod,

    /** Rolls periods over and ends what is over, for one subscription that we bill ourselves. */
    async catchUp(caller: Caller, subscriptionId: string, customerId: string): Promise<void> {
      const { mode } = caller
      await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, customerId)
        const now = accounts.now(customer)
        const subscription = await store.find(tx, mode, subscriptionId)
        if (subscription === undefined || subscription.closedAt !== null) return
        const end = effectiveEnd(subscription)
        if (end !== null && end <= now) await endIn(tx, caller, customer, subscription, end)
        else await periods.rollOver(tx, subscription, now)
        await accessChanges.announce(tx, { mode, customerId })
      })
    },

    /** An invoice over periods that have ended is final: nothing more can be billed on it. */
    closeBilled: (tx: Db, mode: Mode, subscriptionId: string, until: Instant): Promise<void> =>
      store.closeEndedPeriods(tx, mode, subscriptionId, until),

    /** The invoices' verdict on a subscription. */
    async setPaymentStatus(
      tx: Db,
      mode: Mode,
      id: string,
      status: PaymentStatus,
      overdueSince: Instant | null,
    ): Promise<void> {
      const subscription = await store.find(tx, mode, id)
      if (subscription === undefined) throw notFound('subscription')
      const isSame =
        subscription.paymentStatus === status && subscription.overdueSince === overdueSince
      if (isSame) return
      const customer = await accounts.get(mode, subscription.customerId, tx)
      await store.update(
        tx,
        { ...subscription, paymentStatus: status, overdueSince },
        accounts.now(customer),
      )
      await accessChanges.announce(tx, { mode, customerId: subscription.customerId })
    },
  }

  async function endIn(
    tx: Db,
    caller: Caller,
    customer: Customer,
    subscription: Subscription,
    end: Instant,
    successor?: PlanVersion,
  ): Promise<void> {
    const { mode, id } = subscription
    const ended = { ...subscription, endsAt: end, closedAt: end, endReason: 'canceled' }
    await store.update(tx, ended, accounts.now(customer))
    await stays.end(tx, mode, id, end)
    await periods.closeOpenPeriod(tx, subscription, end)
    await applyEnd(tx, caller, customer, ended, successor)
    await accessChanges.announce(tx, { mode, customerId: customer.id })
  }
}

/** Where a subscription begins: with the trial, or behind it for who has had one. */
export function openingPhase({ definition }: PlanVersion, hasTrial: boolean): string {
  const phase = hasTrial ? definition.phases[0] : firstPaidPhase(definition)
  return phase?.key ?? 'default'
}

function trialFrom({ definition }: PlanVersion, phaseKey: string, at: Instant): Instant | null {
  const { phases } = definition
  return phaseKey === phases[0]?.key ? trialEnd(phases, at) : null
}

/** Null with the first phase, as the plan has it. */
function startingPhase({ phaseKey }: Subscription, { definition }: PlanVersion): string | null {
  return phaseKey === definition.phases[0]?.key ? null : phaseKey
}

/** A subscription with nothing decided yet but who, what and when. */
export function blank(
  customer: Customer,
  version: PlanVersion,
  currency: string,
  id: string,
  startsAt: Instant,
): Subscription {
  return {
    mode: customer.mode,
    id,
    customerId: customer.id,
    planKey: version.planKey,
    planVersionId: version.id,
    phaseKey: version.definition.phases[0]?.key ?? 'default',
    phaseStartsAt: startsAt,
    currency,
    engine: version.definition.engine,
    collection: 'charge_automatically',
    startsAt,
    activatedAt: null,
    trialEndsAt: null,
    pausedAt: null,
    resumesAt: null,
    resumingAt: null,
    cancelAt: null,
    cancelRequestedAt: null,
    endsAt: null,
    endReason: null,
    closedAt: null,
    billingAnchor: startsAt,
    usageAnchor: startsAt,
    paymentStatus: 'pending',
    overdueSince: null,
    providerStatus: null,
    providerTicket: 0n,
    accessOverride: null,
    overrides: {},
    addOns: [],
    metadata: {},
    currentPeriod: null,
    version: 1,
    createdAt: startsAt,
  }
}

function describe(action: string, { id, customerId }: Subscription, after: unknown) {
  return { action, targetKind: 'subscription', targetId: id, customerId, after }
}
