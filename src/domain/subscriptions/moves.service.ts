import type { Instant } from '../../kit/instant.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import { termsOfStays } from '../billing/history.ts'
import { termAt } from '../billing/terms.ts'
import { isFreePhase, phaseOf, type PlanVersion } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import type { AddOns } from './add-ons/service.ts'
import type { PlanChange } from './changes/plan-change.ts'
import type { SubscriptionOverrides } from './overrides.ts'
import type { Stays } from './stays/service.ts'
import * as store from './store.ts'
import {
  type AddOnChoice,
  collectionOf,
  isWithoutCharges,
  type Subscription,
} from './subscription.ts'

/** Where a subscription moves to, and what it is counted by from then on. */
export interface Move {
  readonly at: Instant
  readonly phaseKey: string
  /** When that phase ends, where that is not what its duration says. */
  readonly phaseEndsAt: Instant | null
  readonly billingAnchor: Instant
  readonly usageAnchor: Instant
  readonly feesFrom: Instant | null
  readonly addOns: readonly AddOnChoice[]
  readonly startsBy: NonNullable<PlanChange['startsBy']>
  readonly overrides: SubscriptionOverrides
  /** We bill the first period, and a subscription of Stripe's, which does not exist yet, those after it. */
  readonly isOpenedHere: boolean
}

const ACTIONS = {
  change: 'subscription.changed',
  migrate: 'subscription.migrated',
  override: 'subscription.overridden',
} as const

interface MovesDeps {
  readonly accounts: Accounts
  readonly addOns: AddOns
  readonly audit: Audit
  readonly catalog: Catalog
  readonly stays: Stays
  readonly accessChanges: AccessChanges
}

export type Moves = ReturnType<typeof createMoves>

/** A subscription that goes on under other terms: on another plan version, or in the next phase of its own. */
export function createMoves(deps: MovesDeps) {
  const { accounts, addOns, audit, catalog, stays, accessChanges } = deps

  /** The phase the subscription is in now: a trial that is over, an introductory price that has run out. */
  async function enterPhase(
    tx: Db,
    customer: Customer,
    subscription: Subscription,
  ): Promise<Subscription> {
    const { mode, id } = subscription
    const history = []
    for (const stay of await stays.list(mode, id, tx)) {
      history.push({ stay, version: await catalog.getVersion(mode, stay.planVersionId, tx) })
    }
    const term = termAt(termsOfStays(history, customer.timeZone, null), accounts.now(customer))
    if (term === undefined || term.phase.key === subscription.phaseKey) return subscription
    return { ...subscription, phaseKey: term.phase.key, phaseStartsAt: term.startsAt }
  }

  return {
    /** Puts a subscription on another plan version from an instant on. The customer is locked. */
    async moveTo(
      tx: Db,
      caller: Caller,
      subscription: Subscription,
      version: PlanVersion,
      move: Move,
    ): Promise<Subscription> {
      const { mode, id, customerId } = subscription
      const { at, phaseKey, usageAnchor, feesFrom, startsBy, isOpenedHere, overrides } = move
      await addOns.put(tx, mode, id, move.addOns, at)
      const phase = phaseOf(version.definition, phaseKey)
      // The paid periods are counted from a trial's end, wherever in it something is agreed.
      const isInTrial = startsBy === 'override' && isFreePhase(phase) && phase.duration !== null
      const planVersionId = version.id
      await stays.begin(tx, mode, {
        subscriptionId: id,
        planVersionId,
        startingPhaseKey: phaseKey,
        startsAt: at,
        startsBy,
        feesFrom,
        billingAnchor: isInTrial ? null : move.billingAnchor,
        usageAnchor,
        phaseEndsAt: move.phaseEndsAt,
        isOpenedHere,
        overrides,
      })
      const after: Subscription = {
        ...subscription,
        planKey: version.planKey,
        planVersionId,
        phaseKey,
        phaseStartsAt: at,
        billingAnchor: isInTrial ? subscription.billingAnchor : move.billingAnchor,
        usageAnchor,
        overrides,
        addOns: move.addOns,
        ...billedBy(subscription, version),
      }
      const customer = await accounts.get(mode, customerId, tx)
      await store.update(tx, after, accounts.now(customer))
      await accessChanges.announce(tx, { mode, customerId })
      const before = await catalog.getVersion(mode, subscription.planVersionId, tx)
      await audit.record(tx, caller, {
        action: ACTIONS[startsBy],
        targetKind: 'subscription',
        targetId: id,
        customerId,
        after: { plan: version.planKey, version: version.version, at, overrides },
        before: {
          plan: before.planKey,
          version: before.version,
          overrides: subscription.overrides,
        },
      })
      return after
    },

    /** Other add-ons from an instant on; the plan goes on as it is. The customer is locked. */
    async putAddOns(
      tx: Db,
      caller: Caller,
      subscription: Subscription,
      wanted: readonly AddOnChoice[],
      at: Instant,
    ): Promise<Subscription> {
      const { mode, id, customerId } = subscription
      await addOns.put(tx, mode, id, wanted, at)
      const after = { ...subscription, addOns: wanted }
      const customer = await accounts.get(mode, customerId, tx)
      await store.update(tx, after, accounts.now(customer))
      await accessChanges.announce(tx, { mode, customerId })
      await audit.record(tx, caller, {
        action: 'subscription.add_ons_changed',
        targetKind: 'subscription',
        targetId: id,
        customerId,
        before: { addOns: await namesOf(subscription, tx) },
        after: { addOns: await namesOf(after, tx), at },
      })
      return after
    },

    enterPhase,

    /** The same where no Stripe subscription says what else is new: it is written at once. */
    async followPhase(tx: Db, customer: Customer, subscription: Subscription): Promise<void> {
      const after = await enterPhase(tx, customer, subscription)
      if (after === subscription) return
      const { mode, customerId } = subscription
      await store.update(tx, after, accounts.now(customer))
      await accessChanges.announce(tx, { mode, customerId })
    },
  }

  async function namesOf({ mode, addOns: choices }: Subscription, tx: Db) {
    const held = await catalog.held(mode, choices, tx)
    return held.map(({ version, quantity }) => ({
      addOn: version.planKey,
      version: version.version,
      quantity,
    }))
  }
}

/** Who bills it and how it is collected follows the plan; what costs nothing is billed by nobody. */
function billedBy(subscription: Subscription, { definition }: PlanVersion): Partial<Subscription> {
  if (isWithoutCharges(subscription)) return {}
  const { engine } = definition
  const collection = collectionOf(definition)
  if (engine === subscription.engine) return { collection }
  return { engine, collection, providerStatus: null }
}
