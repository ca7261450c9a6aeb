import { expect, test } from 'vitest'
import { cardWords, headline, phaseWords, rateLimitWords, trialWords } from './plan-words.ts'
import {
  perUnit,
  type PlanDefinition,
  type Price,
  priceWords,
  type RateCard,
} from './price-words.ts'

type Entitlement = NonNullable<RateCard['entitlement']>
type Metered = Extract<Entitlement, { type: 'metered' }>

function aCard(card: Partial<RateCard>): RateCard {
  return {
    key: 'requests',
    name: 'API requests',
    featureKey: null,
    billingCadence: 'P1M',
    prices: null,
    entitlement: null,
    discounts: [],
    commitments: null,
    conversion: null,
    creditCost: null,
    creditGrant: null,
    providerPrice: { kind: 'managed' },
    ...card,
  }
}

function aQuota(quota: Partial<Metered>): Metered {
  return {
    type: 'metered',
    issueAfterReset: '10000',
    usagePeriod: 'P1M',
    alignment: 'anniversary',
    onLimit: 'block',
    graceRatio: '0',
    throttle: null,
    preserveOverageAtReset: false,
    resetUsageOnRenewal: null,
    rollover: null,
    ...quota,
  }
}

function aPlan(phases: readonly { duration: string | null; rateCards: RateCard[] }[]) {
  return {
    currencies: ['usd'],
    billingCadence: 'P1M',
    phases: phases.map((phase, index) => ({ key: `p${index}`, name: `Phase ${index}`, ...phase })),
  } as unknown as PlanDefinition
}

const FEE: Price = { type: 'flat', amount: '29.00', paymentTerm: 'in_advance' }
const PER_REQUEST: Price = { type: 'unit', amount: '0.0005' }
const usd = (price: Price) => ({ usd: price })

test('a price too small to picture is said per thousand or per million, exactly', () => {
  expect(perUnit('0.01', 'usd', 'request')).toBe('$0.01 per request')
  expect(perUnit('0.0005', 'usd', 'request')).toBe('$0.50 per 1,000 requests')
  expect(perUnit('0.000002', 'usd', 'query')).toBe('$2.00 per 1,000,000 queries')
  expect(perUnit('0.000000000001', 'usd', 'byte')).toBe('$0.000000000001 per byte')
  expect(perUnit('0.5', 'jpy', 'request')).toBe('¥500 per 1,000 requests')
  expect(perUnit('0', 'usd', 'request')).toBe('free')
})

test('every price model has its words', () => {
  const words = (price: Price) => priceWords(price, 'usd', 'request')
  const tiers = [
    { upToAmount: '1000', flatPrice: null, unitPrice: '0' },
    { upToAmount: '5000', flatPrice: '5', unitPrice: '0.01' },
    { upToAmount: null, flatPrice: null, unitPrice: '0.005' },
  ]

  expect(words({ type: 'tiered', mode: 'graduated', tiers })).toEqual([
    'Up to 1,000 requests: free',
    'From 1,000 to 5,000: $5.00 plus $0.01 per request',
    'Above 5,000: $5.00 per 1,000 requests',
  ])
  expect(words({ type: 'tiered', mode: 'volume', tiers: tiers.slice(1) })).toEqual([
    'Up to 5,000 requests: $5.00 plus $0.01 per request, for all',
    'Above 5,000: $5.00 per 1,000 requests, for all',
  ])
  expect(
    words({ type: 'package', amount: '5', quantityPerPackage: '1000', rounding: 'up' }),
  ).toEqual(['$5.00 per 1,000 requests, or part of them'])
  expect(
    words({
      type: 'percentage',
      rate: '2.9',
      fixedPerEvent: '0.30',
      minimumPerEvent: '0.50',
      maximumPerEvent: null,
    }),
  ).toEqual(['2.9% of the amount plus $0.30 per event, at least $0.50 each'])
  expect(words({ type: 'dynamic', multiplier: '1.2' })).toEqual([
    'The price each event carries, times 1.2',
  ])
  expect(
    words({
      type: 'matrix',
      dimensions: ['model'],
      cells: [{ values: ['small'], amount: '0.01' }],
      defaultAmount: '0.02',
    }),
  ).toEqual(['small: $0.01 per request', 'Any other model: $0.02 per request'])
})

test('a card says what is included, what more costs, and never both that it is refused and billed', () => {
  const billed = aCard({
    prices: usd(PER_REQUEST),
    entitlement: aQuota({ onLimit: 'bill_overage' }),
  })
  const blocked = aCard({ entitlement: aQuota({}) })
  const payAsYouGo = aCard({
    prices: usd(PER_REQUEST),
    entitlement: aQuota({ onLimit: 'bill_overage', issueAfterReset: '0' }),
  })

  expect(cardWords(billed, 'usd', 'request')).toMatchObject({
    included: '10,000 requests per month',
    price: ['$0.50 per 1,000 requests'],
    beyond: null,
  })
  expect(cardWords(blocked, 'usd', 'request')).toMatchObject({
    included: '10,000 requests per month',
    price: [],
    beyond: 'More is refused.',
  })
  expect(cardWords(payAsYouGo, 'usd', 'request').included).toBeNull()
})

test('the other limits say what they do', () => {
  const beyond = (quota: Partial<Metered>) =>
    cardWords(aCard({ entitlement: aQuota(quota) }), 'usd', 'request').beyond

  expect(beyond({ graceRatio: '0.05' })).toBe('More than 5% beyond it is refused.')
  expect(beyond({ onLimit: 'warn' })).toBe('More is reported and not billed.')
  expect(beyond({ onLimit: 'throttle', throttle: { limit: 10, windowSeconds: 1 } })).toBe(
    'Then it is slowed down to 10 requests per second.',
  )
  expect(beyond({ issueAfterReset: null })).toBeNull()
})

test('fees say how often and when they are charged', () => {
  const price = (card: Partial<RateCard>) => cardWords(aCard(card), 'usd', '').price

  expect(price({ prices: usd(FEE) })).toEqual(['$29.00 per month'])
  expect(price({ prices: usd(FEE), billingCadence: null })).toEqual(['$29.00 once'])
  expect(price({ prices: usd(FEE), billingCadence: 'P3M' })).toEqual(['$29.00 every 3 months'])
  expect(price({ prices: usd({ ...FEE, paymentTerm: 'in_arrears' }) })).toEqual([
    '$29.00 per month, at its end',
  ])
})

test('discounts, commitments and conversions are said, because they change what is paid', () => {
  const card = aCard({
    prices: usd({ type: 'unit', amount: '0.10' }),
    discounts: [
      { type: 'percentage', percent: '10' },
      { type: 'amount', amounts: { usd: '5' } },
    ],
    commitments: { usd: { minimum: '100', maximum: '1000' } },
    conversion: { operation: 'divide', factor: '1000', rounding: 'up' },
  })

  const { price, terms } = cardWords(card, 'usd', 'token')

  expect(price).toEqual(['$0.10 per 1,000 tokens'])
  expect(terms).toEqual([
    '10% off',
    '$5.00 off',
    'at least $100.00 and at most $1,000.00 per month',
  ])
})

test('the headline adds the recurring fees of the last phase and nothing else', () => {
  const fee = aCard({ key: 'fee', prices: usd(FEE) })
  const setup = aCard({ key: 'setup', prices: usd(FEE), billingCadence: null })
  const usage = aCard({ prices: usd(PER_REQUEST) })
  const plan = (rateCards: RateCard[]) => headline(aPlan([{ duration: null, rateCards }]), 'usd')

  expect(plan([fee, { ...fee, key: 'more' }, setup, usage])).toEqual({
    kind: 'fee',
    amount: '$58.00',
    per: 'per month',
  })
  expect(plan([usage]).amount).toBe('Pay as you go')
  expect(plan([aCard({ entitlement: aQuota({}) })]).amount).toBe('Free')
})

test('only a first phase without prices is a trial', () => {
  const fee = aCard({ prices: usd(FEE) })
  const free = aCard({ entitlement: aQuota({}) })

  expect(
    trialWords(
      aPlan([
        { duration: 'P14D', rateCards: [free] },
        { duration: null, rateCards: [fee] },
      ]),
    ),
  ).toBe('14 days')
  expect(
    trialWords(
      aPlan([
        { duration: 'P3M', rateCards: [fee] },
        { duration: null, rateCards: [fee] },
      ]),
    ),
  ).toBeUndefined()
  expect(trialWords(aPlan([{ duration: null, rateCards: [free] }]))).toBeUndefined()
})

test('phases follow one another in words', () => {
  const phases = aPlan([
    { duration: 'P14D', rateCards: [] },
    { duration: 'P3M', rateCards: [] },
    { duration: null, rateCards: [] },
  ]).phases

  expect(phases.map((phase, index) => phaseWords(phase, index, 3))).toEqual([
    'The first 14 days',
    'The next 3 months',
    'After that',
  ])
})

test('a rate limit says how much, how fast and for whom', () => {
  const limit = {
    name: 'requests',
    limit: 60,
    windowSeconds: 60,
    burst: null,
    scope: 'key',
  } as const

  expect(rateLimitWords(limit)).toBe('60 requests per minute for each API key')
  expect(rateLimitWords({ ...limit, windowSeconds: 10, burst: 120, scope: 'customer' })).toBe(
    '60 requests in 10 seconds for all keys together, 120 at once',
  )
})

test('credits that come with a plan are said, and what becomes of a quota’s rest', () => {
  const rollover = { maximum: '5000', validFor: 'P1M', priority: 50 }
  const creditGrant = {
    unit: 'custom:credits',
    amount: '500',
    every: 'P1M',
    validFor: null,
    priority: 50,
    appliesTo: null,
  }

  const { terms } = cardWords(
    aCard({ creditGrant, entitlement: aQuota({ rollover }) }),
    'usd',
    'request',
  )

  expect(terms).toEqual([
    '500 credits per month',
    'What is left over is valid for another month, at most 5,000 requests',
  ])
})
