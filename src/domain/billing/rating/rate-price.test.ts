import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packages, tiered, unit } from '../../../../test/support/plans.ts'
import { type Decimal, decimal, ZERO } from '../../../kit/decimal.ts'
import {
  compareFractions,
  type Fraction,
  formatFraction,
  fraction,
  FRACTION_ONE,
  maxFraction,
  subtractFractions,
  toFraction,
} from '../../../kit/fraction.ts'
import type { MatrixPrice, PercentagePrice, TieredPrice } from '../../catalog/plan.ts'
import type { BillableUsage } from './priced.ts'
import { ratePrice, type UsagePrice } from './rate-price.ts'
import { roundToCharge } from './rounding.ts'

const usage = (quantity: string | Decimal, changes: Partial<BillableUsage> = {}): BillableUsage => {
  const value = typeof quantity === 'string' ? decimal(quantity) : quantity
  return {
    quantity: value,
    cells: [{ values: [], quantity: value }],
    eventCount: 0n,
    eventValues: [],
    ...changes,
  }
}
const WHOLE = { position: ZERO, share: FRACTION_ONE }
const rate = (price: UsagePrice, quantity: string | Decimal, changes?: Partial<BillableUsage>) =>
  ratePrice(price, usage(quantity, changes), WHOLE).amount
const cents = (price: UsagePrice, quantity: string, currency = 'usd') =>
  roundToCharge(rate(price, quantity), currency)

const wholeUnits = fc.bigInt({ min: 0n, max: 10n ** 9n })
const prices = fc
  .bigInt({ min: 0n, max: 10n ** 12n })
  .map((n) => formatFraction(fraction(n, 10n ** 9n)))

test('S4.4 $0.01 per 1,000 calls: 1,234,567 calls are 1,235 packages and $12.35', () => {
  expect(cents(packages('0.01', '1000'), '1234567')).toBe(1235n)
  expect(cents(packages('0.01', '1000'), '0')).toBe(0n)
})

test('packages can be counted down or in parts', () => {
  expect(cents(packages('1', '1000', 'down'), '1999')).toBe(100n)
  expect(cents(packages('1', '1000', 'exact'), '1999')).toBe(200n)
  expect(formatFraction(rate(packages('1', '1000', 'exact'), '1999'))).toBe('1.999')
})

test('S0.18 a cent per call: 12,345 calls are $123.45', () => {
  expect(cents(unit('0.01'), '12345')).toBe(12345n)
})

test('S1.26 a fifth of a cent per execution with the customer’s own model key', () => {
  expect(cents(unit('0.002'), '12345')).toBe(2469n)
})

test('graduated, 10,000 free and then a cent: 12,345 units are $23.45', () => {
  expect(cents(tiered('graduated', ['10000', null], [null, '0.01']), '12345')).toBe(2345n)
})

test('S3.57 a base fee of $499 as the first tier: due without usage, and $599 at 1.2 million', () => {
  const price = tiered('graduated', ['1000000', null, '499'], [null, '0.0005'])
  expect(cents(price, '1200000')).toBe(59900n)
  expect(cents(price, '0')).toBe(49900n)
  expect(cents(price, '1000000')).toBe(49900n)
})

test('a later tier’s flat price is due once the tier is entered, and not before', () => {
  const price = tiered('graduated', ['10', '1'], [null, '1', '5'])
  expect(cents(price, '10')).toBe(1000n)
  expect(cents(price, '11')).toBe(1600n)
})

test('volume: 1,000 units cost $100.00 and 1,001 cost $80.08', () => {
  const price = tiered('volume', ['1000', '0.10'], [null, '0.08'])
  expect(cents(price, '1000')).toBe(10000n)
  expect(cents(price, '1001')).toBe(8008n)
})

test('volume: 10,000 units cost 30.00 and 10,001 cost 10.00', () => {
  const price = tiered('volume', ['10000', '0.003'], [null, '0.001'])
  expect(cents(price, '10000')).toBe(3000n)
  expect(cents(price, '10001')).toBe(1000n)
})

test('volume: the flat price is that of the tier reached, the first one’s without any usage', () => {
  const price = tiered('volume', ['100', '0', '10'], [null, '0', '50'])
  expect(cents(price, '0')).toBe(1000n)
  expect(cents(price, '100')).toBe(1000n)
  expect(cents(price, '101')).toBe(5000n)
})

const percentage = (changes: Partial<PercentagePrice> = {}): PercentagePrice => ({
  type: 'percentage',
  rate: '2.9',
  fixedPerEvent: '0.30',
  minimumPerEvent: null,
  maximumPerEvent: null,
  ...changes,
})

test('a percentage of a sum, plus a fixed amount for each event', () => {
  const amount = rate(percentage(), '1000', { eventCount: 10n })
  expect(formatFraction(amount)).toBe('32')
})

test('bounds hold for each event and not for the sum', () => {
  const eventValues = [
    { value: decimal(1), count: 3n },
    { value: decimal(100), count: 2n },
    { value: decimal(10_000), count: 1n },
  ]
  const price = percentage({ minimumPerEvent: '0.50', maximumPerEvent: '20' })
  const { amount, step } = ratePrice(price, usage('10203', { eventValues }), WHOLE)
  // 3 × 0.50 (of 0.329) + 2 × 3.20 + 20 (of 290.30)
  expect(formatFraction(amount)).toBe('27.9')
  expect(step).toMatchObject({ raisedToMinimum: '3', loweredToMaximum: '1' })
})

test('S3.27 a dynamic price marks up what the events cost', () => {
  expect(formatFraction(rate({ type: 'dynamic', multiplier: '1.2' }, '12.5'))).toBe('15')
})

test('S1.26 a matrix has a price for each model and a default for the others', () => {
  const price: MatrixPrice = {
    type: 'matrix',
    dimensions: ['model'],
    cells: [
      { values: ['small'], amount: '0.000001' },
      { values: ['large'], amount: '0.00003' },
    ],
    defaultAmount: '0.00001',
  }
  const cells = [
    { values: ['unheard_of'], quantity: decimal(100_000) },
    { values: ['large'], quantity: decimal(1_000_000) },
    { values: ['small'], quantity: decimal(2_000_000) },
  ]
  const { amount, step } = ratePrice(price, usage('3100000', { cells }), WHOLE)
  expect(formatFraction(amount)).toBe('33')
  expect(step).toMatchObject({
    cells: [
      { values: ['small'] },
      { values: ['large'] },
      { values: ['unheard_of'], isDefault: true },
    ],
  })
})

test('currencies without decimals and with three round to what can be charged', () => {
  expect(cents(unit('0.001'), '23456')).toBe(2346n)
  expect(cents(unit('0.001'), '23456', 'jpy')).toBe(23n)
  expect(cents(unit('0.001'), '23456', 'kwd')).toBe(23460n)
  expect(cents(unit('0.0005'), '10', 'kwd')).toBe(10n)
})

const ladders = fc
  .tuple(
    fc.uniqueArray(fc.bigInt({ min: 1n, max: 10n ** 6n }), { minLength: 1, maxLength: 4 }),
    prices,
    fc.array(prices, { minLength: 5, maxLength: 5 }),
  )
  .map(([bounds, last, each]): TieredPrice => {
    const sorted = bounds.toSorted((a, b) => (a < b ? -1 : 1))
    return tiered(
      'graduated',
      ...sorted.map((bound, i): [string, string] => [String(bound), each[i] ?? '0']),
      [null, last],
    )
  })

test('a graduated price never falls with usage and has no jumps at the edges of its tiers', () => {
  fc.assert(
    fc.property(ladders, wholeUnits, (price, quantity) => {
      const here = rate(price, String(quantity))
      const one = rate(price, String(quantity + 1n))
      expect(compareFractions(here, one)).toBeLessThanOrEqual(0)
      const steepest = price.tiers
        .map(({ unitPrice }) => toFraction(decimal(unitPrice ?? '0')))
        .reduce(maxFraction)
      expect(compareFractions(subtractFractions(one, here), steepest)).toBeLessThanOrEqual(0)
    }),
  )
})

test('a volume price never falls within a tier', () => {
  fc.assert(
    fc.property(
      prices,
      prices,
      fc.bigInt({ min: 1n, max: 1000n }),
      fc.bigInt({ min: 1n, max: 1000n }),
      (low, high, a, b) => {
        const price = tiered('volume', ['1000', low], [null, high])
        const [less, more] = a < b ? [a, b] : [b, a]
        const falls = (from: bigint, to: bigint) =>
          compareFractions(rate(price, String(from)), rate(price, String(to))) > 0
        expect(falls(less, more)).toBe(false)
        expect(falls(1000n + less, 1000n + more)).toBe(false)
      },
    ),
  )
})

test('the steps of a tiered price add up to its amount', () => {
  fc.assert(
    fc.property(ladders, wholeUnits, (price, quantity) => {
      const { amount, step } = ratePrice(price, usage(decimal(quantity)), WHOLE)
      const tiers = 'tiers' in step ? step.tiers : []
      const total = tiers.reduce((sum, tier) => sum + decimal(tier.amount), 0n)
      expect(total).toBe(toScaled(amount))
      expect(tiers.reduce((sum, tier) => sum + decimal(tier.quantity), 0n)).toBe(
        tiers.length === 0 ? 0n : decimal(quantity),
      )
    }),
  )
})

function toScaled({ numerator, denominator }: Fraction): bigint {
  return (numerator * 10n ** 12n) / denominator
}
