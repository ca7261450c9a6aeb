import { expect, test } from 'vitest'
import {
  aFee,
  aQuota,
  flat,
  packages,
  tiered,
  unit,
  usageCard,
} from '../../../test/support/plans.ts'
import type { MeteredEntitlement, Price } from './plan.ts'
import { transportOf } from './stripe-price.ts'

const transport = (price: Price, entitlement: MeteredEntitlement | null = null) =>
  transportOf(usageCard('calls', price, { entitlement }), 'usd')
const isItems = (price: Price, entitlement: MeteredEntitlement | null = null) =>
  transport(price, entitlement)?.kind === 'invoice_items'

test('a price in Stripe’s minor units keeps all its digits', () => {
  expect(transport(unit('0.0005'))).toMatchObject({ amount: { unitAmountDecimal: '0.05' } })
  expect(transportOf(aFee('', { prices: { jpy: flat('2900') } }), 'jpy')).toMatchObject({
    amount: { unitAmountDecimal: '2900' },
  })
  expect(transport(packages('0.01', '1000'))).toMatchObject({
    amount: { divideBy: '1000', round: 'up' },
  })
})

test('what a unit price includes becomes a free first tier', () => {
  expect(transport(unit('0.001'), aQuota('100000'))).toMatchObject({
    amount: {
      kind: 'tiered',
      tiers: [
        { upTo: '100000', unitAmountDecimal: '0' },
        { upTo: null, unitAmountDecimal: '0.1' },
      ],
    },
  })
})

test('Stripe never gets a price that would charge what the plan includes', () => {
  const paidTiers = tiered('graduated', ['1000', '0.10'], [null, '0.01'])
  expect(isItems(paidTiers)).toBe(false)
  expect(isItems(paidTiers, aQuota('1000'))).toBe(true)
  const freeTier = tiered('graduated', ['1000', null], [null, '0.01'])
  expect(isItems(freeTier, aQuota('1000'))).toBe(false)
})

test('an allowance that is not renewed with the billing period is rated here', () => {
  expect(isItems(unit('0.01'), aQuota('10'))).toBe(false)
  expect(isItems(unit('0.01'), aQuota('10', { usagePeriod: 'P1D' }))).toBe(true)
  expect(isItems(unit('0.01'), aQuota('10', { alignment: 'calendar' }))).toBe(true)
  expect(isItems(unit('0.01'), aQuota('10', { resetUsageOnRenewal: false }))).toBe(true)
})

test('U47 where Stripe works out amounts that it cannot charge, usage is rated here and fees are sent as they are', () => {
  const kinds = (price: Price) =>
    ['usd', 'jpy', 'kwd', 'isk'].map(
      (currency) =>
        transportOf(usageCard('calls', price, { prices: { [currency]: price } }), currency)?.kind,
    )

  expect(kinds(unit('0.7'))).toEqual(['price', 'price', 'invoice_items', 'invoice_items'])
  expect(kinds(flat('7'))).toEqual(['price', 'price', 'price', 'price'])
  const discounted = aFee('', {
    prices: { kwd: flat('9.50') },
    discounts: [{ type: 'percentage', percent: '33' }],
  })
  expect(transportOf(discounted, 'kwd')?.kind).toBe('invoice_items')
})
