import { expect, test } from 'vitest'
import { decimal } from '../../kit/decimal.ts'
import { judgeUnconfirmed } from './verification.ts'

test('what Stripe counts beyond what is certain are the reports nobody is certain about, or none of them', () => {
  expect(judgeUnconfirmed([5n], 10n, decimal(15))).toBe('arrived')
  expect(judgeUnconfirmed([5n], 10n, decimal(10))).toBe('lost')
  expect(judgeUnconfirmed([5n, 2n], 0n, decimal(7))).toBe('arrived')
  expect(judgeUnconfirmed([5n, 2n], 0n, decimal(5))).toBe('unclear')
  expect(judgeUnconfirmed([5n, -5n], 3n, decimal(3))).toBe('unclear')
})
