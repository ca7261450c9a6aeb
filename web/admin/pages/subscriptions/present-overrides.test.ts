import { expect, test } from 'vitest'
import { agreedSentences, overridesOf, rowsOf } from './present-overrides.ts'

const OVERRIDES = {
  prices: {
    fee: { type: 'amount' as const, amount: '19.00', currency: 'usd' },
    requests: { type: 'percentage' as const, percent: '20' },
  },
  quotas: { requests: null },
  rateLimits: { speed: { limit: 2000 } },
  features: { sso: true, support: 'gold', beta: false },
  reason: 'a deal',
  until: '2027-03-01T00:00:00Z',
}

test('what the form shows of overrides and sends unchanged is the same, but for the reason, which is given anew', () => {
  const rows = rowsOf(OVERRIDES)

  expect(rows.reason).toBe('')
  expect(overridesOf({ ...rows, reason: 'a deal' }, 'usd')).toEqual(OVERRIDES)
})

test('what is agreed is said beside what the plan says', () => {
  const agreed = {
    prices: [
      { rateCardKey: 'fee', name: 'Fee', percent: null, amount: '19.00', listed: '29.00' },
      { rateCardKey: 'requests', name: 'Requests', percent: '20', amount: null, listed: null },
    ],
    quotas: [{ featureKey: 'requests', name: 'Requests', limit: null, listed: '1000' }],
    rateLimits: [{ name: 'speed', limit: 2000, listed: 1000 }],
    features: [{ featureKey: 'sso', name: 'SSO', value: true }],
    until: null,
  }

  expect(agreedSentences(agreed, 'usd')).toEqual([
    'Fee: $19.00 instead of $29.00',
    'Requests: 20 % off',
    'Requests: unlimited instead of 1,000',
    'Rate limit speed: 2000 instead of 1000',
    'SSO: granted',
  ])
})
