import {
  add,
  type Decimal,
  decimal,
  formatDecimal,
  maxDecimal,
  subtract,
  ZERO,
} from '../../../kit/decimal.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { LimitMode, MeteredEntitlement, RateCard } from '../../catalog/plan.ts'
import { windowAt, windowRule } from '../../entitlements/grants.ts'
import type { QuotaUse } from '../proration.ts'
import type { RatedMeter } from '../rating/billable-usage.ts'
import { convert } from '../rating/conversion.ts'
import type { Term } from '../terms.ts'
import { readUsage, type UsageQuery, type UsageReading } from '../usage-reading.ts'

/** What a change does to the quota of a feature: "you will have 42,000 left". */
export interface QuotaEffect {
  readonly featureKey: string
  /** `null` is unlimited; `undefined` is no quota at all on that side. */
  readonly limitBefore: string | null | undefined
  readonly limitAfter: string | null | undefined
  readonly usedAfter: string
  /** Null is unlimited. */
  readonly remainingAfter: string | null
  readonly onLimit: LimitMode | null
  readonly resetsAt: Instant | null
}

/** A metered entitlement and what is needed to ask how much of it is used. */
interface MeteredCard {
  readonly term: Term
  readonly card: RateCard
  readonly featureKey: string
  readonly entitlement: MeteredEntitlement
  readonly meter: RatedMeter
}

type Meters = ReadonlyMap<string, RatedMeter>

/** What metering has to be asked about the windows that are open at an instant, before and after the change. */
export function quotaQueries(terms: readonly Term[], meters: Meters, at: Instant): UsageQuery[] {
  return terms
    .flatMap((term) => meteredCards(term, meters))
    .flatMap((card) => windowQuery(card, at) ?? [])
}

/** How far each quota of a term is used up, for the credit by consumption. Caps that only warn or slow down do not count. */
export function quotaUses(
  term: Term,
  meters: Meters,
  usage: UsageReading,
  at: Instant,
): QuotaUse[] {
  return meteredCards(term, meters)
    .filter(({ entitlement: { onLimit } }) => onLimit === 'block' || onLimit === 'bill_overage')
    .map((card) => ({
      featureKey: card.featureKey,
      used: usedIn(card, usage, at),
      granted: limitOf(card.entitlement),
    }))
}

export function quotaEffects(
  before: Term,
  after: Term,
  meters: Meters,
  usage: UsageReading,
  at: Instant,
): QuotaEffect[] {
  const old = new Map(meteredCards(before, meters).map((card) => [card.featureKey, card]))
  const next = new Map(meteredCards(after, meters).map((card) => [card.featureKey, card]))
  return [...new Set([...old.keys(), ...next.keys()])].map((featureKey) => {
    const card = next.get(featureKey)
    const limitBefore = old.get(featureKey)?.entitlement.issueAfterReset
    if (card === undefined) return withoutQuota(featureKey, limitBefore)
    const limit = limitOf(card.entitlement)
    const used = usedIn(card, usage, at)
    return {
      featureKey,
      limitBefore,
      limitAfter: card.entitlement.issueAfterReset,
      usedAfter: formatDecimal(used),
      remainingAfter:
        limit === null ? null : formatDecimal(maxDecimal(ZERO, subtract(limit, used))),
      onLimit: card.entitlement.onLimit,
      resetsAt: windowOf(card, at).endsAt,
    }
  })
}

function withoutQuota(featureKey: string, limitBefore: string | null | undefined): QuotaEffect {
  return {
    featureKey,
    limitBefore,
    limitAfter: undefined,
    usedAfter: '0',
    remainingAfter: '0',
    onLimit: null,
    resetsAt: null,
  }
}

function meteredCards(term: Term, meters: Meters): MeteredCard[] {
  return term.phase.rateCards.flatMap((card) => {
    const { entitlement, featureKey } = card
    const meter = featureKey === null ? undefined : meters.get(featureKey)
    if (entitlement?.type !== 'metered' || featureKey === null || meter === undefined) return []
    return [{ term, card, featureKey, entitlement, meter }]
  })
}

function windowOf({ term, entitlement }: MeteredCard, at: Instant) {
  return windowAt(windowRule(entitlement, term.definition, term, term.timeZone), at)
}

/** Null when nothing of the window counts yet, as right after a fresh start. */
function windowQuery(card: MeteredCard, at: Instant): UsageQuery | null {
  const window = windowOf(card, at)
  const countsFrom = Math.max(window.startsAt, card.term.usageAnchor)
  if (countsFrom >= at) return null
  return {
    meterKey: card.meter.key,
    dimensions: [],
    startsAt: countsFrom,
    endsAt: at,
    weightedOver: window,
    needsEventValues: false,
  }
}

function usedIn(card: MeteredCard, usage: UsageReading, at: Instant): Decimal {
  const query = windowQuery(card, at)
  if (query === null) return ZERO
  return readUsage(usage, query).reduce(
    (sum, { quantity }) => add(sum, convert(card.card.conversion, quantity)),
    ZERO,
  )
}

function limitOf({ issueAfterReset }: MeteredEntitlement): Decimal | null {
  return issueAfterReset === null ? null : decimal(issueAfterReset)
}
