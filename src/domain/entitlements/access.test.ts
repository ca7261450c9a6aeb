import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aSubscription } from '../../../test/support/subscriptions.ts'
import { DAY_MS } from '../../kit/instant.ts'
import type { Subscription } from '../subscriptions/subscription.ts'
import { type AccessFacts, accessTimeline, decideAccess, stepAt } from './access.ts'

const DUE = 100 * DAY_MS
const END = DUE + 3 * DAY_MS

const facts = (subscription: Partial<Subscription>, changes: Partial<AccessFacts> = {}) => ({
  key: { state: 'active' as const, expiresAt: null },
  suspensions: [],
  subscription: aSubscription(subscription),
  graceEndsAt: END,
  ...changes,
})
const OVERDUE = { paymentStatus: 'failed', overdueSince: DUE } as const
const code = (of: AccessFacts, now: number) => {
  const decision = decideAccess(of, now)
  return decision.kind === 'refused' ? decision.code : 'allowed'
}

test('S3.15 access with a failed payment lasts for the grace, says so, and ends with the instant it ends', () => {
  expect(decideAccess(facts(OVERDUE), END - 1)).toEqual({
    kind: 'allowed',
    notice: { status: 'payment_overdue', graceEndsAt: END },
  })
  expect(code(facts(OVERDUE), END)).toBe('payment_overdue')
  expect(code(facts({ ...OVERDUE, paymentStatus: 'pending' }), END)).toBe('payment_overdue')
  expect(code(facts(OVERDUE, { graceEndsAt: DUE }), DUE)).toBe('payment_overdue')
})

test('while no clock runs, because a payment is being processed, access goes on', () => {
  expect(code(facts(OVERDUE, { graceEndsAt: null }), END + DAY_MS)).toBe('allowed')
})

test('written off blocks at once, without any grace', () => {
  const writtenOff = { paymentStatus: 'uncollectible', overdueSince: DUE } as const
  expect(code(facts(writtenOff), DUE)).toBe('payment_uncollectible')
})

test('an invoice that is sent gives full access until it is due', () => {
  expect(decideAccess(facts(OVERDUE), DUE - 1)).toEqual({ kind: 'allowed', notice: null })
})

test('what was never paid for has no grace', () => {
  const first = { ...OVERDUE, activatedAt: null, providerStatus: 'incomplete' } as const
  expect(code(facts(first), DUE - 1)).toBe('payment_incomplete')
})

test('whoever holds the timeline decides at every instant as if asked then', () => {
  const instant = fc.integer({ min: 0, max: 200 }).map((day) => day * DAY_MS)
  const maybe = fc.option(instant, { nil: null })
  fc.assert(
    fc.property(
      fc.record({
        paymentStatus: fc.constantFrom('paid', 'pending', 'failed', 'uncollectible'),
        overdueSince: maybe,
        startsAt: instant,
        endsAt: maybe,
        cancelAt: maybe,
      }),
      maybe,
      maybe,
      instant,
      (subscription, expiresAt, graceEndsAt, now) => {
        const of = facts(subscription, {
          key: { state: 'active', expiresAt },
          graceEndsAt,
        })
        const [held, asked] = [stepAt(accessTimeline(of), now), decideAccess(of, now)]

        expect(held.kind).toBe(asked.kind)
        if (held.kind === 'refused' && asked.kind === 'refused') expect(held.code).toBe(asked.code)
      },
    ),
  )
})
