import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal } from '../../kit/decimal.ts'
import { type Pricing, ratePrice, totalOf } from './pricing.ts'

const perUnit = (
  unit: string,
  transform: Pricing['transform'] = null,
  currency = 'usd',
): Pricing => ({
  terms: { currency, unitAmountDecimal: unit, tiers: null },
  tiersMode: null,
  transform,
})
const tier = (upTo: number | null, unit: string, flat: string | null = null) => ({
  up_to: upTo,
  unit_amount: null,
  unit_amount_decimal: unit,
  flat_amount: null,
  flat_amount_decimal: flat,
})
const tiered = (mode: 'graduated' | 'volume', ...tiers: ReturnType<typeof tier>[]): Pricing => ({
  terms: { currency: 'usd', unitAmountDecimal: null, tiers },
  tiersMode: mode,
  transform: null,
})
const total = (pricing: Pricing, quantity: number | string) =>
  totalOf(ratePrice(pricing, decimal(quantity)))

test('a fraction of a cent is rounded once, at the line, half away from zero', () => {
  expect(total(perUnit('0.1'), 23_456)).toBe(2_346)
  expect(total(perUnit('0.5'), 1)).toBe(1)
  expect(total(perUnit('0.000000000001'), 1)).toBe(0)
})

test('graduated tiers price their own slices and add the flat fee of each tier entered', () => {
  const pricing = tiered(
    'graduated',
    tier(100, '10', '500'),
    tier(1_000, '8', '300'),
    tier(null, '5'),
  )

  expect(total(pricing, 100)).toBe(100 * 10 + 500)
  expect(total(pricing, 101)).toBe(100 * 10 + 500 + 8 + 300)
  expect(total(pricing, 1_500)).toBe(1_000 + 500 + 900 * 8 + 300 + 500 * 5)
  expect(total(pricing, 0)).toBe(0)
})

test('volume tiers price everything by the tier of the total and its flat fee once', () => {
  const pricing = tiered('volume', tier(100, '10'), tier(null, '5', '200'))

  expect(total(pricing, 100)).toBe(1_000)
  expect(total(pricing, 101)).toBe(101 * 5 + 200)
})

test('packages are counted before they are priced', () => {
  expect(total(perUnit('1', { divide_by: 1_000, round: 'up' }), 1_234_567)).toBe(1_235)
  expect(total(perUnit('1', { divide_by: 1_000, round: 'down' }), 1_234_567)).toBe(1_234)
})

test('a graduated price never falls when the quantity grows', () => {
  const pricing = tiered('graduated', tier(10, '3.3', '7'), tier(50, '1.7'), tier(null, '0.2', '1'))
  fc.assert(
    fc.property(fc.nat(500), fc.nat(500), (a, b) => {
      expect(total(pricing, a + b)).toBeGreaterThanOrEqual(total(pricing, a) - 1)
    }),
  )
})

test('what is worked out comes to what can be charged: ten fils, whole krónur', () => {
  expect(total(perUnit('7', null, 'kwd'), 2)).toBe(10)
  expect(total(perUnit('30', null, 'isk'), 5)).toBe(200)
  expect(total(perUnit('0.3', null, 'jpy'), 5)).toBe(2)
})
