import { expect, test } from 'vitest'
import { planDefinition } from '../../../../src/api/contract/plan-definition.ts'
import { compareVersions } from './compare-versions.ts'

const version = (amount: string, quota: string, changes: object = {}) => ({
  definition: planDefinition.parse({
    name: 'Pro',
    currencies: ['usd'],
    billingCadence: 'P1M',
    phases: [
      {
        key: 'default',
        name: 'Pro',
        duration: null,
        rateCards: [
          {
            key: 'subscription',
            name: 'Fee',
            billingCadence: 'P1M',
            prices: { usd: { type: 'flat', amount } },
          },
          {
            key: 'requests',
            name: 'API requests',
            featureKey: 'requests',
            billingCadence: 'P1M',
            entitlement: { type: 'metered', issueAfterReset: quota, usagePeriod: 'P1M' },
          },
        ],
      },
    ],
    ...changes,
  }),
})
const compare = (before: ReturnType<typeof version>, after: ReturnType<typeof version>) =>
  compareVersions(before, after, () => 'request')

test('only what a subscriber would notice is listed, with what it was and what it becomes', () => {
  expect(compare(version('29.00', '1000'), version('35.00', '1000'))).toEqual([
    { what: 'Fee', before: ['$29.00 per month'], after: ['$35.00 per month'] },
  ])
  expect(compare(version('29.00', '1000'), version('29.00', '1000'))).toEqual([])
})

test('what is added or taken away has nothing on the other side', () => {
  const limit = { name: 'minute', limit: 60, windowSeconds: 60 }

  const added = compare(version('29', '1'), version('29', '1', { rateLimits: [limit] }))

  expect(added).toEqual([
    { what: 'Rate limits', before: [], after: ['60 requests per minute for each API key'] },
  ])
})

test('terms are compared too', () => {
  const [difference] = compare(version('29', '1'), version('29', '1', { visibility: 'private' }))

  expect(difference).toMatchObject({ what: 'Offered', after: ['by invitation only'] })
})
