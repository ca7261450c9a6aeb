import { expect, test } from 'vitest'
import { progressWords, rehearsedTotals, runStateOf } from './present-run.ts'

test('a run that left something unbilled does not look finished', () => {
  expect(runStateOf({ state: 'running', failed: 0 }).word).toBe('running')
  expect(runStateOf({ state: 'finished', failed: 0 }).tone).toBe('success')
  expect(runStateOf({ state: 'finished', failed: 2 }).tone).toBe('warning')
})

test('progress is told in subscriptions', () => {
  expect(progressWords({ total: 0, closed: 0 })).toBe('Nothing was due')
  expect(progressWords({ total: 1, closed: 0 })).toBe('0 of 1 subscription')
  expect(progressWords({ total: 12, closed: 3 })).toBe('3 of 12 subscriptions')
})

test('amounts of different currencies are never added up', () => {
  const total = (amountMinor: number, currency: string) => ({ total: { amountMinor, currency } })
  const data = [total(100, 'usd'), total(250, 'usd'), total(500, 'jpy')]

  expect(rehearsedTotals({ data } as never)).toEqual(['$3.50', '¥500'])
})
