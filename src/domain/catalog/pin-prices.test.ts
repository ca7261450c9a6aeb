import { expect, test } from 'vitest'
import { aFeature, aFee, aMeter, aPlan, unit, usageCard } from '../../../test/support/plans.ts'
import { pinPrices, unpinPrices } from './pin-prices.ts'
import type { PlanDefinition } from './plan.ts'

const context = { meters: [aMeter('cpu_hours')], features: [aFeature('cpu_hours')] }
const plan = (changes: Partial<PlanDefinition> = {}) =>
  aPlan({ engine: 'stripe_subscription', ...changes }, [
    aFee('9.99'),
    usageCard('cpu_hours', unit('0.10')),
  ])
const pins = { STRIPE_PRICE_PREMIUM: 'price_fee', STRIPE_PRICE_ID_CPU_HOURS: 'price_cpu' }
const linkedIn = ({ phases }: PlanDefinition) =>
  phases.flatMap(({ rateCards }) =>
    rateCards.map(({ providerPrice }) =>
      providerPrice.kind === 'linked' ? providerPrice.stripePriceIds : null,
    ),
  )

test('S2.3 S4.16 the environment names the price of a plan, and of what a meter measures', () => {
  const pinned = pinPrices('premium', plan(), context, pins)
  expect(linkedIn(pinned.definition)).toEqual([{ usd: 'price_fee' }, { usd: 'price_cpu' }])
  expect([pinned.problems, pinned.warnings]).toEqual([[], []])

  const other = pinPrices('basic', plan(), context, pins)
  expect(linkedIn(other.definition)).toEqual([null, { usd: 'price_cpu' }])
})

test('what a plan links itself stays, and what the environment named is not part of the file', () => {
  const own = { kind: 'linked', stripePriceIds: { usd: 'price_own' } } as const
  const linked = aPlan({ engine: 'stripe_subscription' }, [aFee('9.99', { providerPrice: own })])
  expect(linkedIn(pinPrices('premium', linked, context, pins).definition)).toEqual([
    { usd: 'price_own' },
  ])
  expect(unpinPrices('premium', linked, context, pins)).toEqual(linked)

  const { definition } = pinPrices('premium', plan(), context, pins)
  expect(unpinPrices('premium', definition, context, pins)).toEqual(plan())
})

test('a name that could stand for several prices, or for several currencies, is refused', () => {
  const two = aPlan({ engine: 'stripe_subscription' }, [
    aFee('9.99'),
    aFee('5.00', { key: 'support' }),
  ])
  expect(pinPrices('premium', two, context, pins).problems).toMatchObject([
    { path: 'phases', message: expect.stringContaining('several prices') as string },
  ])

  const euro = plan({ currencies: ['usd', 'eur'] })
  const { problems, definition } = pinPrices('premium', euro, context, pins)
  expect(problems.map(({ path }) => path)).toEqual([
    'phases[0].rateCards[0]',
    'phases[0].rateCards[1]',
  ])
  expect(linkedIn(definition)).toEqual([null, null])
})

test('a plan without a price needs none, and one that Stripe does not charge by prices says so', () => {
  const free = aPlan({ engine: 'stripe_subscription' }, [])
  expect(pinPrices('premium', free, context, pins)).toMatchObject({ problems: [], warnings: [] })

  const invoiced = pinPrices('premium', plan({ engine: 'stripe_invoice' }), context, pins)
  expect(linkedIn(invoiced.definition)).toEqual([null, null])
  expect(invoiced.warnings.map(({ message }) => message)).toEqual([
    'STRIPE_PRICE_PREMIUM is not used: the stripe_invoice engine charges by invoice items.',
    'STRIPE_PRICE_ID_CPU_HOURS is not used: the stripe_invoice engine charges by invoice items.',
  ])
})
