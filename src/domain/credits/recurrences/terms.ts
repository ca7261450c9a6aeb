import { invariant } from '../../../kit/assert.ts'
import { add, decimal, type Decimal, ZERO } from '../../../kit/decimal.ts'
import { HOUR_MS, type Instant } from '../../../kit/instant.ts'
import type { Period } from '../../../kit/period.ts'
import type { PlanDefinition, PlanPhase } from '../../catalog/plan.ts'
import { type QuotaRule, windowAt, windowRule } from '../../entitlements/grants.ts'
import type { Subscription } from '../../subscriptions/subscription.ts'
import { type Holding, isExpired, unreserved } from '../grant.ts'
import type { RecurringGrant, RolloverPolicy } from '../recurring.ts'
import { parseUnit } from '../unit-text.ts'

/** Usage that gateways still hold at a period's end arrives within this time; as long as invoices wait for it. */
const SETTLING_MS = HOUR_MS

type Anchors = Pick<Subscription, 'id' | 'billingAnchor' | 'usageAnchor' | 'phaseStartsAt'>

/** Credits a phase gives in every period, counted like its quotas; before the paid periods begin, from the start. */
export function recurringGrantsOf(
  { rateCards }: PlanPhase,
  definition: PlanDefinition,
  subscription: Anchors,
  timeZone: string,
  now: Instant,
): RecurringGrant[] {
  return rateCards.flatMap(({ key, creditGrant }): RecurringGrant[] => {
    if (!creditGrant) return []
    const unit = parseUnit(creditGrant.unit)
    invariant(unit !== undefined, `${creditGrant.unit} is a unit of credits`)
    const period = {
      usagePeriod: creditGrant.every,
      alignment: definition.alignment,
      resetUsageOnRenewal: null,
    }
    const rule = windowRule(period, definition, subscription, timeZone)
    const anchor = rule.anchor <= now ? rule.anchor : subscription.usageAnchor
    return [
      {
        id: `${subscription.id}:${key}:${anchor}`,
        unit,
        amount: decimal(creditGrant.amount),
        priority: creditGrant.priority,
        appliesTo: creditGrant.appliesTo,
        cadence: creditGrant.every,
        anchor,
        timeZone: rule.timeZone,
        validFor: creditGrant.validFor,
      },
    ]
  })
}

/** A window that has ended and settled, and what its plan lets its customer keep of it. */
export interface EndedWindow {
  readonly featureKey: string
  readonly meterKey: string
  readonly limit: Decimal
  readonly window: Period
  readonly policy: RolloverPolicy
}

/** Windows of the phase that ended last. One that ended with its plan ends without a rollover. */
export function endedWindows(
  { rateCards }: PlanPhase,
  quotas: readonly QuotaRule[],
  { phaseStartsAt }: Anchors,
  now: Instant,
): { readonly ended: readonly EndedWindow[]; readonly nextAt: readonly Instant[] } {
  const ended: EndedWindow[] = []
  const nextAt: Instant[] = []
  for (const { featureKey, meterKey, limit, window: rule } of quotas) {
    const entitlement = rateCards.find((card) => card.featureKey === featureKey)?.entitlement
    if (entitlement?.type !== 'metered' || !entitlement.rollover || limit === null) continue
    const { maximum, validFor, priority } = entitlement.rollover
    const current = windowAt(rule, now - SETTLING_MS)
    nextAt.push(current.endsAt + SETTLING_MS)
    if (current.startsAt <= Math.max(rule.anchor, phaseStartsAt)) continue
    ended.push({
      featureKey,
      meterKey,
      limit,
      window: windowAt(rule, current.startsAt - 1),
      policy: { maximum: maximum === null ? null : decimal(maximum), validFor, priority },
    })
  }
  return { ended, nextAt }
}

/** Of earlier rollovers of the feature, what can still be spent or is being spent. */
export function stillRolledOver(
  holdings: readonly Holding[],
  subscriptionId: string,
  now: Instant,
): Decimal {
  return holdings
    .filter(
      ({ grant }) =>
        grant.category === 'rollover' &&
        grant.source.id.startsWith(`${subscriptionId}:`) &&
        !isExpired(grant, now),
    )
    .reduce((sum, { balance }) => add(sum, add(unreserved(balance), balance.reserved)), ZERO)
}
