import { isOverriding, overriddenNames } from '../../subscriptions/overrides.ts'
import type { Term } from '../terms.ts'
import type { ChangeCause, ChangeNotice } from './change-quote.ts'
import type { ChangedTerms } from './change-terms.ts'
import type { QuotaEffect } from './quota-effects.ts'

/** What a customer should know before confirming, beyond the amounts. */
export function changeNotices(
  before: Term,
  after: Term,
  { closed, opened }: ChangedTerms,
  quotas: readonly QuotaEffect[],
  endedAddOns: readonly string[],
  cause: ChangeCause,
): ChangeNotice[] {
  const had = featuresOf(before)
  const has = featuresOf(after)
  const restarting =
    closed === null ? [] : tieredCards(after).filter((key) => isUsed(before, after, key))
  const usedUp = quotas.filter(
    ({ onLimit, remainingAfter }) => onLimit === 'block' && remainingAfter === '0',
  )
  const lost = had.filter((key) => !has.includes(key))
  const gained = has.filter((key) => !had.includes(key))
  const notices: ChangeNotice[] = []
  if (restarting.length > 0) notices.push({ kind: 'tiers_restart', rateCardKeys: restarting })
  if (before.billingAnchor !== after.billingAnchor) {
    notices.push({ kind: 'period_restarts', period: opened })
  }
  if (endedAddOns.length > 0) notices.push({ kind: 'add_ons_ended', names: endedAddOns })
  if (lost.length > 0) notices.push({ kind: 'features_lost', featureKeys: lost })
  if (gained.length > 0) notices.push({ kind: 'features_gained', featureKeys: gained })
  if (usedUp.length > 0) {
    notices.push({
      kind: 'quota_used_up',
      featureKeys: usedUp.map(({ featureKey }) => featureKey),
    })
  }
  const isAnotherPlan = cause === 'change' || cause === 'migrate'
  if (isAnotherPlan && isOverriding(before.overrides)) {
    const kind = isOverriding(after.overrides) ? 'overrides_kept' : 'overrides_dropped'
    notices.push({ kind, ...overriddenNames(before.overrides) })
  }
  return notices
}

function featuresOf({ phase }: Term): string[] {
  return phase.rateCards.flatMap(({ featureKey, entitlement, prices }) => {
    return featureKey !== null && (entitlement !== null || prices !== null) ? [featureKey] : []
  })
}

function tieredCards({ phase }: Term): string[] {
  return phase.rateCards
    .filter(({ prices }) => Object.values(prices ?? {}).some(({ type }) => type === 'tiered'))
    .map(({ key }) => key)
}

/** The feature of the card was priced before the change as well, so there is a position in the tiers to lose. */
function isUsed(before: Term, after: Term, cardKey: string): boolean {
  const featureKey = after.phase.rateCards.find(({ key }) => key === cardKey)?.featureKey
  return before.phase.rateCards.some(
    (card) => card.featureKey === featureKey && card.prices !== null,
  )
}
