import { expect, test } from 'vitest'
import {
  standingOf,
  stripeDashboardUrl,
  suspensionReason,
  suspensionWords,
  syncWords,
} from './present-customer.ts'

const suspension = { reason: 'payment', note: null, suspendedAt: '2026-03-01T00:00:00Z' }

test('a closed account is closed, whatever it was suspended for before', () => {
  const closed = { closedAt: '2026-03-16T00:00:00Z', suspensions: [suspension] }

  expect(standingOf(closed).word).toBe('closed')
})

test('one reason is enough to be suspended', () => {
  expect(standingOf({ closedAt: null, suspensions: [suspension] }).word).toBe('suspended')
  expect(standingOf({ closedAt: null, suspensions: [] }).word).toBe('open')
})

test('a reason nobody foresaw still reads as words', () => {
  expect(suspensionWords('payment')).toBe('because a payment is overdue')
  expect(suspensionWords('under_review')).toBe('because of under review')
  expect(suspensionReason('toString')).toBeUndefined()
})

test('a link to Stripe leads to the mode the customer lives in, and nowhere for the simulator', () => {
  const url = (mode: 'test' | 'live', isSimulated: boolean) =>
    stripeDashboardUrl('cus_1', { mode, isSimulated })

  expect(url('live', false)).toBe('https://dashboard.stripe.com/customers/cus_1')
  expect(url('test', false)).toBe('https://dashboard.stripe.com/test/customers/cus_1')
  expect(url('test', true)).toBeUndefined()
})

test('a comparison says what was mended and what is left to look at', () => {
  expect(syncWords(0, 0)).toBe('Nothing differs from Stripe')
  expect(syncWords(3, 0)).toBe('3 differences, 3 mended')
  expect(syncWords(3, 1)).toBe('3 differences, 2 mended, 1 finding left')
})
