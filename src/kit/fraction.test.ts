import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Decimal, decimal, formatDecimal } from './decimal.ts'
import {
  addFractions,
  compareFractions,
  divideFractions,
  formatFraction,
  fraction,
  fractionToDecimal,
  maxFraction,
  minFraction,
  multiplyFractions,
  negateFraction,
  roundFraction,
  subtractFractions,
  sumFractions,
  toFraction,
} from './fraction.ts'

const wholes = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })
const nonZero = wholes.filter((n) => n !== 0n)
const fractions = fc.tuple(wholes, nonZero).map(([n, d]) => fraction(n, d))

const equals = (a: Parameters<typeof compareFractions>[0], b: typeof a) =>
  compareFractions(a, b) === 0

test('shares of a whole add up to it, however it is divided', () => {
  fc.assert(
    fc.property(fractions, fractions, (whole, share) => {
      const part = multiplyFractions(whole, share)
      const rest = multiplyFractions(whole, subtractFractions(fraction(1), share))
      expect(equals(addFractions(part, rest), whole)).toBe(true)
    }),
  )
})

test('division undoes multiplication', () => {
  const nonZeroFractions = fc.tuple(nonZero, nonZero).map(([n, d]) => fraction(n, d))
  fc.assert(
    fc.property(fractions, nonZeroFractions, (a, b) =>
      equals(divideFractions(multiplyFractions(a, b), b), a),
    ),
  )
})

test('the order of fractions is that of their differences from zero', () => {
  fc.assert(
    fc.property(fractions, fractions, (a, b) => {
      const difference = subtractFractions(a, b).numerator
      const sign = difference === 0n ? 0 : difference < 0n ? -1 : 1
      expect(compareFractions(a, b)).toBe(sign)
      expect(equals(addFractions(minFraction(a, b), maxFraction(a, b)), addFractions(a, b))).toBe(
        true,
      )
    }),
  )
})

test('a third three times is one, where decimals lose a digit', () => {
  const third = fraction(1, 3)
  expect(equals(sumFractions([third, third, third]), fraction(1))).toBe(true)
})

test('halves round away from zero, on both sides of it', () => {
  expect(roundFraction(fraction(5, 1000), 100n)).toBe(1n)
  expect(roundFraction(fraction(-5, 1000), 100n)).toBe(-1n)
  expect(roundFraction(fraction(-4999, 1_000_000), 100n)).toBe(0n)
})

test('a decimal becomes a fraction and back unchanged', () => {
  fc.assert(
    fc.property(wholes, (n) => {
      const value = n as Decimal
      expect(fractionToDecimal(toFraction(value))).toBe(value)
    }),
  )
})

test('people see every digit, or that digits are missing', () => {
  expect(formatFraction(toFraction(decimal('23.456')))).toBe('23.456')
  expect(formatFraction(fraction(28, 3))).toBe('9.333333333333…')
  expect(formatFraction(fraction(-1, 2))).toBe('-0.5')
  expect(formatFraction(fraction(12))).toBe(formatDecimal(decimal(12)))
})

test('a zero denominator is refused and a negative one moves its sign up', () => {
  expect(() => fraction(1, 0)).toThrow('zero denominator')
  expect(fraction(1, -2)).toEqual(negateFraction(fraction(1, 2)))
})
