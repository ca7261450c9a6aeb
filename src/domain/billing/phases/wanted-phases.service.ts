import type { Database } from '../../../platform/database/database.ts'
import type { StripeSubscription } from '../../../stripe/subscriptions.ts'
import type { Accounts } from '../../accounts/service.ts'
import type { Catalog } from '../../catalog/service.ts'
import type { Publishing } from '../../catalog/publish.service.ts'
import type { Connected, Connections } from '../../connections/service.ts'
import type { PlanChanges } from '../../subscriptions/changes/service.ts'
import { phaseInStripe } from '../../subscriptions/changes/stripe-change.ts'
import { isOverriding } from '../../subscriptions/overrides.ts'
import type { PlanPrice, StripePrices } from '../../subscriptions/stripe-prices.service.ts'
import { lifecycleAt, type Subscription } from '../../subscriptions/subscription.ts'
import type { Rating } from '../rating.service.ts'
import { type Term, termAt } from '../terms.ts'
import { type ComingPhase, isBehind } from './phase-schedule.ts'

export interface WantedPhasesDeps {
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly changes: PlanChanges
  readonly connections: Connections
  readonly database: Database
  readonly publishing: Pick<Publishing, 'agree'>
  readonly rating: Rating
  readonly stripePrices: StripePrices
}

/** What Stripe is to have for a subscription, and what it has. */
export interface Wanted {
  readonly stripe: StripeSubscription
  readonly coming: readonly ComingPhase[]
  /** Stripe has charged the running period by an earlier phase. */
  readonly isBehind: boolean
}

/** Looks at a subscription's terms and at Stripe's subscription; writes nothing but prices that were agreed. */
export function createWantedPhases(deps: WantedPhasesDeps) {
  const { accounts, catalog, changes, connections, database } = deps
  const { publishing, rating, stripePrices } = deps

  async function stripeOf(
    { api, scope }: Connected,
    { id }: Subscription,
  ): Promise<StripeSubscription | undefined> {
    const stripeId = await connections.externalId(scope, 'subscription', id)
    return stripeId === undefined ? undefined : api.subscriptions.find(stripeId)
  }

  /** Undefined where Stripe has no such subscription. */
  async function wantedFor(
    connected: Connected,
    subscription: Subscription,
  ): Promise<Wanted | undefined> {
    const { mode, customerId, engine } = subscription
    const stripe = await stripeOf(connected, subscription)
    if (stripe === undefined) return undefined
    const now = accounts.now(await accounts.get(mode, customerId))
    // A trial is Stripe's own; what ends, or is paused, has no later phase.
    const isRunning =
      engine === 'stripe_subscription' &&
      lifecycleAt(subscription, now) === 'active' &&
      stripe.endedAt === null &&
      stripe.status !== 'trialing'
    if (!isRunning) return { stripe, coming: [], isBehind: false }
    const { planTerms } = await rating.contractOf(subscription)
    const { startsAt, endsAt } = stripe.currentPeriod
    const current = termAt(planTerms, startsAt)
    // Stripe's clock counts: a renewal that it has not got to yet is still ahead of it.
    const ahead = planTerms.filter((term) => term.startsBy === 'phase' && term.startsAt >= endsAt)
    const coming: ComingPhase[] = []
    for (const term of ahead) {
      coming.push({
        startsAt: term.startsAt,
        prices: await pricesOf(connected, subscription, term),
      })
    }
    if (current === undefined) return { stripe, coming, isBehind: false }
    const prices = await pricesOf(connected, subscription, current)
    const items = await changes.knownItems(connected, stripe, database.db)
    const isLate = isBehind(subscription.planKey, items, prices)
    const isReplaced = coming.some((phase) => phase.startsAt === endsAt)
    if (!isLate || isReplaced) return { stripe, coming, isBehind: isLate }
    const recurring = prices.filter(({ isOnce }) => !isOnce)
    return { stripe, coming: [{ startsAt: endsAt, prices: recurring }, ...coming], isBehind: true }
  }

  /** Prices that were agreed with this customer alone are made for them. */
  async function pricesOf(
    { scope }: Connected,
    { mode, currency, overrides, addOns, planVersionId }: Subscription,
    { phase }: Term,
  ): Promise<PlanPrice[]> {
    const version = await catalog.getVersion(mode, planVersionId)
    const sold = phaseInStripe(version.definition, { phaseKey: phase.key, overrides })
    if (isOverriding(overrides)) await publishing.agree(mode, version, sold, currency)
    const held = await catalog.held(mode, addOns)
    const prices = await stripePrices.of(scope, { version, phase: sold, addOns: held }, currency)
    // What an add-on charges once was charged when it was bought.
    return prices.filter(
      ({ entityId, isOnce }) => !isOnce || entityId.startsWith(`${version.planKey}/`),
    )
  }

  return { stripeOf, wantedFor }
}
