import { expect, test } from 'vitest'
import { askAgainAfter, checkoutState } from './present-checkout.ts'

type Checkout = Parameters<typeof checkoutState>[0]
type Overview = NonNullable<Parameters<typeof checkoutState>[1]>
type Subscription = NonNullable<Checkout['subscription']>

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
  startsAt: '2026-03-01T00:00:00Z',
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
  currentPeriod: null,
  change: null,
  createdAt: '2026-03-01T00:00:00Z',
  ...over,
})

const aCheckout = (over: Partial<Checkout> = {}): Checkout => ({
  id: 'intent_1',
  state: 'completed',
  planKey: 'pro',
  subscription: aSubscription(),
  createdAt: '2026-03-01T00:00:00Z',
  ...over,
})

const anOverview = (subscription: Subscription | null): Overview => ({
  now: '2026-03-01T00:00:00Z',
  subscription,
  plan: null,
  quotas: [],
  alerts: [],
  paymentProblem: null,
  unrevealedKeyIds: ['key_1'],
  hasCalled: false,
})

const steps = (...given: Parameters<typeof checkoutState>) =>
  checkoutState(...given).steps.map(({ state }) => state)

test('coming back proves nothing: until something is reported the payment is awaited', () => {
  const checkout = aCheckout({ state: 'open', subscription: null })

  expect(checkoutState(checkout, undefined).kind).toBe('under_way')
  expect(steps(checkout, undefined)).toEqual(['done', 'running', 'waiting', 'waiting'])
})

test('a subscription whose payment is pending is not paid', () => {
  const pending = aSubscription({ lifecycle: 'incomplete', paymentStatus: 'pending' })

  expect(steps(aCheckout({ subscription: pending }), anOverview(null))).toEqual([
    'done',
    'running',
    'waiting',
    'waiting',
  ])
})

test('paid is not yet active', () => {
  const paid = aSubscription({ lifecycle: 'incomplete' })

  expect(steps(aCheckout({ subscription: paid }), undefined)).toEqual([
    'done',
    'done',
    'running',
    'waiting',
  ])
})

test('it is done when the account has the plan, and not with an overview from before', () => {
  expect(checkoutState(aCheckout(), anOverview(null)).kind).toBe('under_way')
  expect(checkoutState(aCheckout(), anOverview(aSubscription())).kind).toBe('done')
})

test('a trial is done although nothing is paid', () => {
  const trial = aSubscription({ lifecycle: 'trialing', paymentStatus: 'pending' })

  expect(checkoutState(aCheckout({ subscription: trial }), anOverview(trial)).kind).toBe('done')
})

test('expired and failed are said, also when only the subscription knows', () => {
  const expired = aSubscription({ lifecycle: 'expired', paymentStatus: 'failed' })

  expect(checkoutState(aCheckout({ state: 'expired' }), undefined).kind).toBe('expired')
  expect(checkoutState(aCheckout({ state: 'failed' }), undefined).kind).toBe('failed')
  expect(checkoutState(aCheckout({ subscription: expired }), undefined).kind).toBe('failed')
})

test('asking becomes slower the longer it takes, and stops when it is over', () => {
  const waiting = checkoutState(aCheckout({ state: 'open', subscription: null }), undefined)
  const over = checkoutState(aCheckout(), anOverview(aSubscription()))

  const delays = [0, 31_000, 301_000].map((waited) => askAgainAfter(waiting, waited))

  expect(delays).toEqual([1_000, 5_000, 30_000])
  expect(askAgainAfter(over, 0)).toBeUndefined()
})
