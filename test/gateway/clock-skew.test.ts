import { expect, test } from 'vitest'
import { accessTimeline } from '../../src/domain/entitlements/access.ts'
import type { Subscription } from '../../src/domain/subscriptions/subscription.ts'
import { duration } from '../../src/kit/period.ts'
import { anAccess, anUpstream, aQuota, aSecret, aWorld, call, withQuotas } from './harness.ts'

/** A subscription just paid for, whose start lies `aheadMs` in our future because Stripe's clock is ahead. */
function startingIn(aheadMs: number) {
  const startsAt = Date.now() + aheadMs
  const subscription = {
    startsAt,
    activatedAt: startsAt,
    trialEndsAt: null,
    pausedAt: null,
    cancelAt: null,
    endsAt: null,
    paymentStatus: 'paid',
    overdueSince: null,
    accessOverride: null,
  } as Subscription
  const window = { anchor: startsAt, length: duration('P1M'), timeZone: 'UTC' }
  return anAccess(1, {
    ...withQuotas(aQuota(10, { window })),
    startsAt,
    timeline: accessTimeline({
      key: { state: 'active', expiresAt: null },
      suspensions: [],
      subscription,
      graceEndsAt: null,
    }),
    billingPeriods: window,
  })
}

test('who has just paid may call although Stripe’s clock is seconds ahead, and is billed in the period that begins', async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url })
  const access = startingIn(20_000)
  world.access.put(aSecret(), access)

  const answer = await call(world, '/')
  await world.gateway.flush()

  expect(answer.status).toBe(200)
  const startsAt = access.startsAt ?? 0
  const firstPeriod = { startsAt, endsAt: startsAt + 86_400_000 }
  expect(await world.metering.total('test', 'subscription_1', 'requests', firstPeriod)).not.toBe(0n)
})

test('a subscription that really starts later is refused until then', async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(), startingIn(3_600_000))

  expect(await call(world, '/')).toMatchObject({
    status: 403,
    problem: { code: 'subscription_scheduled' },
  })
})
