import type { z } from 'zod'
import { formatInstant } from '../kit/instant.ts'
import type { PlanVersion } from '../domain/catalog/plan.ts'
import {
  hasOneAmount,
  isOverriding,
  overriddenPhase,
  overriddenPlan,
  type SubscriptionOverrides,
} from '../domain/subscriptions/overrides.ts'
import type { Subscription } from '../domain/subscriptions/subscription.ts'
import type { overrides as contractOverrides } from './contract/overrides.ts'
import type { Services } from './services.ts'

type ApiOverrides = z.output<typeof contractOverrides>

/** As the domain stores them: what is empty is left out, so that the same is always the same. */
export function overridesFromApi(body: ApiOverrides): SubscriptionOverrides {
  const { prices, quotas, features, rateLimits, reason, until } = body
  const given = { prices, quotas, features, rateLimits }
  const named = Object.entries(given).filter(([, entries]) => Object.keys(entries).length > 0)
  return {
    ...Object.fromEntries(named),
    reason,
    ...(until !== null && { until: Date.parse(until) }),
  }
}

export function overridesToApi(overrides: SubscriptionOverrides) {
  const { prices = {}, quotas = {}, features = {}, rateLimits = {}, reason, until } = overrides
  return {
    prices: { ...prices },
    quotas: { ...quotas },
    features: { ...features },
    rateLimits: { ...rateLimits },
    reason: reason ?? '',
    until: until === undefined ? null : formatInstant(until),
  }
}

/** What is agreed, with what the plan says instead, in the words of whoever it is agreed with. Null where nothing is. */
export async function agreedTerms(
  { catalog }: Pick<Services, 'catalog'>,
  { mode, overrides, currency }: Subscription,
  { definition }: PlanVersion,
) {
  if (!isOverriding(overrides)) return null
  const { prices = {}, quotas = {}, features = {}, rateLimits = {}, until } = overrides
  const known = await catalog.features(mode)
  const nameOf = (key: string) => known.get(key)?.name ?? key
  const cards = definition.phases.flatMap(({ rateCards }) => rateCards)
  const agreed = definition.phases.flatMap((phase) => overriddenPhase(phase, overrides).rateCards)
  const amountOf = (of: typeof cards, cardKey: string) => {
    const price = of.find(({ key }) => key === cardKey)?.prices?.[currency]
    return price !== undefined && hasOneAmount(price) ? price.amount : null
  }
  return {
    prices: Object.entries(prices).map(([rateCardKey, override]) => ({
      rateCardKey,
      name: cards.find(({ key }) => key === rateCardKey)?.name ?? rateCardKey,
      percent: override.type === 'percentage' ? override.percent : null,
      amount: amountOf(agreed, rateCardKey),
      listed: amountOf(cards, rateCardKey),
    })),
    quotas: Object.entries(quotas).map(([featureKey, limit]) => {
      const card = cards.find((candidate) => candidate.featureKey === featureKey)
      const { entitlement = null } = card ?? {}
      const listed = entitlement?.type === 'metered' ? entitlement.issueAfterReset : null
      return { featureKey, name: nameOf(featureKey), limit, listed }
    }),
    features: Object.entries(features).map(([featureKey, value]) => ({
      featureKey,
      name: nameOf(featureKey),
      value,
    })),
    rateLimits: Object.entries(rateLimits).map(([name, { limit }]) => ({
      name,
      limit,
      listed: definition.rateLimits.find((candidate) => candidate.name === name)?.limit ?? null,
    })),
    until: until === undefined ? null : formatInstant(until),
  }
}

/** The plan as a subscriber has it. */
export function planAsAgreed(version: PlanVersion, overrides: SubscriptionOverrides): PlanVersion {
  return { ...version, definition: overriddenPlan(version.definition, overrides) }
}
