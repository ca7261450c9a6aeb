import { expect, test } from 'vitest'
import { aFee, aPlan, aQuota, tiered, unit, usageCard } from '../../../test/support/plans.ts'
import { directionOf } from './plan-order.ts'
import type { PlanDefinition, RateCard } from './plan.ts'
import { planWarnings } from './plan-warnings.ts'

const fee = (amount: string, billingCadence: string, changes: Partial<RateCard> = {}) =>
  aPlan({ billingCadence }, [aFee(amount, { billingCadence, ...changes })])

test('the plan order decides before the price does', () => {
  const plan = (planKey: string, amount: string) => ({ planKey, definition: fee(amount, 'P1M') })
  const order = ['free', 'basic', 'pro']
  expect(directionOf(plan('pro', '1'), plan('basic', '99'), order, 'usd')).toBe('downgrade')
  expect(directionOf(plan('basic', '99'), plan('special', '1'), order, 'usd')).toBe('downgrade')
  expect(directionOf(plan('basic', '29'), plan('basic', '39'), order, 'usd')).toBe('upgrade')
  expect(directionOf(plan('a', '5'), plan('b', '5'), [], 'usd')).toBe('lateral')
})

const warnings = (plan: PlanDefinition) =>
  planWarnings(plan).map(({ path, message }) => `${path}: ${message}`)

test('volume prices that get cheaper by using more are pointed out with both amounts', () => {
  const cliff = tiered('volume', ['1000', '0.10'], [null, '0.08'])
  expect(warnings(aPlan({}, [usageCard('calls', cliff)]))).toEqual([
    'phases[0].rateCards[0].prices.usd.tiers[1]: 1000 units cost 100 usd, a little more costs 80: everything gets cheaper at once.',
  ])
  const even = tiered('volume', ['1000', '0.10'], [null, '0.08', '20'])
  expect(warnings(aPlan({}, [usageCard('calls', even)]))).toEqual([])
})

test('a plan that anybody may begin and pay for later is pointed out, one for the invited is not', () => {
  const offline = aPlan({ engine: 'offline', isPaymentMethodRequired: false }, [aFee('9.00')])
  expect(warnings(offline)).toEqual([expect.stringContaining('visibility: Anybody who signs up')])
  expect(warnings({ ...offline, visibility: 'private' })).toEqual([])
})

test('a yearly plan with a yearly quota, and usage billed once a year, are pointed out', () => {
  const card = usageCard('calls', unit('1'), {
    billingCadence: 'P1Y',
    entitlement: aQuota('1000', { usagePeriod: 'P1Y' }),
  })
  expect(warnings(aPlan({ billingCadence: 'P1Y' }, [card]))).toEqual([
    expect.stringContaining('used up in the first month'),
    expect.stringContaining('once a year'),
  ])
})

test('what Stripe cannot express is named, with the reason, when Stripe does the billing', () => {
  const matrix = { type: 'matrix', dimensions: ['model'], cells: [], defaultAmount: '1' } as const
  const plan = aPlan({ engine: 'stripe_subscription' }, [aFee('29.00'), usageCard('calls', matrix)])
  expect(warnings(plan)).toEqual([
    expect.stringContaining('rateCards[1]: Travels to Stripe as invoice items'),
  ])
  expect(warnings({ ...plan, engine: 'stripe_invoice' })).toEqual([])
})

test('customers who start without a payment method, and usage that is charged twice, are pointed out', () => {
  const unpaid = aPlan({ isPaymentMethodRequired: false }, [aFee('29.00')])
  expect(warnings(unpaid)).toEqual([expect.stringContaining('may never be paid')])
  const twice = aPlan({}, [
    usageCard('calls', unit('1')),
    usageCard('calls', unit('2'), { key: 'again' }),
  ])
  expect(warnings(twice)).toEqual([expect.stringContaining('charged by both')])
})
