import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBursts } from './bursts.ts'

let acted: number[] = []
const bursts = () => createBursts(() => acted.push(performance.now()))

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  acted = []
})
afterEach(() => {
  vi.useRealTimers()
})

test('the first news after a silence is acted on at once, the rest of its burst when it is over', () => {
  const { hear, isWaiting } = bursts()
  const begun = performance.now()
  for (let news = 0; news < 4; news++) {
    hear()
    vi.advanceTimersByTime(100)
  }
  expect(acted).toEqual([begun])
  expect(isWaiting()).toBe(true)

  vi.advanceTimersByTime(1_000)
  expect(acted).toEqual([begun, begun + 550])
  expect(isWaiting()).toBe(false)

  hear()
  expect(acted).toHaveLength(3)
})

test('a burst without an end is acted on every second', () => {
  const { hear } = bursts()
  for (let news = 0; news < 35; news++) {
    hear()
    vi.advanceTimersByTime(100)
  }
  expect(acted).toHaveLength(4)
})
