import { expect, test } from 'vitest'
import { aFee, aPlan, at, termsOf } from '../../../test/support/plans.ts'
import { formatInstant } from '../../kit/instant.ts'
import { endTerms, type Term } from '../billing/terms.ts'
import type { CouponDefinition } from '../coupons/coupon.ts'
import type { Redeemed } from '../coupons/in-force.ts'
import { addRevenue, recurringRevenue, type SoldTerms, trialEnds } from './recurring-revenue.ts'

const START = at('2026-01-01')
const plain = aPlan({}, [aFee('29.00')])
const withTrial = aPlan({
  phases: [
    { key: 'trial', name: 'Trial', duration: 'P2W', rateCards: [] },
    { key: 'main', name: 'Main', duration: null, rateCards: [aFee('29.00')] },
  ],
})

const told = (terms: readonly Term[], changes: Partial<SoldTerms> = {}) =>
  recurringRevenue({ terms, redeemed: [], currency: 'usd', givenUpAt: null, ...changes }).map(
    ({ at: from, amountMinor }) => `${formatInstant(from).slice(0, 10)} ${amountMinor}`,
  )

function redeemed(
  definition: Pick<CouponDefinition, 'off' | 'duration'> & Partial<CouponDefinition>,
  endsAt: number | null,
): Redeemed {
  const mode = 'test' as const
  const rest = { name: 'Off', maxRedemptions: null, redeemBy: null }
  const where = { planKeys: null, rateCardKeys: null }
  return {
    coupon: {
      mode,
      key: 'off',
      createdAt: START,
      archivedAt: null,
      definition: {
        ...rest,
        ...where,
        ...definition,
      },
    },
    redemption: {
      mode,
      id: 'r',
      couponKey: 'off',
      code: 'OFF',
      customerId: 'c',
      subscriptionId: 's',
      state: 'active',
      startsAt: START,
      endsAt,
      usedByInvoiceId: null,
      createdAt: START,
    },
  }
}

test('a trial is worth nothing until it ends, and nothing if it is left before', () => {
  const terms = termsOf(withTrial, START)
  const left = endTerms(terms, at('2026-01-05'), 'cancel')

  expect(told(terms)).toEqual(['2026-01-15 2900'])
  expect(told(left)).toEqual([])
  expect([trialEnds(terms), trialEnds(left)]).toEqual([
    [{ at: at('2026-01-15'), isConverted: true }],
    [{ at: at('2026-01-05'), isConverted: false }],
  ])
})

test('revenue ends with the access, and where the money is given up', () => {
  const canceled = endTerms(termsOf(plain, START), at('2026-03-01'), 'cancel')

  expect(told(canceled)).toEqual(['2026-01-01 2900', '2026-03-01 0'])
  expect(told(canceled, { givenUpAt: at('2026-02-10') })).toEqual([
    '2026-01-01 2900',
    '2026-02-10 0',
  ])
})

test('a discount that recurs is off as long as it lasts; one for the first invoice is not', () => {
  const off = { type: 'percentage', percent: '10' } as const
  const fiveOff = { type: 'amount', amounts: { usd: '5.00' } } as const
  const april = at('2026-04-01')
  const yearly = aPlan({ billingCadence: 'P1Y' }, [aFee('120.00', { billingCadence: 'P1Y' })])
  const terms = termsOf(plain, START)

  const repeating = redeemed({ off, duration: { type: 'repeating', months: 3 } }, april)
  expect(told(terms, { redeemed: [repeating] })).toEqual(['2026-01-01 2610', '2026-04-01 2900'])
  const once = redeemed({ off, duration: { type: 'once' } }, null)
  expect(told(terms, { redeemed: [once] })).toEqual(['2026-01-01 2900'])
  const forever = redeemed({ off: fiveOff, duration: { type: 'forever' } }, null)
  expect(told(terms, { redeemed: [forever] })).toEqual(['2026-01-01 2400'])
  expect(told(termsOf(yearly, START), { redeemed: [forever] })).toEqual(['2026-01-01 958'])
  const elsewhere = { ...forever.coupon.definition, planKeys: ['other'] }
  expect(told(terms, { redeemed: [redeemed(elsewhere, null)] })).toEqual(['2026-01-01 2900'])
})

test('a plan that is left for another in one instant is no churn in between', () => {
  const change = at('2026-02-01')
  const before = endTerms(termsOf(plain, START), change, 'change')
  const after = termsOf(aPlan({}, [aFee('99.00')]), change)
  const both = [before, after].map((terms) =>
    recurringRevenue({ terms, redeemed: [], currency: 'usd', givenUpAt: null }),
  )

  expect(addRevenue(both)).toEqual([
    { at: START, amountMinor: 2900n },
    { at: change, amountMinor: 9900n },
  ])
})
