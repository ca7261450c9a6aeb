import type { Database } from '../../platform/database/database.ts'
import type { PhaseSchedules } from '../billing/phases/service.ts'
import type { Rating } from '../billing/rating.service.ts'
import { termAt } from '../billing/terms.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { PlanChanges } from '../subscriptions/changes/service.ts'
import { phaseInStripe } from '../subscriptions/changes/stripe-change.ts'
import type { StripePrices } from '../subscriptions/stripe-prices.service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import type { Subscription } from '../subscriptions/subscription.ts'
import type { Difference } from './compare.ts'
import type { ContractCheck } from './service.ts'

interface ContractCheckDeps {
  readonly catalog: Catalog
  readonly changes: PlanChanges
  readonly connections: Connections
  readonly database: Database
  readonly phaseSchedules: PhaseSchedules
  readonly rating: Rating
  readonly stripePrices: StripePrices
  readonly subscriptions: Subscriptions
}

/** Stripe bills nothing by these: there is nothing to compare. */
const IDLE: ReadonlySet<string> = new Set([
  'canceled',
  'incomplete',
  'incomplete_expired',
  'paused',
])

/**
 * Whether Stripe charges what was sold: the fees of the phase a subscription is in, as they were agreed with its customer,
 * and those of the phases ahead. Fees that differ are somebody's decision; a schedule that is gone is made again.
 */
export function createContractCheck(deps: ContractCheckDeps): ContractCheck {
  const { catalog, changes, connections, database, phaseSchedules } = deps
  const { rating, stripePrices, subscriptions } = deps

  /** Names of the prices with how often they are charged. Usage prices come and go with what they count. */
  async function feesSold(subscription: Subscription, phaseKey: string): Promise<string> {
    const { mode, currency, planVersionId, overrides } = subscription
    const version = await catalog.getVersion(mode, planVersionId)
    const phase = phaseInStripe(version.definition, { phaseKey, overrides })
    const sold = [{ version, phase, quantity: 1 }]
    for (const { version: addOn, quantity } of await catalog.held(mode, subscription.addOns)) {
      const [only] = addOn.definition.phases
      if (only !== undefined) sold.push({ version: addOn, phase: only, quantity })
    }
    const names: string[] = []
    for (const each of sold) {
      for (const item of await stripePrices.itemsOf(mode, each.version, each.phase, currency)) {
        const { isMetered, interval } = item.transport
        if (!isMetered && interval !== null) names.push(nameOf(item.entityId, each.quantity))
      }
    }
    return names.toSorted().join(', ')
  }

  async function ofSubscription(
    connected: Connected,
    subscription: Subscription,
  ): Promise<Difference[]> {
    const { mode, id } = subscription
    const stripeId = await connections.externalId(connected.scope, 'subscription', id)
    if (stripeId === undefined || (await changes.isUnsettled(mode, id))) return []
    const stripe = await connected.api.subscriptions.find(stripeId)
    if (stripe === undefined || IDLE.has(stripe.status)) return []
    const same = { kind: 'subscription', stripeId } as const
    const scheduled = await phaseSchedules.find(mode, id)
    const isMissing = scheduled?.state === 'set' && scheduled.stripeScheduleId !== stripe.scheduleId
    if (isMissing) {
      const ours = { schedule: scheduled.stripeScheduleId }
      const theirs = { schedule: stripe.scheduleId }
      return [{ ...same, category: 'drift', ours, theirs, isSafe: true }]
    }
    const { planTerms } = await rating.contractOf(subscription)
    // Where Stripe has not renewed yet it charges by the phase before.
    const term = termAt(planTerms, stripe.currentPeriod.startsAt)
    if (term === undefined) return []
    const ours = { fees: await feesSold(subscription, term.phase.key) }
    const items = await changes.knownItems(connected, stripe, database.db)
    const theirs = {
      fees: items
        .filter(({ isMetered }) => !isMetered)
        .map(({ entityId, priceId, quantity }) => nameOf(entityId ?? priceId, quantity))
        .toSorted()
        .join(', '),
    }
    if (ours.fees === theirs.fees) return []
    return [{ ...same, category: 'amount', ours, theirs, isSafe: false }]
  }

  return {
    async differences(connected, customerId) {
      const { mode } = connected.scope
      const subscription = await subscriptions.findOpen(mode, customerId)
      return subscription?.engine === 'stripe_subscription'
        ? ofSubscription(connected, subscription)
        : []
    },

    async repair({ scope }, found) {
      for (const { kind, stripeId, ours } of found) {
        if (kind !== 'subscription' || ours?.['schedule'] === undefined) continue
        const id = await connections.entityId(scope, 'subscription', stripeId)
        if (id !== undefined) await phaseSchedules.check(scope.mode, id)
      }
    },
  }
}

function nameOf(entityId: string, quantity: number): string {
  return quantity === 1 ? entityId : `${quantity} × ${entityId}`
}
