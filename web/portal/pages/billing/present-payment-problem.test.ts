import { expect, test } from 'vitest'
import { type PaymentProblem, paymentProblemWords } from './present-payment-problem.ts'

const NOW = Date.parse('2026-03-16T12:00:00Z')

const aProblem = (over: Partial<PaymentProblem> = {}): PaymentProblem => ({
  invoiceId: 'invoice_1',
  amount: { amountMinor: 2900, currency: 'usd' },
  failureMessage: 'Your card has insufficient funds.',
  openedAt: '2026-03-15T12:00:00Z',
  dueAt: null,
  blocksAt: '2026-03-18T12:00:00Z',
  nextAttemptAt: '2026-03-17T12:00:00Z',
  needsNewPaymentMethod: false,
  isGivenUp: false,
  payUrl: null,
  ...over,
})

test('a failed payment says why, until when calls work, and when it is tried again', () => {
  expect(paymentProblemWords(aProblem(), NOW)).toEqual({
    title: 'The payment of $29.00 failed',
    text: 'Your card has insufficient funds. Calls work until Mar 18, 2026: 2 d are left. It is tried again on Mar 17, 2026.',
    isWrong: true,
  })
})

test('what was given up promises no attempt and says that paying helps', () => {
  expect(paymentProblemWords(aProblem({ isGivenUp: true }), NOW)).toEqual({
    title: '$29.00 is unpaid',
    text: 'It is not collected by itself any more. Pay it, and access comes back.',
    isWrong: true,
  })
})

test('a card that cannot work any more is not promised another attempt', () => {
  const { text } = paymentProblemWords(aProblem({ needsNewPaymentMethod: true }), NOW)

  expect(text).toContain('add another one')
  expect(text).not.toContain('tried again on')
})

test('once calls are refused, it says since when and what ends it', () => {
  const words = paymentProblemWords(
    aProblem({ blocksAt: '2026-03-16T11:00:00Z', nextAttemptAt: null, failureMessage: null }),
    NOW,
  )

  expect(words).toEqual({
    title: '$29.00 is unpaid',
    text: 'Calls have been refused since Mar 16, 2026; they work again as soon as it is paid.',
    isWrong: true,
  })
})

test('a sent invoice is to pay until its date, and overdue from then on', () => {
  const sent = { dueAt: '2026-03-20T12:00:00Z', blocksAt: '2026-03-23T12:00:00Z' }
  const waiting = aProblem({ ...sent, nextAttemptAt: null, failureMessage: null })

  expect(paymentProblemWords(waiting, NOW)).toEqual({
    title: '$29.00 is to pay by Mar 20, 2026',
    text: 'Nothing is charged by itself. Without payment calls work until Mar 23, 2026.',
    isWrong: false,
  })
  expect(paymentProblemWords(waiting, Date.parse('2026-03-21T12:00:00Z'))).toEqual({
    title: '$29.00 was due on Mar 20, 2026',
    text: 'Calls work until Mar 23, 2026: 2 d are left.',
    isWrong: true,
  })
})
