import { expect, test } from 'vitest'
import { type Quota, quotaWords } from './present-quota.ts'

const NOW = Date.parse('2026-03-11T00:00:00Z')

const aQuota = (over: Partial<Quota> = {}): Quota => ({
  featureKey: 'requests',
  featureName: 'API requests',
  meterKey: 'requests',
  unit: 'request',
  limit: '1000',
  used: '100',
  onLimit: 'block',
  startsAt: '2026-03-01T12:00:00Z',
  resetsAt: '2026-04-01T12:00:00Z',
  ...over,
})

test('a quota that lasts says when it starts afresh', () => {
  expect(quotaWords(aQuota(), NOW).note).toBe('Starts afresh on Apr 1, 2026')
})

test('one that does not last says until when, at this pace', () => {
  expect(quotaWords(aQuota({ used: '500' }), NOW).note).toBe('At this pace used up on Mar 20, 2026')
})

test('nothing is said to be included where everything is billed', () => {
  expect(quotaWords(aQuota({ limit: '0', onLimit: 'bill_overage' }), NOW)).toEqual({
    open: 'Pay as you go',
    note: 'Billed on Apr 1, 2026',
  })
})

test('what exceeds an allowance is counted and said to be billed', () => {
  const quota = aQuota({ used: '1250', onLimit: 'bill_overage' })

  expect(quotaWords(quota, NOW).note).toBe('250 requests beyond, billed')
})

test('a hard quota that is used up is not said to be billed', () => {
  expect(quotaWords(aQuota({ used: '1000' }), NOW).note).toBe('Starts afresh on Apr 1, 2026')
})

test('without a limit there is nothing to use up', () => {
  expect(quotaWords(aQuota({ limit: null }), NOW).open).toBe('Unlimited')
})
