import { expect, test } from 'vitest'
import {
  aCard,
  aFeature,
  aFee,
  aMeter,
  aPlan,
  aQuota,
  flat,
  packages,
  tiered,
  unit,
  usageCard,
} from '../../../test/support/plans.ts'
import type { FieldError } from '../../errors.ts'
import type { PlanDefinition, RateCard } from './plan.ts'
import { validatePlan } from './validate-plan.ts'

const METERS = [
  aMeter('calls', { unit: 'call', groupBy: { model: 'model' } }),
  aMeter('counted', { aggregation: 'count' }),
  aMeter('people', { aggregation: 'unique' }),
  aMeter('disk', { aggregation: 'time_weighted_sum', unit: 'GB-month' }),
  aMeter('snapshots', { aggregation: 'sum', unit: 'GB-month' }),
  aMeter('old', { archivedAt: 1 }),
]
const FEATURES = [
  ...METERS.map(({ key }) => aFeature(key)),
  aFeature('sso', { meterKey: null }),
  aFeature('gone', { archivedAt: 1, meterKey: null }),
]
const context = { meters: METERS, features: FEATURES }

const problems = (plan: PlanDefinition, other = {}): FieldError[] =>
  validatePlan(plan, { ...context, ...other })
const withCard = (card: RateCard, changes: Partial<PlanDefinition> = {}) =>
  problems(aPlan(changes, [card])).map(({ path, message }) => [
    path.replace('phases[0].rateCards[0].', ''),
    message,
  ])
const paths = (plan: PlanDefinition) => problems(plan).map(({ path }) => path)

test('an ordinary plan has no problems', () => {
  const plan = aPlan(
    { rateLimits: [{ name: 'calls', limit: 10, windowSeconds: 60, burst: 5, scope: 'key' }] },
    [
      aFee('29.00'),
      aCard('sso', { featureKey: 'sso', entitlement: { type: 'boolean' } }),
      usageCard('calls', unit('0.001'), { entitlement: aQuota('1000') }),
      usageCard('disk', unit('0.15')),
      usageCard('counted', packages('0.01', '1000')),
    ],
  )
  expect(problems(plan)).toEqual([])
})

test('every problem is reported at once, each where it is', () => {
  const plan = aPlan({ name: ' ', billingCadence: 'monthly', maxPaymentOverdueDays: '-1' }, [
    aFee('29.999'),
    usageCard('calls', tiered('graduated', ['10', '1e3'], ['5', '1'], [null, '-1'])),
    usageCard('nowhere', unit('one')),
  ])
  expect(paths(plan)).toEqual([
    'name',
    'billingCadence',
    'maxPaymentOverdueDays',
    'phases[0].rateCards[0].prices.usd.amount',
    'phases[0].rateCards[1].prices.usd.tiers[0].unitPrice',
    'phases[0].rateCards[1].prices.usd.tiers[1].upToAmount',
    'phases[0].rateCards[1].prices.usd.tiers[2].unitPrice',
    'phases[0].rateCards[2].featureKey',
    'phases[0].rateCards[2].prices.usd.amount',
  ])
})

test('S3.25 all phases but the last have a length, and the last has none', () => {
  const phase = (key: string, duration: string | null) => ({
    key,
    name: key,
    duration,
    rateCards: [],
  })
  expect(paths(aPlan({ phases: [phase('a', 'P1M'), phase('b', null)] }))).toEqual([])
  expect(paths(aPlan({ phases: [phase('a', null), phase('b', 'P1M')] }))).toEqual([
    'phases[0].duration',
    'phases[1].duration',
  ])
  expect(paths(aPlan({ phases: [phase('a', 'P1M'), phase('a', null)] }))).toEqual(['phases[1].key'])
  expect(paths(aPlan({ phases: [] }))).toEqual(['phases'])
})

test('S3.24 the cadences of plan and card fit into each other', () => {
  const card = (billingCadence: string | null) => withCard(aFee('1', { billingCadence }))
  expect(card('P3M')).toEqual([])
  expect(card(null)).toEqual([])
  expect(card('P1W')).toEqual([
    ['billingCadence', "P1W and the plan's P1M do not fit into each other."],
  ])
  expect(withCard(usageCard('calls', unit('1'), { billingCadence: null }))).toMatchObject([
    ['billingCadence', expect.stringContaining('cadence')],
  ])
  expect(
    withCard(usageCard('calls', unit('1'), { billingCadence: 'P1D' }), { billingCadence: 'P1D' }),
  ).toEqual([])
  expect(
    withCard(usageCard('calls', unit('1'), { billingCadence: 'PT1H' }), { billingCadence: 'P4W' }),
  ).toMatchObject([['billingCadence', expect.stringContaining('60 usage lines')]])
})

test('S3.26 usage needs a feature that something measures', () => {
  expect(withCard(aFee('1', { featureKey: 'gone' }))).toEqual([
    ['featureKey', 'The feature gone is archived.'],
  ])
  expect(withCard(usageCard('sso', unit('1')))).toMatchObject([
    ['featureKey', expect.stringContaining('Nothing measures sso')],
  ])
  expect(withCard(usageCard('old', unit('1')))).toMatchObject([
    ['featureKey', expect.stringContaining('Nothing measures old')],
  ])
  expect(withCard(usageCard('calls', unit('1'), { featureKey: null }))).toMatchObject([
    ['featureKey', expect.stringContaining('flat fee')],
  ])
  expect(withCard(aCard('sso', { entitlement: { type: 'boolean' } }))).toMatchObject([
    ['featureKey', expect.stringContaining('entitlement')],
  ])
})

test('a soft limit without a price would be free, one that only warns must not have one', () => {
  const soft = aQuota('1000')
  expect(withCard(aCard('calls', { featureKey: 'calls', entitlement: soft }))).toMatchObject([
    ['entitlement.onLimit', expect.stringContaining('free')],
  ])
  const warn = aQuota('1000', { onLimit: 'warn' })
  expect(withCard(aCard('calls', { featureKey: 'calls', entitlement: warn }))).toEqual([])
  expect(withCard(usageCard('calls', unit('1'), { entitlement: warn }))).toMatchObject([
    ['entitlement.onLimit', expect.stringContaining('never bills')],
  ])
  expect(withCard(usageCard('calls', unit('1'), { entitlement: aQuota(null) }))).toMatchObject([
    ['entitlement.issueAfterReset', expect.stringContaining('never billed')],
  ])
})

test('what the entitlement includes is what the price leaves free', () => {
  const price = tiered('graduated', ['155000', null], [null, '0.01'])
  const card = (included: string) =>
    withCard(usageCard('calls', price, { entitlement: aQuota(included) }))
  expect(card('155000')).toEqual([])
  expect(card('1000')).toEqual([
    [
      'entitlement.issueAfterReset',
      'The price is free up to 155000, the entitlement includes 1000: make them equal.',
    ],
  ])
  const volume = tiered('volume', ['1000', null], [null, '0.01'])
  expect(withCard(usageCard('calls', volume, { entitlement: aQuota('1000') }))).toMatchObject([
    ['entitlement.issueAfterReset', expect.stringContaining('graduated')],
  ])
})

test('U9 a price per GB-month needs an average over the month, not a sum of snapshots', () => {
  expect(withCard(usageCard('disk', unit('0.15')))).toEqual([])
  expect(withCard(usageCard('snapshots', unit('0.15')))).toMatchObject([
    ['featureKey', expect.stringContaining('time-weighted')],
  ])
  const yearly = usageCard('disk', unit('0.15'), { billingCadence: 'P1Y' })
  expect(withCard(yearly, { billingCadence: 'P1Y' })).toMatchObject([
    ['billingCadence', expect.stringContaining('every month')],
  ])
})

test('what cannot be split over windows has the window of its charge', () => {
  const card = (key: string, changes = {}) =>
    withCard(usageCard(key, unit('1'), { entitlement: aQuota('10', changes) }))
  expect(card('people')).toEqual([])
  expect(card('people', { usagePeriod: 'P1D' })).toMatchObject([
    ['entitlement.usagePeriod', expect.stringContaining('unique')],
  ])
  expect(card('calls', { usagePeriod: 'P1D' })).toEqual([])
  expect(card('calls', { usagePeriod: 'PT1H' })).toMatchObject([
    ['entitlement.usagePeriod', expect.stringContaining('400')],
  ])
})

test('U17 rate limits have fixed windows of at most a day', () => {
  const limit = { name: 'a', limit: 10, windowSeconds: 60, burst: null, scope: 'key' } as const
  const check = (changes: object) => paths(aPlan({ rateLimits: [{ ...limit, ...changes }] }))
  expect(check({})).toEqual([])
  expect(check({ windowSeconds: 2_592_000 })).toEqual(['rateLimits[0].windowSeconds'])
  expect(check({ limit: 0, burst: 0 })).toEqual(['rateLimits[0].limit', 'rateLimits[0].burst'])
})

test('U25 only coherent packages of proration are sold, unless somebody insists', () => {
  const proration = { ...aPlan().proration }
  const check = (changes: object, cards: RateCard[] = []) =>
    paths(aPlan({ proration: { ...proration, ...changes } }, cards))
  const reset = { anchor: 'reset', onPlanChange: 'fresh' }
  expect(check({ mode: 'max_consumption_based', ...reset })).toEqual([])
  expect(check({ mode: 'none' })).toEqual([])
  expect(check({ mode: 'full_reset', ...reset })).toEqual([])
  expect(check({ onPlanChange: 'fresh' })).toEqual(['proration'])
  expect(check({ mode: 'max_consumption_based' })).toEqual(['proration'])
  expect(check({ mode: 'none', ...reset })).toEqual(['proration'])
  const quota = aCard('calls', {
    featureKey: 'calls',
    entitlement: aQuota('10', { onLimit: 'block' }),
  })
  expect(check({ mode: 'full_reset', ...reset }, [quota])).toEqual(['proration.mode'])
  expect(check({ onPlanChange: 'fresh', allowIncoherent: true })).toEqual([])
})

test('every currency of the plan has every price, in one model, with decimals the currency has', () => {
  const card = (prices: RateCard['prices'], currencies: string[]) =>
    withCard(aFee('1', { prices }), { currencies })
  expect(
    card({ usd: flat('29.00'), jpy: flat('2900'), kwd: flat('9.50') }, ['usd', 'jpy', 'kwd']),
  ).toEqual([])
  expect(card({ usd: flat('29.00') }, ['usd', 'eur'])).toEqual([
    ['prices.eur', 'It is missing in eur.'],
  ])
  expect(card({ usd: flat('1'), eur: flat('1') }, ['usd'])).toMatchObject([
    ['prices.eur', expect.stringContaining('not sold in eur')],
  ])
  expect(card({ jpy: flat('29.5') }, ['jpy'])).toMatchObject([
    ['prices.jpy.amount', expect.stringContaining('no decimals')],
  ])
  expect(card({ kwd: flat('9.505') }, ['kwd'])).toMatchObject([
    ['prices.kwd.amount', expect.stringContaining('at most 2 decimals')],
  ])
  expect(paths(aPlan({ currencies: [] }))).toEqual(['currencies'])
  expect(paths(aPlan({ currencies: ['usd', 'usd', 'xyz'] }))).toEqual([
    'currencies[2]',
    'currencies[1]',
  ])
  const mixed = usageCard('calls', unit('1'), {
    prices: { usd: unit('1'), eur: packages('1', '10') },
  })
  expect(withCard(mixed, { currencies: ['usd', 'eur'] })).toMatchObject([
    ['prices', expect.stringContaining('same price model')],
  ])
})

test('tiers rise and the last one is open', () => {
  const card = (...tiers: Parameters<typeof tiered>[1][]) =>
    withCard(usageCard('calls', tiered('graduated', ...tiers)))
  expect(card(['10', '1'], ['10', '1'], [null, '1'])).toMatchObject([
    ['prices.usd.tiers[1].upToAmount', expect.stringContaining('above')],
  ])
  expect(card(['10', '1'])).toMatchObject([
    ['prices.usd.tiers[0].upToAmount', expect.stringContaining('open-ended')],
  ])
  expect(card([null, '1'], [null, '1'])).toMatchObject([
    ['prices.usd.tiers[0].upToAmount', expect.stringContaining('last tier')],
  ])
  expect(card()).toMatchObject([['prices.usd.tiers', expect.stringContaining('at least one')]])
})

test('a matrix is about dimensions the meter has, each combination once', () => {
  const matrix = (dimensions: string[], ...values: string[][]) =>
    withCard(
      usageCard('calls', {
        type: 'matrix',
        dimensions,
        cells: values.map((entry) => ({ values: entry, amount: '1' })),
        defaultAmount: '1',
      }),
    )
  expect(matrix(['model'], ['a'], ['b'])).toEqual([])
  expect(matrix(['region'], ['a'])).toMatchObject([
    ['prices.usd.dimensions[0]', expect.stringContaining('region')],
  ])
  expect(matrix(['model'], ['a'], ['a'], ['a', 'b'])).toMatchObject([
    ['prices.usd.cells[2].values', expect.stringContaining('each dimension')],
    ['prices.usd.cells[1].values', expect.stringContaining('twice')],
  ])
})

test('shares of amounts need a meter that sums them, and include nothing', () => {
  const percentage = {
    type: 'percentage',
    rate: '2.9',
    fixedPerEvent: null,
    minimumPerEvent: '2',
    maximumPerEvent: '1',
  } as const
  expect(withCard(usageCard('calls', percentage))).toMatchObject([
    ['prices.usd.minimumPerEvent', expect.stringContaining('above')],
  ])
  expect(withCard(usageCard('counted', { type: 'dynamic', multiplier: '1.2' }))).toMatchObject([
    ['prices.usd.type', expect.stringContaining('sums amounts')],
  ])
  const including = usageCard(
    'calls',
    { type: 'dynamic', multiplier: '1' },
    { entitlement: aQuota('10') },
  )
  expect(withCard(including)).toMatchObject([
    ['entitlement.issueAfterReset', expect.stringContaining('share of amounts')],
  ])
})

test('commitments are about usage and their minimum is not above their maximum', () => {
  const usd = { minimum: '10', maximum: '5' }
  expect(withCard(usageCard('calls', unit('1'), { commitments: { usd } }))).toMatchObject([
    ['commitments.usd.minimum', expect.stringContaining('above')],
  ])
  expect(
    withCard(aFee('1', { commitments: { usd: { minimum: '1', maximum: null } } })),
  ).toMatchObject([['commitments', expect.stringContaining('usage')]])
  expect(
    withCard(
      usageCard('calls', unit('1'), { commitments: { usd: { minimum: null, maximum: null } } }),
    ),
  ).toHaveLength(1)
})

test('discounts and conversions have something to work on', () => {
  const discounts = [{ type: 'percentage', percent: '101' }] as const
  expect(withCard(aFee('1', { discounts }))).toEqual([['discounts[0].percent', 'At most 100.']])
  expect(
    withCard(aCard('empty', { discounts: [{ type: 'percentage', percent: '5' }] })),
  ).toHaveLength(1)
  const conversion = { operation: 'divide', factor: '0', rounding: 'up' } as const
  expect(withCard(usageCard('calls', unit('1'), { conversion }))).toMatchObject([
    ['conversion.factor', expect.stringContaining('more than zero')],
  ])
  expect(withCard(aFee('1', { conversion: { ...conversion, factor: '2' } }))).toHaveLength(1)
})

test('an entitlement is given once, and grace is for limits that block', () => {
  const card = (key: string) =>
    aCard(key, { featureKey: 'calls', entitlement: aQuota('10', { onLimit: 'block' }) })
  expect(paths(aPlan({}, [card('a'), card('b')]))).toEqual(['phases[0].rateCards[1].entitlement'])
  const throttled = aCard('t', {
    featureKey: 'calls',
    entitlement: aQuota('10', { onLimit: 'throttle', graceRatio: '0.05' }),
  })
  expect(paths(aPlan({}, [throttled]))).toEqual([
    'phases[0].rateCards[0].entitlement.graceRatio',
    'phases[0].rateCards[0].entitlement.throttle',
  ])
})

test('Stripe subscriptions bill by the day at the shortest', () => {
  const hourly = { billingCadence: 'PT1H', engine: 'stripe_subscription' } as const
  expect(paths(aPlan(hourly))).toEqual(['billingCadence'])
  expect(paths(aPlan({ ...hourly, engine: 'stripe_invoice' }))).toEqual([])
  expect(paths(aPlan({ ...hourly, billingCadence: 'P4Y' }))).toEqual(['billingCadence'])
  const cards = Array.from({ length: 21 }, (_, i) => aFee('1', { key: `fee_${i}` }))
  expect(paths(aPlan({ engine: 'stripe_subscription' }, cards))).toEqual(['phases[0].rateCards'])
})

test('plans that are paid by invoice ask for no card, and set-up asks for one', () => {
  expect(paths(aPlan({ engine: 'offline' }))).toEqual(['isPaymentMethodRequired'])
  expect(paths(aPlan({ checkoutMode: 'setup', isPaymentMethodRequired: false }))).toEqual([
    'checkoutMode',
  ])
})

test('what we bill ourselves is charged to a payment method, unless credits or nobody pay for it', () => {
  const open = { engine: 'stripe_invoice', isPaymentMethodRequired: false } as const
  expect(paths(aPlan(open, [aFee('9.00')]))).toEqual(['isPaymentMethodRequired'])
  expect(paths(aPlan(open, []))).toEqual([])
})

test('Stripe charges one price after the other, and nothing for nothing only before the first of them', () => {
  const phase = (key: string, duration: string | null, amount?: string) => ({
    key,
    name: key,
    duration,
    rateCards: amount === undefined ? [] : [aFee(amount)],
  })
  const intro = [phase('intro', 'P3M', '9.00'), phase('main', null, '29.00')]
  const trial = [phase('trial', 'P2W'), ...intro]
  const breather = [phase('intro', 'P3M', '9.00'), phase('free', 'P1M'), ...intro.slice(1)]
  expect(paths(aPlan({ engine: 'stripe_subscription', phases: intro }))).toEqual([])
  expect(paths(aPlan({ engine: 'stripe_subscription', phases: trial }))).toEqual([])
  expect(paths(aPlan({ engine: 'stripe_subscription', phases: breather }))).toEqual(['phases[1]'])
  expect(paths(aPlan({ engine: 'stripe_invoice', phases: breather }))).toEqual([])
})

test('credits of a plan are in a unit it can use, and only what is limited is left over', () => {
  const creditGrant = {
    unit: 'money:eur',
    amount: '0',
    every: 'P1M',
    validFor: null,
    priority: 50,
    appliesTo: null,
  }
  expect(withCard(aCard('credits', { creditGrant })).map(([path]) => path)).toEqual([
    'creditGrant.unit',
    'creditGrant.amount',
  ])
  const rollover = { maximum: null, validFor: 'P1M', priority: 50 }
  const unlimited = aQuota(null, { onLimit: 'block', rollover })
  const card = aCard('calls', { featureKey: 'calls', entitlement: unlimited })
  expect(withCard(card)).toEqual([
    ['entitlement.rollover', 'Of an unlimited amount nothing is left over.'],
  ])
})
