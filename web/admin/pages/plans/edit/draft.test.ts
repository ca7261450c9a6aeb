import { expect, test } from 'vitest'
import type { PlanDefinition, RateCard } from '../../../../ui/pricing/price-words.ts'
import {
  addPhase,
  blankCard,
  blankEntitlement,
  blankPrices,
  cadencesWith,
  type MeteredEntitlement,
  parseCurrencies,
  putCard,
  removeCard,
  withCurrencies,
  withOnLimit,
} from './draft.ts'

const DEFINITION: PlanDefinition = {
  name: 'Team',
  description: null,
  currencies: ['usd'],
  billingCadence: 'P1M',
  alignment: 'anniversary',
  engine: 'stripe_subscription',
  checkoutMode: 'subscription',
  isPaymentMethodRequired: true,
  collection: 'charge_automatically',
  daysUntilDue: null,
  visibility: 'public',
  customersMayPause: false,
  addOn: null,
  proration: {
    mode: 'time_based',
    anchor: 'keep',
    onPlanChange: 'carry_usage',
    allowIncoherent: false,
  },
  settlement: 'credit_then_invoice',
  onSubscriptionEnd: null,
  maxPaymentOverdueDays: null,
  rateLimits: [],
  phases: [{ key: 'standard', name: 'Standard', duration: null, rateCards: [] }],
  metadata: {},
}
const FEE: RateCard = {
  ...blankCard(DEFINITION),
  key: 'fee',
  name: 'Fee',
  prices: { usd: { type: 'flat', amount: '49.00', paymentTerm: 'in_advance' } },
  commitments: { usd: { minimum: '10.00', maximum: null } },
}

test('a card is put where it was, or last', () => {
  const one = putCard(DEFINITION, { phase: 0, card: 0 }, FEE)
  expect(one.phases[0]?.rateCards).toEqual([FEE])
  const renamed = putCard(one, { phase: 0, card: 0 }, { ...FEE, name: 'Base fee' })
  expect(renamed.phases[0]?.rateCards.map(({ name }) => name)).toEqual(['Base fee'])
  expect(removeCard(renamed, { phase: 0, card: 0 })).toEqual(DEFINITION)
})

test('a further currency asks for its prices, one that is gone takes its own along', () => {
  const priced = putCard(DEFINITION, { phase: 0, card: 0 }, FEE)
  const card = withCurrencies(priced, ['eur', 'usd']).phases[0]?.rateCards[0]
  expect(card?.prices).toEqual({
    usd: FEE.prices?.['usd'],
    eur: { type: 'flat', amount: '', paymentTerm: 'in_advance' },
  })
  const euros = withCurrencies(priced, ['eur'])
  expect(euros.currencies).toEqual(['eur'])
  expect(euros.phases[0]?.rateCards[0]?.commitments).toEqual({})
})

test('a trial goes before what stays', () => {
  const { phases } = addPhase(DEFINITION)
  expect(phases.map(({ key, duration }) => [key, duration])).toEqual([
    ['trial', 'P14D'],
    ['standard', null],
  ])
})

test('only a limit that slows down has a speed', () => {
  const metered = blankEntitlement('metered', 'P1M') as MeteredEntitlement
  const slowing = withOnLimit(metered, 'throttle')
  expect(slowing.throttle).toEqual({ limit: 1, windowSeconds: 1 })
  expect(withOnLimit(slowing, 'block').throttle).toBeNull()
})

test('prices are blank in every currency, or there are none', () => {
  expect(blankPrices('unit', ['usd', 'eur'])).toEqual({
    usd: { type: 'unit', amount: '' },
    eur: { type: 'unit', amount: '' },
  })
  expect(blankPrices('none', ['usd'])).toBeNull()
})

test('currencies are read as people type them, and a rare cadence stays on offer', () => {
  expect(parseCurrencies('USD, eur usd')).toEqual(['usd', 'eur'])
  expect(cadencesWith('P2M').at(-1)).toEqual({ value: 'P2M', label: 'every 2 months' })
})
