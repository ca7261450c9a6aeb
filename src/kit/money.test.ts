import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CURRENCIES, chargeIncrementMinor, fractionDigits, stripeFactor } from './currency.ts'
import { decimal, multiply } from './decimal.ts'
import {
  addMoney,
  formatMoney,
  money,
  parseMajor,
  roundToMoney,
  shareOf,
  subtractMoney,
  toMajorString,
} from './money.ts'

const currencies = fc.constantFrom(...CURRENCIES)
const amounts = fc
  .tuple(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), currencies)
  .map(([minor, currency]) => money(minor, currency))

test('S5.15.14 an amount in any Stripe currency survives the way to text and back', () => {
  fc.assert(
    fc.property(amounts, (amount) => {
      expect(parseMajor(toMajorString(amount), amount.currency)).toEqual(amount)
    }),
  )
})

test('decimals follow Stripe, not Intl: huf has two, jpy none, kwd three, isk none but is charged times 100', () => {
  expect(['usd', 'huf', 'twd', 'jpy', 'kwd', 'isk', 'ugx'].map(fractionDigits)).toEqual([
    2, 2, 2, 0, 3, 0, 0,
  ])
  expect(['usd', 'isk', 'ugx', 'jpy'].map(stripeFactor)).toEqual([1n, 100n, 100n, 1n])
  expect(chargeIncrementMinor('kwd')).toBe(10n)
})

test('more decimals than the currency has are refused, not rounded', () => {
  expect(parseMajor('29.005', 'usd')).toBeUndefined()
  expect(parseMajor('29.5', 'jpy')).toBeUndefined()
  expect(parseMajor('29.5', 'usd')).toEqual(money(2950, 'usd'))
})

test('amounts of different currencies are never combined', () => {
  expect(() => addMoney(money(1, 'usd'), money(1, 'eur'))).toThrow('Cannot combine usd with eur')
})

test('a share and its rest differ from the whole by at most one minor unit', () => {
  const parts = fc.tuple(fc.nat(10_000_000), fc.integer({ min: 1, max: 10_000_000 }))
  fc.assert(
    fc.property(amounts, parts, (amount, [a, b]) => {
      const part = Math.min(a, b)
      const whole = Math.max(a, b)
      const sum = addMoney(shareOf(amount, part, whole), shareOf(amount, whole - part, whole))
      const rest = subtractMoney(sum, amount).amountMinor
      expect(rest >= -1n && rest <= 1n).toBe(true)
    }),
  )
})

test('a line is rounded once, to the currency it is in', () => {
  const price = multiply(decimal('0.001'), decimal(23456))
  expect(roundToMoney(price, 'usd')).toEqual(money(2346, 'usd'))
  expect(roundToMoney(price, 'jpy')).toEqual(money(23, 'jpy'))
  expect(roundToMoney(price, 'kwd')).toEqual(money(23456, 'kwd'))
})

test('people see a symbol, grouping and every digit', () => {
  expect(formatMoney(money(123456789012345678n, 'usd'))).toBe('$1,234,567,890,123,456.78')
  expect(formatMoney(money(-5, 'usd'))).toBe('-$0.05')
  expect(formatMoney(money(2900, 'jpy'))).toBe('¥2,900')
})
