import { expect, test } from 'vitest'
import {
  bankWords,
  consequencesOf,
  refundStateOf,
  refusalToRefund,
  refusalWords,
} from './present-refund.ts'

const usd = (amountMinor: number) => ({ amountMinor, currency: 'usd' })

test('a refund that waits for a second person says so whatever its state', () => {
  expect(refundStateOf({ state: 'requested', approval: 'waiting' }).word).toBe('waits for approval')
  expect(refundStateOf({ state: 'canceled', approval: 'rejected' }).word).toBe('not approved')
  expect(refundStateOf({ state: 'succeeded', approval: 'approved' }).word).toBe('given back')
})

test('a payment says why nothing of it can be given back', () => {
  expect(refusalToRefund({ state: 'succeeded', refundable: usd(100) })).toBeUndefined()
  expect(refusalToRefund({ state: 'refunded', refundable: usd(0) })).toMatch(/nothing is left/i)
  expect(refusalToRefund({ state: 'failed', refundable: usd(0) })).toMatch(/no money/)
  expect(refusalToRefund({ state: 'disputed', refundable: usd(0) })).toMatch(/dispute/)
})

test('a refusal that is newer than this page still reads as words', () => {
  expect(refusalWords('amount_exceeds_remaining')).toMatch(/more than/)
  expect(refusalWords('moon_is_full')).toBe('It would be refused: moon is full.')
})

test('what the bank said comes with its code', () => {
  const attempt = {
    state: 'failed',
    amount: usd(2900),
    failureCode: 'card_declined',
    declineCode: 'insufficient_funds',
    failureMessage: 'Your card has insufficient funds.',
    method: null,
    attemptedAt: '2026-03-16T12:00:00Z',
  } as const
  expect(bankWords(attempt)).toBe('Your card has insufficient funds. (insufficient_funds)')
  const silent = { ...attempt, failureMessage: null, declineCode: null, failureCode: null }
  expect(bankWords(silent)).toBe('–')
})

test('whoever refunds reads what the customer loses besides the money, and what stays', () => {
  const nothing = { accessEffect: 'none', creditsTakenBack: null, issueCreditNote: false } as const

  expect(consequencesOf(nothing)).toEqual(['The subscription goes on, and access with it.'])
  const [access, credits] = consequencesOf({
    ...nothing,
    accessEffect: 'cancel_now',
    creditsTakenBack: { unit: 'money:usd', amount: '12.5' },
  })
  expect(access).toMatch(/ends at once/)
  expect(credits).toBe('$12.50 of the credits it bought are taken back.')
})
