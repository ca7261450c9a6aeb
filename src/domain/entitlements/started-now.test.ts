import { expect, test } from 'vitest'
import { startedNow } from './access.ts'

const START = Date.UTC(2026, 0, 1)

test('seconds before its start a subscription has started, much earlier it has not', () => {
  expect(startedNow(START - 5_000, START)).toBe(START)
  expect(startedNow(START - 60_000, START)).toBe(START)
  expect(startedNow(START - 60_001, START)).toBe(START - 60_001)
  expect(startedNow(START + 1, START)).toBe(START + 1)
  expect(startedNow(START, null)).toBe(START)
})
