import { expect, test } from 'vitest'
import { isFresh, nextSteps } from './next-steps.ts'

const FRESH = {
  publishedPlans: 0,
  customers: 0,
  activeSubscriptions: 0,
  clockOffsetMs: 0,
  isLiveConnected: false,
}
const done = (over: Partial<typeof FRESH>) =>
  nextSteps({ ...FRESH, ...over })
    .filter(({ isDone }) => isDone)
    .map(({ key }) => key)

test('nothing is done at first, and each step is done by what it asks for', () => {
  expect(done({})).toEqual([])
  expect(done({ publishedPlans: 2, customers: 1 })).toEqual(['plans', 'customer'])
  expect(done({ clockOffsetMs: 60_000 })).toEqual([])
  expect(done({ clockOffsetMs: 30 * 86_400_000, isLiveConnected: true })).toEqual(['time', 'live'])
})

test('the steps leave when somebody subscribes', () => {
  expect(isFresh({ customers: 1, activeSubscriptions: 0 })).toBe(true)
  expect(isFresh({ customers: 1, activeSubscriptions: 1 })).toBe(false)
})
