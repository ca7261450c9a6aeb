import { expect, test } from 'vitest'
import { couponWords, laterWords } from './present-purchase.ts'

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

test('an order that begins with a trial says what it costs afterwards', () => {
  const sentence = '$49 per month'

  expect(laterWords({ beginnings: ['First 2 weeks free'], sentence })).toBe(
    'First 2 weeks free. After that $49 per month.',
  )
  expect(laterWords({ beginnings: [], sentence: 'pay as you go' })).toBe('Pay as you go.')
})
