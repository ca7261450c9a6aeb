import { expect, test } from 'vitest'
import { guestOf } from './present-invitation.ts'

test('what was typed in is an address or a customer', () => {
  expect(guestOf(' ada@example.com ')).toEqual({ email: 'ada@example.com' })
  expect(guestOf('customer_01k9')).toEqual({ customerId: 'customer_01k9' })
})
