import { expect, test } from 'vitest'
import {
  type Coupon,
  couponStanding,
  durationWords,
  offWords,
  parseAmounts,
} from './present-coupon.ts'

const NOW = Date.parse('2027-01-15T00:00:00Z')

function coupon(changes: Partial<Coupon['definition']>, rest: Partial<Coupon> = {}): Coupon {
  return {
    key: 'launch',
    definition: {
      name: 'Launch',
      off: { type: 'percentage', percent: '20' },
      duration: { type: 'forever' },
      maxRedemptions: null,
      redeemBy: null,
      planKeys: null,
      rateCardKeys: null,
      ...changes,
    },
    redemptionCount: 3,
    createdAt: '2027-01-01T00:00:00Z',
    archivedAt: null,
    ...rest,
  }
}

test('what a coupon takes off is told in every currency it has', () => {
  const off = { type: 'amount', amounts: { usd: '5.00', jpy: '500' } } as const

  expect([offWords(coupon({})), offWords(coupon({ off }))]).toEqual(['20 %', '$5.00 or ¥500'])
  expect(durationWords(coupon({ duration: { type: 'repeating', months: 3 } }))).toBe('3 months')
})

test('a coupon says why nobody redeems it any more', () => {
  const word = (given: Coupon) => couponStanding(given, NOW).word

  expect(word(coupon({}))).toBe('offered')
  expect(word(coupon({ maxRedemptions: 3 }))).toBe('used up')
  expect(word(coupon({ redeemBy: '2027-01-15T00:00:00Z' }))).toBe('expired')
  expect(word(coupon({}, { archivedAt: '2027-01-02T00:00:00Z' }))).toBe('archived')
})

test('amounts are typed with their currencies', () => {
  expect(parseAmounts('5.00 USD, 4.50eur')).toEqual({ usd: '5.00', eur: '4.50' })
  expect(parseAmounts('5.00')).toBeUndefined()
})
