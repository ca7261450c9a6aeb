import { expect, test } from 'vitest'
import { isAnswerable, reasonOf, refusalToAnswer, writtenOf } from './present-dispute.ts'

test('a dispute is answered once, and only while the bank waits', () => {
  expect(isAnswerable({ state: 'needs_response', submittedAt: null })).toBe(true)
  expect(isAnswerable({ state: 'warning_needs_response', submittedAt: null })).toBe(true)
  expect(refusalToAnswer({ state: 'lost', submittedAt: null })).toBe('It is decided.')
  const handedIn = { state: 'needs_response', submittedAt: '2026-03-16T12:00:00Z' } as const
  expect(refusalToAnswer(handedIn)).toBe('The evidence was handed in.')
})

test('reasons are words, and evidence that says nothing is not written', () => {
  expect(reasonOf({ reason: 'product_not_received' })).toBe('Product not received')
  expect(writtenOf({ service_date: '2026-03', customer_name: ' ' })).toBe(1)
})
