import { expect, test } from 'vitest'
import { aCard, aFee, aPlan, flat, tiered, unit, usageCard } from '../../../test/support/plans.ts'
import { formatFraction, roundFraction } from '../../kit/fraction.ts'
import { monthlyPrice } from './monthly-price.ts'
import type { PlanDefinition, RateCard } from './plan.ts'

const fee = (amount: string, billingCadence: string, changes: Partial<RateCard> = {}) =>
  aPlan({ billingCadence }, [aFee(amount, { billingCadence, ...changes })])
const monthlyCents = (plan: PlanDefinition) =>
  Number(roundFraction(monthlyPrice(plan, 'usd'), 100n))

test('$10 a week are $43.33 a month, and a year is divided by twelve', () => {
  expect(monthlyCents(fee('10', 'P1W'))).toBe(4333)
  expect(monthlyCents(fee('40', 'P4W'))).toBe(4333)
  expect(monthlyCents(fee('120', 'P1Y'))).toBe(1000)
  expect(monthlyCents(fee('30', 'P3M'))).toBe(1000)
  expect(monthlyCents(fee('1', 'P1D'))).toBe(3042)
})

test('committed is what recurs: fees after discounts and agreed minimums, not usage or set-up', () => {
  const plan = aPlan({}, [
    aFee('29.00', { discounts: [{ type: 'percentage', percent: '50' }] }),
    aCard('setup', { billingCadence: null, prices: { usd: flat('500') } }),
    usageCard('calls', unit('1'), { commitments: { usd: { minimum: '10', maximum: null } } }),
    usageCard('more', unit('1')),
  ])
  expect(formatFraction(monthlyPrice(plan, 'usd'))).toBe('24.5')
})

test('the price that counts is the one after all trials and introductions', () => {
  const phases = [
    { key: 'trial', name: 'Trial', duration: 'P2W', rateCards: [] },
    { key: 'main', name: 'Main', duration: null, rateCards: [aFee('29.00')] },
  ]
  expect(monthlyCents(aPlan({ phases }))).toBe(2900)
})

test('the fee of the first tier is committed, whatever is used; a later one is not', () => {
  const plan = aPlan({}, [
    usageCard('calls', tiered('graduated', ['1000000', null, '499'], [null, '0.0005', '10'])),
  ])
  expect(monthlyCents(plan)).toBe(49900)
})
