import { expect, test } from 'vitest'
import { couponWords } from './present-purchase.ts'

test('a coupon is told as what it takes off, and for how long', () => {
  const percent = { type: 'percentage', percent: '12.5' } as const
  const amounts = { type: 'amount', amounts: { usd: '5.00' } } as const

  expect(
    [
      couponWords({ name: 'Launch', off: percent, duration: { type: 'forever' } }, 'usd'),
      couponWords({ name: 'Hello', off: amounts, duration: { type: 'once' } }, 'usd'),
      couponWords(
        { name: 'Start', off: percent, duration: { type: 'repeating', months: 3 } },
        'usd',
      ),
    ].join('\n'),
  ).toBe(
    [
      'Launch: 12.5 % off every invoice.',
      'Hello: $5.00 off your first invoice.',
      'Start: 12.5 % off the invoices of the first 3 months.',
    ].join('\n'),
  )
})
