import { expect, test } from 'vitest'
import {
  isRunning,
  mayPauseOrResume,
  type Subscription,
  subscriptionState,
} from './present-subscription.ts'

const aSubscription = (over: Partial<Subscription> = {}): Subscription => ({
  id: 'subscription_1',
  customerId: 'customer_1',
  planKey: 'pro',
  planName: 'Pro',
  planVersion: 1,
  lifecycle: 'active',
  paymentStatus: 'paid',
  overdueSince: null,
  providerStatus: 'active',
  currency: 'usd',
  engine: 'stripe_subscription',
  startsAt: '2026-03-16T12:00:00Z',
  trialEndsAt: null,
  version: 1,
  addOns: [],
  accessOverride: null,
  agreed: null,
  pausedAt: null,
  resumesAt: null,
  mayPause: false,
  cancelAt: null,
  endsAt: null,
  currentPeriod: { startsAt: '2026-03-16T12:00:00Z', endsAt: '2026-04-16T12:00:00Z' },
  change: null,
  createdAt: '2026-03-16T12:00:00Z',
  ...over,
})

test('an active subscription says when it renews', () => {
  expect(subscriptionState(aSubscription())).toEqual({
    word: 'active',
    tone: 'success',
    next: 'Renews on Apr 16, 2026.',
  })
})

test('a canceled one gives access until its end and is not said to renew', () => {
  const canceled = aSubscription({ lifecycle: 'canceling', cancelAt: '2026-04-16T12:00:00Z' })

  expect(subscriptionState(canceled).next).toBe('Access until Apr 16, 2026.')
  expect(isRunning(canceled)).toBe(true)
})

test('a change to come is no cancellation, also where the old plan ends for it', () => {
  const change = {
    state: 'scheduled' as const,
    kind: 'plan' as const,
    planKey: 'free',
    planName: 'Free',
    planVersion: 1,
    addOns: [],
    effectiveAt: '2026-04-16T12:00:00Z',
    payment: null,
  }

  for (const lifecycle of ['active', 'canceling'] as const) {
    expect(subscriptionState(aSubscription({ lifecycle, change }))).toEqual({
      word: 'active',
      tone: 'success',
      next: 'Free begins on Apr 16, 2026.',
    })
  }
})

test('what is not paid is said before that it is active', () => {
  expect(subscriptionState(aSubscription({ paymentStatus: 'failed' }))).toMatchObject({
    word: 'payment overdue',
    tone: 'danger',
  })
  expect(subscriptionState(aSubscription({ paymentStatus: 'uncollectible' })).next).toBe(
    'Calls are refused until it is paid.',
  )
})

test('a trial says until when it is free', () => {
  const trial = aSubscription({ lifecycle: 'trialing', trialEndsAt: '2026-03-30T12:00:00Z' })

  expect(subscriptionState(trial).next).toBe('The trial ends on Mar 30, 2026.')
})

test('every other state has its word', () => {
  const words = (['incomplete', 'expired', 'scheduled', 'paused', 'ended'] as const).map(
    (lifecycle) => subscriptionState(aSubscription({ lifecycle })).word,
  )

  expect(words).toEqual(['waiting for payment', 'not started', 'scheduled', 'paused', 'ended'])
  expect(isRunning(aSubscription({ lifecycle: 'ended' }))).toBe(false)
})

test('pausing is offered where the plan allows it, going on always', () => {
  expect(mayPauseOrResume(aSubscription())).toBe(false)
  expect(mayPauseOrResume(aSubscription({ mayPause: true }))).toBe(true)
  expect(mayPauseOrResume(aSubscription({ mayPause: true, lifecycle: 'trialing' }))).toBe(false)
  expect(mayPauseOrResume(aSubscription({ lifecycle: 'paused' }))).toBe(true)
})
