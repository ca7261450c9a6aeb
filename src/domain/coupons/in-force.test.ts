import { expect, test } from 'vitest'
import { at } from '../../../test/support/plans.ts'
import type { CouponDefinition, Redemption } from './coupon.ts'
import { couponsInForce, type Redeemed, redemptionEnd } from './in-force.ts'

const START = at('2027-01-31')

function redeemed(
  duration: CouponDefinition['duration'],
  redemption: Partial<Redemption> = {},
): Redeemed {
  const off = { type: 'amount', amounts: { usd: '5.00' } } as const
  const limits = { maxRedemptions: null, redeemBy: null, planKeys: null, rateCardKeys: null }
  const definition = { name: 'Hello', off, duration, ...limits }
  return {
    coupon: { mode: 'test', key: 'hello', definition, createdAt: 0, archivedAt: null },
    redemption: {
      mode: 'test',
      id: 'intent_a',
      couponKey: 'hello',
      code: 'HELLO',
      customerId: 'customer_a',
      subscriptionId: 'subscription_a',
      state: 'active',
      startsAt: START,
      endsAt: redemptionEnd(definition, START),
      usedByInvoiceId: null,
      createdAt: 0,
      ...redemption,
    },
  }
}

const isInForce = (each: Redeemed, on: string) => couponsInForce([each], at(on), 'usd').length === 1

test('a coupon of three months is in force for exactly three monthly invoices, from the last of a month too', () => {
  const coupon = redeemed({ type: 'repeating', months: 3 })

  const invoices = ['2027-01-31', '2027-02-28', '2027-03-31', '2027-04-30', '2027-05-31']
  expect(invoices.map((on) => isInForce(coupon, on))).toEqual([true, true, true, false, false])
})

test('a coupon for one invoice is in force until an invoice has used it', () => {
  expect(isInForce(redeemed({ type: 'once' }), '2029-01-01')).toBe(true)
  expect(isInForce(redeemed({ type: 'once' }, { usedByInvoiceId: 'i' }), '2029-01-01')).toBe(false)
})

test('what a purchase only holds takes nothing off, and neither does an amount in another currency', () => {
  const held = redeemed({ type: 'forever' }, { state: 'held', startsAt: null })

  expect(isInForce(held, '2027-02-01')).toBe(false)
  expect(couponsInForce([redeemed({ type: 'forever' })], START, 'eur')).toEqual([])
})
