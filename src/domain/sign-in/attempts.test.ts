import { expect, test } from 'vitest'
import { createAttempts } from './attempts.ts'

const RULE = { window: 10, max: 2 }

test('so many attempts are allowed in a window, and the next window starts afresh', async () => {
  let now = 0
  const attempts = createAttempts(() => now)
  const attempt = () => attempts.consume('203.0.113.7/sign-in', RULE)
  expect([await attempt(), await attempt()].every(({ allowed }) => allowed)).toBe(true)
  now = 4_000
  expect(await attempt()).toEqual({ allowed: false, retryAfter: 6 })
  expect((await attempts.consume('198.51.100.1/sign-in', RULE)).allowed).toBe(true)
  now = 10_000
  expect((await attempt()).allowed).toBe(true)
})

test('a flood of addresses takes bounded room and forgets the oldest first', async () => {
  const attempts = createAttempts(() => 0)
  await attempts.consume('first', { window: 10, max: 1 })
  for (let n = 0; n < 10_000; n++) await attempts.consume(`address ${n}`, { window: 10, max: 1 })
  expect((await attempts.consume('address 9999', { window: 10, max: 1 })).allowed).toBe(false)
  expect((await attempts.consume('first', { window: 10, max: 1 })).allowed).toBe(true)
})
