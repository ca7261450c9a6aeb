import { expect, test } from 'vitest'
import type { CouponDefinition } from './coupon.ts'
import { validateCoupon } from './validate-coupon.ts'

const PLANS = new Map([['pro', new Set(['fee', 'requests'])]])

const pathsOf = (definition: Partial<CouponDefinition>) =>
  validateCoupon(
    {
      name: 'Launch',
      off: { type: 'percentage', percent: '20' },
      duration: { type: 'once' },
      maxRedemptions: null,
      redeemBy: null,
      planKeys: null,
      rateCardKeys: null,
      ...definition,
    },
    PLANS,
  ).map(({ path }) => path)

test.each(['0.01', '12.5', '100'])('%s percent is a percentage', (percent) => {
  expect(pathsOf({ off: { type: 'percentage', percent } })).toEqual([])
})

test.each(['0', '-5', '100.01', '12.345', 'much'])('%s percent is none', (percent) => {
  expect(pathsOf({ off: { type: 'percentage', percent } })).toEqual(['off.percent'])
})

test('an amount has to be one that can be charged in its currency', () => {
  const amounts = { usd: '5.00', jpy: '5.5', kwd: '1.005', eur: '0' }

  expect(pathsOf({ off: { type: 'amount', amounts } })).toEqual([
    'off.amounts.jpy',
    'off.amounts.kwd',
    'off.amounts.eur',
  ])
  expect(pathsOf({ off: { type: 'amount', amounts: {} } })).toEqual(['off.amounts'])
})

test('every problem is told at once, and what a coupon is for must be on sale', () => {
  expect(
    pathsOf({
      duration: { type: 'repeating', months: 0 },
      maxRedemptions: 0,
      planKeys: ['pro', 'gone'],
      rateCardKeys: ['fee', 'gone'],
    }),
  ).toEqual(['duration.months', 'maxRedemptions', 'planKeys.1', 'rateCardKeys.1'])
})
