import { expect, test } from 'vitest'
import { sentWords } from './present-case.ts'

test('a case says what the customer was told', () => {
  expect(sentWords({ sent: [] })).toBe('nothing so far')
  expect(sentWords({ sent: ['payment_failed', 'blocking_soon'] })).toBe(
    'the payment failed and access ends soon',
  )
})
