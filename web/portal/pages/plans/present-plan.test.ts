import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { planDefinition } from '../../../../src/api/contract/plan-definition.ts'
import type { Price, RateCard } from '../../../ui/pricing/price-words.ts'
import { type OfferedPlan, planWords } from './present-plan.ts'

const CATALOGS = join(import.meta.dirname, '../../../../examples/catalogs')

interface CatalogFile {
  readonly meters: readonly { readonly key: string; readonly unit: string }[]
  readonly features: readonly {
    readonly key: string
    readonly name: string
    readonly meterKey?: string
  }[]
  readonly plans: readonly { readonly key: string; readonly isDefault?: boolean }[]
}

/** The plans of an example catalog, as the API would offer them. */
function offered(name: string): OfferedPlan[] {
  const text = readFileSync(join(CATALOGS, `${name}.yaml`), 'utf8')
  const { meters, features, plans } = parse(text) as CatalogFile
  const unitOf = (meterKey?: string) => meters.find(({ key }) => key === meterKey)?.unit ?? 'unit'
  return plans.map(({ key, ...plan }) => ({
    key,
    version: 1,
    definition: planDefinition.parse(withoutDefault(plan)),
    featureNames: Object.fromEntries(features.map((each) => [each.key, each.name])),
    featureUnits: Object.fromEntries(features.map((each) => [each.key, unitOf(each.meterKey)])),
  }))
}

/** Which plan is the default is the catalog's to say, not the plan's. */
function withoutDefault(plan: object): object {
  return Object.fromEntries(Object.entries(plan).filter(([name]) => name !== 'isDefault'))
}

function aPlan(rateCards: readonly object[], over: object = {}): OfferedPlan {
  return {
    key: 'pro',
    version: 1,
    definition: planDefinition.parse({
      name: 'Pro',
      currencies: ['usd'],
      billingCadence: 'P1M',
      phases: [{ key: 'main', name: 'Main', duration: null, rateCards }],
      ...over,
    }),
    featureNames: { requests: 'API requests', support: 'Support' },
    featureUnits: { requests: 'request' },
  }
}

const fee = (amount: string, over: Partial<RateCard> = {}) => ({
  key: `fee_${amount.replace('.', '_')}`,
  name: 'Fee',
  billingCadence: 'P1M',
  prices: { usd: { type: 'flat', amount } },
  ...over,
})

function requests(price: Price | null, entitlement: object | null = null, over: object = {}) {
  return {
    key: 'requests',
    name: 'API requests',
    featureKey: 'requests',
    billingCadence: 'P1M',
    prices: price && { usd: price },
    entitlement: entitlement && {
      type: 'metered',
      issueAfterReset: '1000',
      usagePeriod: 'P1M',
      ...entitlement,
    },
    ...over,
  }
}

const unit = (amount: string): Price => ({ type: 'unit', amount })
const sentence = (...cards: object[]) => planWords(aPlan(cards), 'usd').sentence

function usage(price: Price | null, entitlement: object | null = null) {
  const [words] = planWords(aPlan([requests(price, entitlement)]), 'usd').usage
  return [words?.shape, words?.text]
}

test('a fee, what it includes and what follows make one sentence', () => {
  const tiers: Price = {
    type: 'tiered',
    mode: 'graduated',
    tiers: [
      { upToAmount: '10000', flatPrice: null, unitPrice: '0' },
      { upToAmount: null, flatPrice: null, unitPrice: '0.002' },
    ],
  }

  expect(
    sentence(fee('99'), requests(tiers, { issueAfterReset: '10000', onLimit: 'bill_overage' })),
  ).toBe('$99 per month, includes 10,000 requests, then $2.00 per 1,000')
})

test.each([
  [
    'a hard quota stops',
    null,
    { onLimit: 'block' },
    'capped',
    '1,000 requests per month, then stops',
  ],
  [
    'a hard quota with a price is billed from the first unit, so nothing is included',
    unit('0.01'),
    { onLimit: 'block' },
    'capped',
    '$0.01 per request, stops at 1,000 requests per month',
  ],
  [
    'an allowance is included, and only what exceeds it is billed',
    unit('0.01'),
    { onLimit: 'bill_overage' },
    'included',
    'includes 1,000 requests per month, then $0.01 each',
  ],
  [
    'an allowance of nothing includes nothing',
    unit('0.01'),
    { onLimit: 'bill_overage', issueAfterReset: '0' },
    'payAsYouGo',
    '$0.01 per request',
  ],
  [
    'a price without a quota is billed from the first unit',
    unit('0.01'),
    null,
    'payAsYouGo',
    '$0.01 per request',
  ],
  [
    'a limit that warns bills nothing, whatever the price',
    unit('0.01'),
    { onLimit: 'warn' },
    'generic',
    '1,000 requests per month, more is not refused',
  ],
  [
    'a limit that slows down says to which speed',
    null,
    { onLimit: 'throttle', throttle: { limit: 10, windowSeconds: 60 } },
    'generic',
    '1,000 requests per month, then slowed down to 10 requests per minute',
  ],
  ['no limit is unlimited', null, { issueAfterReset: null }, 'generic', 'unlimited requests'],
  [
    'unlimited beside a price bills nothing',
    unit('0.01'),
    { issueAfterReset: null, onLimit: 'bill_overage' },
    'generic',
    'unlimited requests',
  ],
  [
    'a share of an amount claims no price of a unit',
    {
      type: 'percentage',
      rate: '2.9',
      fixedPerEvent: '0.30',
      minimumPerEvent: null,
      maximumPerEvent: null,
    },
    null,
    'generic',
    '2.9% of the amount plus $0.30 per event',
  ],
] as const)('%s', (_, price, entitlement, shape, text) => {
  expect(usage(price, entitlement)).toEqual([shape, text])
})

test('tiers that begin behind the allowance are counted from the first unit, as customers count', () => {
  const tiers: Price = {
    type: 'tiered',
    mode: 'graduated',
    tiers: [
      { upToAmount: '5000', flatPrice: null, unitPrice: '0.02' },
      { upToAmount: null, flatPrice: null, unitPrice: '0.01' },
    ],
  }

  expect(usage(tiers, { onLimit: 'bill_overage' })[1]).toBe(
    'includes 1,000 requests per month, then $0.02 each up to 6,000, then $0.01 each',
  )
})

test('a price list that is too long for a line is given apart from it', () => {
  const amounts = ['0.04', '0.03', '0.02', '0.01']
  const tiers: Price = {
    type: 'tiered',
    mode: 'graduated',
    tiers: amounts.map((unitPrice, index) => ({
      upToAmount: index === 3 ? null : String((index + 1) * 1000),
      flatPrice: null,
      unitPrice,
    })),
  }

  const [words] = planWords(aPlan([requests(tiers)]), 'usd').usage

  expect(words?.text).toBe('$0.01 per request to $0.04 per request by volume')
  expect(words?.details).toEqual([
    '$0.04 per request up to 1,000',
    '$0.03 each up to 2,000',
    '$0.02 each up to 3,000',
    '$0.01 each',
  ])
})

test('volume prices hold for all units, and say so', () => {
  const tiers: Price = {
    type: 'tiered',
    mode: 'volume',
    tiers: [
      { upToAmount: '1000', flatPrice: null, unitPrice: '0.02' },
      { upToAmount: null, flatPrice: null, unitPrice: '0.01' },
    ],
  }

  expect(usage(tiers)[1]).toBe('all at $0.02 per request up to 1,000, all at $0.01 each')
})

test('fees add up when they come equally often, and are named when they do not', () => {
  const setup = fee('50', { name: 'Setup', billingCadence: null })
  const { price, extras } = planWords(aPlan([fee('20'), fee('9.99'), setup]), 'usd')

  expect(price).toEqual({ amount: '$29.99', per: 'per month' })
  expect(extras).toEqual(['Setup: $50 once'])
})

test('discounts are taken off the fee in their order, and said of usage', () => {
  const discounts = [
    { type: 'percentage', percent: '10' },
    { type: 'amount', amounts: { usd: '5' } },
  ] as RateCard['discounts']

  const { price, usage: said } = planWords(
    aPlan([fee('100', { discounts }), requests(unit('0.01'), null, { discounts })]),
    'usd',
  )

  expect(price.amount).toBe('$85')
  expect(said[0]?.text).toBe('$0.01 per request, 10% off, $5.00 off')
})

test('the price of the one thing that is billed is the headline, unless something comes before it', () => {
  const headline = (card: object) => planWords(aPlan([card]), 'usd').price

  expect(headline(requests(unit('0.002')))).toEqual({ amount: '$2.00', per: 'per 1,000 requests' })
  expect(headline(requests(unit('0.01'), { onLimit: 'bill_overage' }))).toEqual({
    amount: '$0',
    per: 'per month, plus usage',
  })
  expect(headline(requests(null, { onLimit: 'block' }))).toEqual({ amount: 'Free', per: null })
})

test('phases before the last are beginnings', () => {
  const plan = aPlan([], {
    phases: [
      { key: 'trial', name: 'Trial', duration: 'P2W', rateCards: [requests(null, {})] },
      { key: 'intro', name: 'Intro', duration: 'P3M', rateCards: [fee('9')] },
      { key: 'main', name: 'Main', duration: null, rateCards: [fee('29')] },
    ],
  })

  expect(planWords(plan, 'usd')).toMatchObject({
    price: { amount: '$29', per: 'per month' },
    beginnings: [
      'First 2 weeks free: 1,000 requests per month, then stops',
      'First 3 months: $9 per month',
    ],
  })
})

test('every plan of the example catalogs reads as its definition is billed', () => {
  const names = globSync('*.yaml', { cwd: CATALOGS }).map((file) => basename(file, '.yaml'))
  const said = names
    .toSorted()
    .flatMap((name) =>
      offered(name).map((plan) => `${name}/${plan.key}: ${planWords(plan, 'usd').sentence}`),
    )

  expect(said).toMatchInlineSnapshot(`
    [
      "admin-center/free: Free",
      "admin-center/premium: $9.99 per month",
      "admin-center/enterprise: $29.99 per month",
      "agent-marketplace/free: Free, 10 executions per month, then stops",
      "agent-marketplace/basic: $29 per month; Agent executions: 100 executions, then stops; Model tokens: $1.00 per 1,000,000 tokens to $0.03 per 1,000 tokens, by model; Executions with your own model key: $2.00 per 1,000 executions",
      "agent-marketplace/pro: $99 per month; Agent executions: 1,000 executions, then stops; Model tokens: $1.00 per 1,000,000 tokens to $0.03 per 1,000 tokens, by model; Executions with your own model key: $2.00 per 1,000 executions",
      "agent-marketplace/enterprise: $499 per month; Agent executions: unlimited executions; Model tokens: $1.00 per 1,000,000 tokens to $0.03 per 1,000 tokens, by model; Executions with your own model key: $2.00 per 1,000 executions",
      "apigate/free: Free, 1,000 requests per month, then stops",
      "apigate/pay_as_you_go: $0.01 per request",
      "apigate/pro: $29 per month, 100,000 requests, then stops",
      "apigate/pro_overage: $29 per month, includes 100,000 requests, then $1.00 per 1,000",
      "compute-cloud/compute: CPU hours: $0.10 per CPU-hour; GPU hours: $2.00 per GPU-hour; Storage: $0.15 per GB-month; API calls: $0.01 per 1,000 calls, or part of them",
      "getting-started/free: Free, 100 requests per month, then stops",
      "getting-started/pro: $29 per month, 1,000 requests, then stops",
      "getting-started/scale: $99 per month, includes 10,000 requests, then $2.00 per 1,000 up to 100,000, then $1.00 per 1,000",
      "getting-started/payg: $0.01 per request",
      "zuplo/free: Free, 1,000 requests per month, then stops",
      "zuplo/starter: $29 per month, 10,000 requests, then stops",
      "zuplo/pay_as_you_go: includes 10,000 requests per month, then $0.01 each",
      "zuplo/pro: $99 per month, 50,000 requests, then stops",
      "zuplo/scale: $499 per month, includes 1,000,000 requests, then $0.50 per 1,000",
    ]
  `)
})
