import { expect, test } from 'vitest'
import {
  aFeature,
  aFee,
  aMeter,
  aPlan,
  aQuota,
  unit,
  usageCard,
} from '../../../../test/support/plans.ts'
import type { StripeMeter, StripePrice } from '../../../stripe/catalog.ts'
import type { Mapping } from '../../connections/mapping.ts'
import type { PlanDefinition, RateCard } from '../plan.ts'
import { validatePlan } from '../validate-plan.ts'

const context = { meters: [aMeter('calls')], features: [aFeature('calls')] }
const problems = (plan: PlanDefinition, other = {}) => validatePlan(plan, { ...context, ...other })

const stripePrice = (changes: Partial<StripePrice> = {}): StripePrice => ({
  id: 'price_1',
  isActive: true,
  productId: 'prod_1',
  lookupKey: null,
  currency: 'usd',
  unitAmountDecimal: '2900',
  recurring: { interval: 'month', intervalCount: 1, isMetered: false, meterId: null },
  tiersMode: null,
  tiers: null,
  package: null,
  metadata: {},
  ...changes,
})
const metered = { interval: 'month', intervalCount: 1, isMetered: true, meterId: 'mtr_1' }
const stripeMeter = (changes: Partial<StripeMeter> = {}): StripeMeter => ({
  id: 'mtr_1',
  isActive: true,
  name: 'Calls',
  eventName: 'calls',
  formula: 'sum',
  ...changes,
})
/** What keeps a card with a price of Stripe's from being sold. */
const linkedProblems = (
  card: RateCard,
  price: StripePrice | undefined,
  meter = stripeMeter(),
  mappings: readonly Mapping[] = [],
) => {
  const providerPrice = { kind: 'linked', stripePriceIds: { usd: 'price_1' } } as const
  const plan = aPlan({ engine: 'stripe_subscription' }, [{ ...card, providerPrice }])
  const prices = new Map(price === undefined ? [] : [['price_1', price]])
  const linked = { prices, meters: new Map([['mtr_1', meter]]), mappings }
  return problems(plan, { linked }).map(({ message }) => message)
}

test('S0.17 a linked price exists, is active and costs what the card says', () => {
  const linked = (stripePriceIds: Record<string, string>) =>
    aPlan({ engine: 'stripe_subscription' }, [
      aFee('29.00', { providerPrice: { kind: 'linked', stripePriceIds } }),
    ])
  expect(linkedProblems(aFee('29.00'), stripePrice())).toEqual([])
  expect(problems(linked({ usd: 'price_1' }))).toEqual([])
  expect(problems(linked({ usd: 'prod_1' })).map(({ message }) => message)).toEqual([
    '"prod_1" is not the id of a Stripe price.',
  ])
  expect(linkedProblems(aFee('29.00'), undefined)).toEqual([
    'Stripe has no price price_1 in this mode and account.',
  ])
  expect(linkedProblems(aFee('29.00'), stripePrice({ unitAmountDecimal: '3900' }))).toEqual([
    'In Stripe it costs 3900, here 2900 (in minor units).',
  ])
  expect(
    linkedProblems(aFee('29.00'), stripePrice({ currency: 'eur', isActive: false })),
  ).toHaveLength(2)
  expect(problems(linked({})).map(({ path }) => path)).toEqual([
    'phases[0].rateCards[0].providerPrice.stripePriceIds.usd',
  ])
  const ownEngine = { ...linked({ usd: 'price_1' }), engine: 'stripe_invoice' as const }
  expect(problems(ownEngine)).toMatchObject([
    { message: expect.stringContaining('no Stripe prices') },
  ])
})

test('S0.17 a linked price is charged as often and by the same measure as the card', () => {
  const yearly = stripePrice({ recurring: { ...metered, interval: 'year', isMetered: false } })
  expect(linkedProblems(aFee('29.00'), yearly)).toEqual([
    'In Stripe it is charged every 1 year, here every 1 month.',
  ])
  expect(linkedProblems(aFee('29.00'), stripePrice({ recurring: null }))).toEqual([
    'In Stripe it is charged once, here every 1 month.',
  ])
  expect(linkedProblems(aFee('29.00'), stripePrice({ recurring: metered }))).toEqual([
    'In Stripe it is metered by usage; a fee needs a licensed price.',
  ])
  const calls = usageCard('calls', unit('29'))
  expect(linkedProblems(calls, stripePrice())).toEqual([
    'In Stripe it is a fixed fee; usage needs a metered price.',
  ])
  expect(linkedProblems(calls, stripePrice({ recurring: metered }))).toEqual([])
  const tiers = [
    { upTo: '1000', unitAmountDecimal: '0', flatAmountDecimal: null },
    { upTo: null, unitAmountDecimal: '2900', flatAmountDecimal: '0' },
  ]
  const included = usageCard('calls', unit('29'), {
    entitlement: aQuota('1000', { onLimit: 'bill_overage' }),
  })
  const tieredPrice = { unitAmountDecimal: null, tiersMode: 'graduated', recurring: metered }
  expect(linkedProblems(included, stripePrice({ ...tieredPrice, tiers }))).toEqual([])
  expect(
    linkedProblems(included, stripePrice({ ...tieredPrice, tiers: tiers.toReversed() })),
  ).toEqual([expect.stringContaining('graduated tiers: above 2900 + 0, up to 1000')])
})

test('S4.16 the usage behind a linked price goes to the meter the price charges by', () => {
  const calls = usageCard('calls', unit('29'))
  const price = stripePrice({ recurring: metered })
  const mapped = (externalId: string): Mapping[] => [
    { entityKind: 'meter', entityId: 'calls', externalId, metadata: {}, isStale: false },
  ]
  expect(linkedProblems(calls, price, stripeMeter(), mapped('mtr_1'))).toEqual([])
  expect(linkedProblems(calls, price, stripeMeter(), mapped('mtr_2'))).toEqual([
    'It charges by the meter mtr_1, while the usage of calls goes to mtr_2.',
  ])
  expect(linkedProblems(calls, price, stripeMeter({ isActive: false, formula: 'last' }))).toEqual([
    'Its meter mtr_1 is switched off in Stripe.',
    'Its meter takes the last of what is reported; ours are added up: sum.',
  ])
  expect(linkedProblems(calls, stripePrice({ recurring: { ...metered, meterId: null } }))).toEqual([
    'It charges by usage records, which Stripe gave up; make one with a meter.',
  ])
})
