import { expect, test } from 'vitest'
import {
  dueOf,
  invoiceStateOf,
  methodOf,
  paymentStateOf,
  quantityOf,
  refusalToSettle,
} from './present-invoice.ts'

const NOW = Date.parse('2026-03-16T12:00:00Z')

test('an open invoice is overdue from its date on, and never before', () => {
  const open = { state: 'open', dueAt: '2026-03-16T12:00:00Z' } as const

  expect(invoiceStateOf(open, NOW).word).toBe('open')
  expect(invoiceStateOf(open, NOW + 1).word).toBe('overdue')
  expect(invoiceStateOf({ ...open, dueAt: null }, NOW).word).toBe('open')
})

test('an invoice that was paid late is paid', () => {
  expect(invoiceStateOf({ state: 'paid', dueAt: '2026-03-01T00:00:00Z' }, NOW).word).toBe('paid')
})

test('a state of payments that is newer than this page still reads as words', () => {
  expect(paymentStateOf('partially_refunded').word).toBe('partly refunded')
  expect(paymentStateOf('held_for_review').word).toBe('held for review')
})

test('a payment says what it was paid with as far as that is known', () => {
  expect(methodOf({ method: { brand: 'visa', lastFour: '4242' } })).toBe('Visa …4242')
  expect(methodOf({ method: { brand: null, lastFour: '4242' } })).toBe('Card …4242')
  expect(methodOf({ method: null })).toBe('–')
})

test('quantities lose the zeros of the database and no digit that counts', () => {
  expect(quantityOf({ quantity: '4365.000000000000' })).toBe('4,365')
  expect(quantityOf({ quantity: '0.500000000001' })).toBe('0.500000000001')
  expect(quantityOf({ quantity: null })).toBe('–')
})

test('only what is issued and owed can be collected or given up', () => {
  expect(refusalToSettle({ state: 'open' })).toBeUndefined()
  expect(refusalToSettle({ state: 'paid' })).toBe('It is paid.')
  const usd = (amountMinor: number) => ({ amountMinor, currency: 'usd' })
  expect(dueOf({ amountDue: usd(2900), amountPaid: usd(900) })).toEqual(usd(2000))
})
