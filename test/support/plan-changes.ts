import {
  changeUsage,
  quoteChange,
  type QuoteChangeInput,
} from '../../src/domain/billing/change/quote-change.ts'
import type { QuotedChange } from '../../src/domain/billing/change/change-quote.ts'
import type { PaidFee } from '../../src/domain/billing/proration.ts'
import type { PlanDefinition, ProrationPolicy, RateCard } from '../../src/domain/catalog/plan.ts'
import { DAY_MS } from '../../src/kit/instant.ts'
import {
  aCard,
  aFee,
  aPlan,
  aQuota,
  type Answer,
  at,
  metersOf,
  readingOf,
  termsOf,
} from './plans.ts'

/** Changes in the middle of April, of a plan whose fee was paid on its first day: what the tests of changes vary. */
export const START = at('2026-04-01')
export const END = at('2026-05-01')
export const HALF = START + 15 * DAY_MS

export const PACKAGE_A: ProrationPolicy = aPlan().proration
export const PACKAGE_B: ProrationPolicy = {
  mode: 'max_consumption_based',
  anchor: 'reset',
  onPlanChange: 'fresh',
  allowIncoherent: false,
}

export const hardQuota = (limit: string | null): RateCard =>
  aCard('requests', {
    featureKey: 'requests',
    entitlement: aQuota(limit, { onLimit: 'block' }),
  })
export const plan = (
  fee: string,
  quota: string | null,
  proration = PACKAGE_A,
  more: RateCard[] = [],
): PlanDefinition => aPlan({ proration }, [aFee(fee), hardQuota(quota), ...more])

export const paidFee = (paidMinor: bigint): PaidFee => ({
  rateCardKey: 'fee',
  name: 'fee',
  planKey: 'starter',
  planVersion: 1,
  phaseKey: 'main',
  paidMinor,
  creditedMinor: 0n,
  period: { startsAt: START, endsAt: END },
})

export interface Given extends Partial<Omit<QuoteChangeInput, 'usage' | 'subscription'>> {
  readonly from: PlanDefinition
  readonly to: PlanDefinition
  readonly answer?: Answer
  readonly subscription?: Partial<QuoteChangeInput['subscription']>
}

export function quoteInput({
  from,
  to,
  answer = () => undefined,
  subscription,
  ...rest
}: Given): QuoteChangeInput {
  const [term] = termsOf(from, START, { planKey: 'starter' })
  const target = {
    planKey: 'pro',
    planVersion: 3,
    definition: to,
    startingPhaseKey: null,
    overrides: {},
  }
  const input = {
    subscription: {
      id: 'subscription_1',
      version: 7,
      currency: 'usd',
      collection: 'charge_automatically' as const,
      lifecycle: 'active' as const,
      term: term!,
      addOns: [],
      addOnTerms: [],
      ...subscription,
    },
    target,
    addOns: [],
    timing: 'auto' as const,
    planOrder: ['free', 'starter', 'pro'],
    at: HALF,
    paidFees: [paidFee(2900n)],
    meters: metersOf([term!, ...termsOf(to, START)]),
    coverage: [],
    coupons: [],
    credits: null,
    tax: null,
    startingBalanceMinor: 0n,
    isOverride: false,
    ...rest,
  }
  return { ...input, usage: readingOf(changeUsage(input), answer) }
}

export function quoted(given: Given): QuotedChange {
  const quote = quoteChange(quoteInput(given))
  if (quote.kind === 'refused') throw new Error(quote.code)
  return quote
}
