import { add, type Decimal, decimal, multiply, ONE, parseDecimal, ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import { calendarAnchor, duration, type Duration, periodAt, type Period } from '../../kit/period.ts'
import type {
  LimitMode,
  MeteredEntitlement,
  PlanDefinition,
  PlanPhase,
  RateCard,
} from '../catalog/plan.ts'
import { type CreditRule, creditRulesOf } from '../credits/spending/credit-terms.ts'
import { billingRule } from '../billing/billing-rule.ts'
import type { Feature } from '../catalog/meter.ts'
import type { Subscription } from '../subscriptions/subscription.ts'

/** What a subscription grants: the entitlements of its phase, as `catalog.soldTo` has them. */
export interface Grants {
  /** Every feature the phase mentions with an entitlement. */
  readonly features: readonly string[]
  /** Static values for the upstream, by feature. */
  readonly values: Readonly<Record<string, string>>
  readonly quotas: readonly QuotaRule[]
  /** Meters some rate card covers: usage of any other is refused. */
  readonly meters: readonly string[]
  /** Features that credits may pay for. */
  readonly credits: readonly CreditRule[]
}

/** A quota, and how to find its window at any time. */
export interface QuotaRule {
  readonly featureKey: string
  readonly meterKey: string
  /** What the plan promises per window; null is unlimited. */
  readonly limit: Decimal | null
  /** Where a hard limit really refuses: the limit stretched by the grace ratio. */
  readonly ceiling: Decimal | null
  readonly onLimit: LimitMode
  readonly throttle: { readonly limit: number; readonly windowSeconds: number } | null
  readonly window: WindowRule
}

export interface WindowRule {
  readonly anchor: Instant
  readonly length: Duration
  readonly timeZone: string
}

export function grantsOf(
  phase: PlanPhase,
  definition: PlanDefinition,
  subscription: Subscription,
  features: ReadonlyMap<string, Feature>,
  timeZone: string,
): Grants {
  const entitled = phase.rateCards.filter((card) => card.entitlement !== null)
  const values: Record<string, string> = {}
  const quotas: QuotaRule[] = []
  for (const { featureKey, entitlement } of entitled) {
    if (featureKey === null || entitlement === null) continue
    if (entitlement.type === 'static') values[featureKey] = entitlement.value
    const meterKey = features.get(featureKey)?.meterKey
    if (entitlement.type === 'metered' && meterKey) {
      quotas.push(quotaRule(featureKey, meterKey, entitlement, definition, subscription, timeZone))
    }
  }
  return {
    features: entitled.flatMap(({ featureKey }) => featureKey ?? []),
    values,
    quotas,
    meters: [...new Set(phase.rateCards.flatMap((card) => meterOf(card, features) ?? []))],
    credits: creditRulesOf(phase, definition, subscription, features),
  }
}

function meterOf({ featureKey }: RateCard, features: ReadonlyMap<string, Feature>): string | null {
  return featureKey === null ? null : (features.get(featureKey)?.meterKey ?? null)
}

function quotaRule(
  featureKey: string,
  meterKey: string,
  entitlement: MeteredEntitlement,
  definition: PlanDefinition,
  subscription: Subscription,
  timeZone: string,
): QuotaRule {
  const { issueAfterReset } = entitlement
  const limit = issueAfterReset === null ? null : decimal(issueAfterReset)
  return {
    featureKey,
    meterKey,
    limit,
    ceiling: limit === null ? null : stretch(limit, entitlement.graceRatio),
    onLimit: entitlement.onLimit,
    throttle: entitlement.throttle,
    window: windowRule(entitlement, definition, subscription, timeZone),
  }
}

/** `limit × (1 + graceRatio)`, rounded down to whole units: grace is a courtesy, not a fraction of a call. */
function stretch(limit: Decimal, graceRatio: string): Decimal {
  const ratio = parseDecimal(graceRatio) ?? ZERO
  if (ratio === ZERO) return limit
  const exact = multiply(limit, add(ONE, ratio))
  return decimal(exact / (ONE * ONE))
}

/**
 * Windows are counted from the usage anchor. Aligned with renewals they follow the billing anchor, so that a renewal
 * and a fresh quota are the same moment. Enforcement and rating both ask here: what is included is what is granted.
 */
export function windowRule(
  entitlement: Pick<MeteredEntitlement, 'usagePeriod' | 'alignment' | 'resetUsageOnRenewal'>,
  definition: Pick<PlanDefinition, 'billingCadence' | 'alignment' | 'engine'>,
  anchors: Pick<Subscription, 'billingAnchor' | 'usageAnchor'>,
  timeZone: string,
): WindowRule {
  const length = duration(entitlement.usagePeriod)
  if (entitlement.alignment === 'calendar') {
    return { anchor: calendarAnchor(anchors.usageAnchor, length, timeZone), length, timeZone }
  }
  const hasCadenceLength = entitlement.usagePeriod === definition.billingCadence
  const isAligned = entitlement.resetUsageOnRenewal ?? hasCadenceLength
  if (!isAligned) return { anchor: anchors.usageAnchor, length, timeZone }
  return { ...billingRule(definition, anchors.billingAnchor, timeZone), length }
}

/**
 * The window a moment falls into. During a trial, and in the part of a month before calendar periods, the anchor lies
 * ahead: what is used until then is counted in a window that ends there, so that the paid quota begins whole.
 */
export function windowAt({ anchor, length, timeZone }: WindowRule, now: Instant): Period {
  const { startsAt, endsAt } = periodAt(anchor, length, now, timeZone)
  return { startsAt, endsAt }
}
