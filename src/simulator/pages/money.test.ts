import { expect, test } from 'vitest'
import { showAmount, showUnitAmount } from './money.ts'

test.each([
  ['2900', 'usd', '$29.00'],
  ['0.045', 'usd', '$0.00045'],
  ['0.000000000001', 'usd', '$0.00000000000001'],
  ['12.5', 'eur', '€0.125'],
  ['500', 'jpy', '¥500'],
  ['0.5', 'jpy', '¥0.5'],
  ['1230', 'kwd', 'KWD 1.230'],
  ['50000', 'isk', 'ISK 500'],
  ['-100', 'usd', '-$1.00'],
])('a unit at %s in %s is shown as %s, with all of its decimals', (decimal, currency, shown) => {
  expect(showUnitAmount(decimal, currency).replaceAll('\u00a0', ' ')).toBe(shown)
})

test('amounts beyond what a number holds exactly are shown to the cent', () => {
  expect(showAmount(999_999_999_999_999, 'usd')).toBe('$9,999,999,999,999.99')
})
