import { expect, test } from 'vitest'
import { at } from '../../../test/support/plans.ts'
import type { Coupon, CouponDefinition, PromotionCode } from './coupon.ts'
import { decideRedemption, type RedemptionFacts } from './decide-redemption.ts'

const NOW = at('2027-01-15')

function facts(
  definition: Partial<CouponDefinition> = {},
  code: Partial<PromotionCode> = {},
  rest: Partial<RedemptionFacts> = {},
): RedemptionFacts {
  const coupon: Coupon = {
    mode: 'test',
    key: 'launch',
    definition: {
      name: 'Launch',
      off: { type: 'percentage', percent: '20' },
      duration: { type: 'forever' },
      maxRedemptions: null,
      redeemBy: null,
      planKeys: null,
      rateCardKeys: null,
      ...definition,
    },
    createdAt: 0,
    archivedAt: null,
  }
  return {
    coupon,
    code: {
      mode: 'test',
      code: 'LAUNCH',
      couponKey: 'launch',
      maxRedemptions: null,
      expiresAt: null,
      customerId: null,
      createdAt: 0,
      deactivatedAt: null,
      ...code,
    },
    customerId: 'customer_a',
    planKey: 'pro',
    engine: 'stripe_invoice',
    currency: 'usd',
    taken: { ofCoupon: 0, ofCode: 0 },
    hasRedeemed: false,
    now: NOW,
    ...rest,
  }
}

const reasonOf = (input: RedemptionFacts) => {
  const decision = decideRedemption(input)
  return decision.kind === 'refused' ? [decision.code, decision.params.reason] : decision.kind
}

test('a code without limits can be redeemed', () => {
  expect(reasonOf(facts())).toBe('redeemable')
})

test('the place after the last one of the coupon or of the code is refused', () => {
  const usedUp = ['promotion_code_invalid', 'It was redeemed as often as it was offered.']
  const taken = { ofCoupon: 2, ofCode: 1 }

  expect(reasonOf(facts({ maxRedemptions: 3 }, {}, { taken }))).toBe('redeemable')
  expect(reasonOf(facts({ maxRedemptions: 2 }, {}, { taken }))).toEqual(usedUp)
  expect(reasonOf(facts({}, { maxRedemptions: 2 }, { taken }))).toBe('redeemable')
  expect(reasonOf(facts({}, { maxRedemptions: 1 }, { taken }))).toEqual(usedUp)
})

test('a code ends at its instant, not after it', () => {
  const expired = ['promotion_code_invalid', 'It has expired.']

  expect(reasonOf(facts({ redeemBy: NOW + 1 }, { expiresAt: NOW + 1 }))).toBe('redeemable')
  expect(reasonOf(facts({ redeemBy: NOW }))).toEqual(expired)
  expect(reasonOf(facts({}, { expiresAt: NOW }))).toEqual(expired)
})

test('what was taken back is refused, and so is redeeming twice', () => {
  expect(reasonOf(facts({}, { deactivatedAt: 1 }))).toContain('It is no longer offered.')
  expect(reasonOf(facts({}, {}, { hasRedeemed: true }))).toContain(
    'It was redeemed with this account before.',
  )
})

test("another customer's code looks like none", () => {
  expect(reasonOf(facts({}, { customerId: 'customer_b', deactivatedAt: 1 }))).toEqual([
    'promotion_code_invalid',
    'There is no such code.',
  ])
})

test('a coupon for other plans, currencies or single charges of a Stripe subscription is refused', () => {
  const amounts = { type: 'amount', amounts: { eur: '5.00' } } as const

  expect(reasonOf(facts({ planKeys: ['scale'] }))).toContain('It is not for this plan.')
  expect(reasonOf(facts({ off: amounts }))).toContain('It is not for prices in USD.')
  expect(reasonOf(facts({ rateCardKeys: ['fee'] }))).toBe('redeemable')
  expect(reasonOf(facts({ rateCardKeys: ['fee'] }, {}, { engine: 'stripe_subscription' }))).toEqual(
    ['coupon_not_applicable', 'It is for single charges, and this plan is billed as a whole.'],
  )
})
