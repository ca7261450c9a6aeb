import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  add,
  ceilDivide,
  type Decimal,
  decimal,
  divide,
  divideRounded,
  formatDecimal,
  multiply,
  parseDecimal,
  roundExact,
  subtract,
} from './decimal.ts'

const decimals = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map((n) => n as Decimal)

test('what is formatted reads back as the same number', () => {
  fc.assert(fc.property(decimals, (d) => parseDecimal(formatDecimal(d)) === d))
})

test('text is either read exactly or refused, never approximated', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from('0123456789.-+e ')) }), (text) => {
      const parsed = parseDecimal(text)
      if (parsed === undefined) return
      const [whole = '', fraction = ''] = text.replace('-', '').split('.')
      const canonical = `${BigInt(whole)}.${fraction}`.replace(/\.?0*$/, '')
      expect(formatDecimal(parsed).replace('-', '')).toBe(canonical === '' ? '0' : canonical)
    }),
  )
})

test.each(['1e3', '+1', '.5', '1.', '', ' 1', '1_000', '0x10', '1.0000000000001', '--1'])(
  '%j is not a decimal',
  (text) => {
    expect(parseDecimal(text)).toBeUndefined()
  },
)

test('a product keeps all twenty-four digits until the one rounding', () => {
  // 0.000123456789 × 987654321098765 = 121932631124… where ordinary decimal libraries round silently.
  const exact = multiply(decimal('0.000123456789'), decimal('987654321098765'))
  expect(exact).toBe(123456789n * 987654321098765n * 10n ** 12n)
  expect(roundExact(multiply(decimal('33.333333333333'), decimal(3)), 2)).toBe(10000n)
})

test('halves round away from zero, on both sides of it', () => {
  const toCents = (text: string) => roundExact(multiply(decimal(text), decimal(1)), 2)
  expect([toCents('0.005'), toCents('-0.005'), toCents('0.0049'), toCents('1.235')]).toEqual([
    1n,
    -1n,
    0n,
    124n,
  ])
})

test('rounding never moves a value by more than half a unit', () => {
  const nonZero = fc.bigInt({ min: 1n, max: 10n ** 20n })
  fc.assert(
    fc.property(fc.bigInt(), nonZero, fc.boolean(), (n, d, isNegative) => {
      const divisor = isNegative ? -d : d
      const rest = n - divideRounded(n, divisor) * divisor
      expect((rest < 0n ? -rest : rest) * 2n <= d).toBe(true)
    }),
  )
})

test('addition and subtraction undo each other', () => {
  fc.assert(fc.property(decimals, decimals, (a, b) => subtract(add(a, b), b) === a))
})

test('a package is charged as soon as it is opened', () => {
  expect(ceilDivide(decimal('1234567'), decimal(1000))).toBe(1235n)
  expect(ceilDivide(decimal(0), decimal(1000))).toBe(0n)
  expect(ceilDivide(decimal('0.000000000001'), decimal(1000))).toBe(1n)
})

test('an average is rounded at the twelfth digit', () => {
  expect(formatDecimal(divide(decimal(1), decimal(3)))).toBe('0.333333333333')
  expect(formatDecimal(divide(decimal(2), decimal(-3)))).toBe('-0.666666666667')
})
