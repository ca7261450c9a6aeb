import { expect, test } from 'vitest'
import { aCard, aFee, aPlan, aQuota, unit, usageCard } from '../../../test/support/plans.ts'
import { aFeature, aMeter } from '../../../test/support/plans.ts'
import { pricedCards, whyUnfit, withAddOns } from './add-ons.ts'
import type { PlanDefinition, PlanVersion, RateCard } from './plan.ts'
import { validatePlan } from './validate-plan.ts'

const version = (planKey: string, definition: PlanDefinition): PlanVersion => ({
  id: `version_${planKey}`,
  planKey,
  version: 1,
  state: 'active',
  definition,
  revision: 1,
  effectiveFrom: null,
  effectiveTo: null,
  publishedAt: null,
  createdAt: 0,
})
const right = (key: string, limit: string | null): RateCard =>
  aCard(key, { featureKey: key, entitlement: aQuota(limit, { onLimit: 'block' }) })
const limits = (limit: number, burst: number | null = null): PlanDefinition['rateLimits'] => [
  { name: 'calls', limit, windowSeconds: 60, burst, scope: 'key' },
]
const addOn = (cards: RateCard[], changes: Partial<PlanDefinition> = {}): PlanDefinition =>
  aPlan({ addOn: { planKeys: ['pro'], maximumQuantity: null }, ...changes }, cards)
const limitOf = ({ phases }: PlanDefinition, featureKey: string) => {
  const card = phases[0]?.rateCards.find((each) => each.featureKey === featureKey)
  return card?.entitlement?.type === 'metered' ? card.entitlement.issueAfterReset : undefined
}

test('what add-ons grant is added to what the plan grants, for each of them', () => {
  const plan = aPlan({ rateLimits: limits(10, 20) }, [aFee('29.00'), right('requests', '1000')])
  const added = addOn([aFee('5.00'), right('requests', '500'), right('exports', '3')], {
    rateLimits: limits(5),
  })

  const sold = withAddOns(plan, [{ version: version('extra', added), quantity: 3 }])

  expect(limitOf(sold, 'requests')).toBe('2500')
  expect(limitOf(sold, 'exports')).toBe('9')
  expect(sold.rateLimits).toEqual(limits(25, 35))
  // What they cost is billed by itself, next to the plan.
  expect(sold.phases[0]?.rateCards.filter(({ prices }) => prices !== null)).toHaveLength(1)
})

test('unlimited stays unlimited, and makes unlimited', () => {
  const plan = (limit: string | null) => aPlan({}, [aFee('29.00'), right('requests', limit)])
  const held = (limit: string | null) => [
    { version: version('extra', addOn([right('requests', limit)])), quantity: 2 },
  ]
  expect(limitOf(withAddOns(plan(null), held('500')), 'requests')).toBeNull()
  expect(limitOf(withAddOns(plan('10'), held(null)), 'requests')).toBeNull()
})

test('a trial grants nothing of an add-on', () => {
  const plan = aPlan({}, [right('requests', '10')])
  const held = [{ version: version('extra', addOn([right('requests', '5')])), quantity: 1 }]
  expect(limitOf(withAddOns(plan, held), 'requests')).toBe('10')
})

test('the price counts for each, exactly', () => {
  const [card] = pricedCards({ version: version('extra', addOn([aFee('0.10')])), quantity: 3 })
  expect(card).toMatchObject({ name: 'fee × 3', prices: { usd: { amount: '0.3' } } })
})

test.each<[string, Partial<PlanDefinition>, RateCard[], RegExp]>([
  ['of another rhythm', { billingCadence: 'P1Y' }, [aFee('29.00')], /every P1M.*every P1Y/],
  ['that is free', {}, [right('requests', '5')], /is free/],
  ['in another currency', { currencies: ['usd', 'eur'] }, [aFee('29.00')], /sold in eur/],
  [
    'that bills what is beyond',
    {},
    [usageCard('requests', unit('0.01'), { entitlement: aQuota('5') })],
    /bills what is beyond its requests/,
  ],
])('an add-on does not go with a plan %s', (_, changes, cards, why) => {
  const definition = addOn([aFee('5.00'), right('requests', '5')])
  expect(whyUnfit({ definition }, { planKey: 'pro', definition: aPlan(changes, cards) })).toMatch(
    why,
  )
  expect(whyUnfit({ definition }, { planKey: 'other', definition: aPlan() })).toMatch(/not for/)
})

test('everything that keeps an add-on from being sold is said, each at its place', () => {
  const context = {
    meters: [aMeter('requests')],
    features: [aFeature('requests')],
    plans: new Map([['pro', aPlan({}, [aFee('29.00')])]]),
  }
  const wrong = addOn(
    [
      usageCard('requests', unit('0.01'), { entitlement: aQuota('5') }),
      { ...aFee('5.00'), key: 'once', billingCadence: null },
    ],
    { addOn: { planKeys: ['pro', 'gone'], maximumQuantity: null } },
  )
  expect(validatePlan(wrong, context).map(({ path }) => path)).toEqual([
    'addOn.planKeys[1]',
    'phases[0].rateCards[0].prices',
    'phases[0].rateCards[0].entitlement.onLimit',
    'phases[0].rateCards[1].billingCadence',
  ])
  expect(validatePlan(addOn([aFee('5.00')]), context)).toEqual([])
})
