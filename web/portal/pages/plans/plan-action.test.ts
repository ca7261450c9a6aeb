import { expect, test } from 'vitest'
import { planDefinition } from '../../../../src/api/contract/plan-definition.ts'
import { planAction, type Shopper } from './plan-action.ts'

const aPlan = (metadata: Record<string, string> = {}) => ({
  key: 'pro',
  version: 1,
  definition: planDefinition.parse({
    name: 'Pro',
    currencies: ['usd'],
    billingCadence: 'P1M',
    phases: [{ key: 'main', name: 'Main', duration: null, rateCards: [] }],
    metadata,
  }),
  featureNames: {},
  featureUnits: {},
})

const member = (over: Partial<Extract<Shopper, { kind: 'member' }>> = {}): Shopper => ({
  kind: 'member',
  role: 'owner',
  current: null,
  ...over,
})

test('a visitor signs up first, an account without a plan chooses', () => {
  expect(planAction(aPlan(), { kind: 'visitor' })).toEqual({ kind: 'sign_up', label: 'Choose Pro' })
  expect(planAction(aPlan(), member())).toEqual({ kind: 'choose', label: 'Choose Pro' })
})

test('the plan one has is marked, the others are changed to', () => {
  expect(planAction(aPlan(), member({ current: { key: 'pro', name: 'Pro' } }))).toEqual({
    kind: 'current',
  })
  expect(planAction(aPlan(), member({ current: { key: 'free', name: 'Free' } }))).toEqual({
    kind: 'change',
    label: 'Change to Pro',
  })
})

test('one change at a time: until it is done or taken back no other can be chosen', () => {
  const current = { key: 'free', name: 'Free' }

  expect(planAction(aPlan(), member({ current, next: 'Scale' }))).toMatchObject({
    kind: 'choose',
    disabledReason: expect.stringContaining('A change to Scale is under way'),
  })
})

test('who may not pay learns who may', () => {
  expect(planAction(aPlan(), member({ role: 'developer' }))).toMatchObject({
    disabledReason: expect.stringContaining('owners, admins and billing'),
  })
})

test('a custom plan leads to whoever sells it, and never runs a script', () => {
  const contact = (contactUrl: string) =>
    planAction(aPlan({ isCustom: 'true', contactUrl, contactLabel: 'Talk to us' }), member())

  expect(contact('https://example.com/sales')).toEqual({
    kind: 'contact',
    label: 'Talk to us',
    href: 'https://example.com/sales',
  })
  expect(contact('mailto:sales@example.com')).toMatchObject({ href: 'mailto:sales@example.com' })
  expect(contact('javascript:alert(1)')).toMatchObject({ href: null })
})
