import { expect, test } from 'vitest'
import { invoiceState, quantityOf } from './present-invoice.ts'

const NOW = Date.parse('2026-03-16T12:00:00Z')

const stateOf = (state: Parameters<typeof invoiceState>[0]['state'], dueAt: string | null = null) =>
  invoiceState({ state, dueAt }, NOW)

test('what can be paid says so, and is overdue from its date on', () => {
  expect(stateOf('open')).toEqual({ word: 'to pay', tone: 'warning', isPayable: true })
  expect(stateOf('open', '2026-03-17T12:00:00Z').word).toBe('to pay')
  expect(stateOf('open', '2026-03-15T12:00:00Z').word).toBe('overdue')
  expect(stateOf('uncollectible').isPayable).toBe(true)
})

test('what is paid, void or not issued yet asks for nothing', () => {
  for (const state of ['paid', 'void', 'draft'] as const) {
    expect(stateOf(state, '2026-03-15T12:00:00Z').isPayable).toBe(false)
  }
})

test('quantities are shown without the zeros of the database', () => {
  expect(quantityOf({ quantity: '1200.000000000000' })).toBe('1,200')
  expect(quantityOf({ quantity: '0.5' })).toBe('0.5')
  expect(quantityOf({ quantity: null })).toBe('–')
})
