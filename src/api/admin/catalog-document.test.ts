import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { catalogFile } from '../contract/catalog-file.ts'
import { entitlement, price } from '../contract/plan-definition.ts'
import { readCatalog, writeCatalog } from './catalog-document.ts'

const amount = fc.constantFrom('0', '1.00', '0.0005', '29')
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null })
const prices = fc.oneof(
  fc.record({
    type: fc.constant('flat'),
    amount,
    paymentTerm: fc.constantFrom('in_advance', 'in_arrears'),
  }),
  fc.record({ type: fc.constant('unit'), amount }),
  fc.record({
    type: fc.constant('tiered'),
    mode: fc.constantFrom('graduated', 'volume'),
    tiers: fc.array(
      fc.record({ upToAmount: maybe(amount), flatPrice: maybe(amount), unitPrice: maybe(amount) }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  fc.record({
    type: fc.constant('package'),
    amount,
    quantityPerPackage: amount,
    rounding: fc.constantFrom('up', 'down', 'exact'),
  }),
  fc.record({ type: fc.constant('percentage'), rate: amount, fixedPerEvent: maybe(amount) }),
  fc.record({ type: fc.constant('dynamic'), multiplier: amount }),
  fc.record({
    type: fc.constant('matrix'),
    dimensions: fc.constant(['model']),
    cells: fc.array(fc.record({ values: fc.array(fc.string(), { maxLength: 1 }), amount }), {
      maxLength: 3,
    }),
    defaultAmount: amount,
  }),
)
const entitlements = fc.oneof(
  fc.record({ type: fc.constant('boolean') }),
  fc.record({ type: fc.constant('static'), value: fc.string() }),
  fc.record({
    type: fc.constant('metered'),
    issueAfterReset: maybe(amount),
    usagePeriod: fc.constantFrom('P1M', 'P1D'),
    onLimit: fc.constantFrom('block', 'bill_overage', 'warn', 'throttle'),
    graceRatio: amount,
    preserveOverageAtReset: fc.boolean(),
    resetUsageOnRenewal: maybe(fc.boolean()),
  }),
)
const cards = fc.record({
  key: fc.constantFrom('fee', 'calls'),
  name: fc.constantFrom('Fee', 'yes', '012', 'a: b # c'),
  billingCadence: maybe(fc.constantFrom('P1M', 'P1Y')),
  prices: maybe(fc.dictionary(fc.constantFrom('usd', 'eur', 'jpy'), prices)),
  entitlement: maybe(entitlements),
  discounts: fc.array(fc.record({ type: fc.constant('percentage'), percent: amount }), {
    maxLength: 2,
  }),
})
const plans = fc.record({
  key: fc.constantFrom('free', 'pro'),
  isDefault: fc.boolean(),
  name: fc.constantFrom('Pro', 'null', '1e3'),
  description: maybe(fc.string({ maxLength: 40 })),
  currencies: fc.constantFrom(['usd'], ['eur', 'usd', 'jpy']),
  billingCadence: fc.constantFrom('P1M', 'P1Y'),
  alignment: fc.constantFrom('anniversary', 'calendar'),
  engine: fc.constantFrom('stripe_subscription', 'stripe_invoice', 'offline'),
  phases: fc.array(
    fc.record({
      key: fc.constantFrom('trial', 'main'),
      name: fc.constant('Main'),
      duration: maybe(fc.constant('P14D')),
      rateCards: fc.array(cards, { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  metadata: fc.dictionary(fc.constantFrom('popular', 'note'), fc.string({ maxLength: 20 })),
})

test('S3.56 any catalog that is written as a file and read again is the same', () => {
  fc.assert(
    fc.property(fc.array(plans, { maxLength: 3 }), (some) => {
      const { file, problems } = readCatalog({ plans: some })
      const text = stringify(writeCatalog(file))
      const back = readCatalog(parse(text) as Record<string, unknown>)

      expect(problems).toEqual([])
      expect(back).toMatchObject({ file, problems: [] })
      expect(stringify(writeCatalog(back.file))).toBe(text)
    }),
    { numRuns: 100 },
  )
})

test('every price model and entitlement there is can stand in a file', () => {
  const models = price.options.map(({ shape }) => shape.type.value)
  const rights = entitlement.options.map(({ shape }) => shape.type.value)

  expect(models).toEqual(['flat', 'unit', 'tiered', 'package', 'percentage', 'dynamic', 'matrix'])
  expect(rights).toEqual(['boolean', 'static', 'metered'])
  expect(Object.keys(catalogFile.shape)).toEqual([
    'meters',
    'features',
    'plans',
    'creditPacks',
    'coupons',
  ])
})

const coupons = fc.record({
  key: fc.constantFrom('launch', 'winter'),
  name: fc.constantFrom('Launch', '10 %', 'yes'),
  off: fc.oneof(
    fc.record({ type: fc.constant('percentage'), percent: fc.constantFrom('12.5', '100') }),
    fc.record({
      type: fc.constant('amount'),
      amounts: fc.dictionary(fc.constantFrom('usd', 'jpy'), amount, { minKeys: 1 }),
    }),
  ),
  duration: fc.oneof(
    fc.record({ type: fc.constantFrom('once', 'forever') }),
    fc.record({ type: fc.constant('repeating'), months: fc.integer({ min: 1, max: 120 }) }),
  ),
  maxRedemptions: maybe(fc.integer({ min: 1, max: 1000 })),
  redeemBy: maybe(fc.constantFrom('2026-12-01T00:00:00Z', '2026-12-01T01:00:00+01:00')),
  planKeys: maybe(fc.constantFrom(['pro'], ['free', 'pro'])),
  codes: fc.array(
    fc.record({
      code: fc.constantFrom('Launch', 'WINTER-26'),
      maxRedemptions: maybe(fc.integer({ min: 1, max: 1000 })),
      expiresAt: maybe(fc.constant('2027-01-01T00:00:00Z')),
    }),
    { maxLength: 2 },
  ),
})

test('any coupons that are written as a file and read again are the same', () => {
  fc.assert(
    fc.property(fc.array(coupons, { maxLength: 3 }), (some) => {
      const { file, problems } = readCatalog({ coupons: some })
      const text = stringify(writeCatalog(file))
      const again = readCatalog(parse(text) as Record<string, unknown>)

      expect(problems).toEqual([])
      expect(again.file.coupons).toEqual(file.coupons)
      expect(stringify(writeCatalog(again.file))).toBe(text)
    }),
  )
})

test('a file that does not speak of coupons says nothing about them', () => {
  expect(readCatalog({}).file.coupons).toBeNull()
  expect(readCatalog({ coupons: [] }).file.coupons).toEqual([])
})
