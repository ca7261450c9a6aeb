import { expect, test } from 'vitest'
import { actionWords, actorWords, gist, lookOf, nounOf } from './present-entry.ts'

test('an action reads as a sentence, also one this page has never heard of', () => {
  expect(actionWords('invoice.paid')).toBe('Invoice paid')
  expect(actionWords('key.issued')).toBe('API key issued')
  expect(actionWords('plan.made_default')).toBe('Plan made the default')
  expect(actionWords('credit_grant.burned_down')).toBe('Credit grant burned down')
  expect(nounOf('stripe_event')).toBe('Webhook event')
})

test('bad news look bad, good news look good, the rest is quiet', () => {
  const tones = ['invoice.paid', 'customer.suspended', 'key.issued'].map((a) => lookOf(a).tone)

  expect(tones).toEqual(['success', 'danger', 'neutral'])
  expect(['credits.granted', 'budget.created'].map((a) => lookOf(a).icon)).toEqual([
    'coins',
    'gauge',
  ])
})

test('an actor is named where the name is known', () => {
  const names = new Map([['user_1', 'Mia Berg']])
  const operator = { actorKind: 'operator', actorId: 'user_1', actorRole: 'super_admin' } as const
  const member = { actorKind: 'member', actorId: 'user_2', actorRole: 'billing' } as const

  expect(actorWords(operator, names)).toBe('Mia Berg')
  expect(actorWords({ ...operator, actorId: 'user_9' }, names)).toBe('An operator')
  expect(actorWords(member, names)).toBe('A member, billing')
})

test('the gist of an entry is what tells it from its neighbours, in words', () => {
  expect(gist({ after: { number: 'FB-0042', totalMinor: '2900' } })).toBe('FB-0042')
  expect(gist({ after: { reason: 'cancellation_requested' } })).toBe('cancellation requested')
  expect(gist({ after: { version: 2, effects: [] } })).toBe('version 2')
  expect(gist({ after: '[secret]' })).toBeUndefined()
  expect(gist({ after: null })).toBeUndefined()
})

test('the end of a subscription reads as a day, not as a number', () => {
  expect(gist({ after: { cancelAt: Date.UTC(2027, 1, 3, 12) } })).toBe('Feb 3, 2027')
})
