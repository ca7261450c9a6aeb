import { expect, test } from 'vitest'
import { type Plan, standingsOf } from './present-plan.ts'

const version = { version: 1, definition: {} } as NonNullable<Plan['active']>
const aPlan = (active: Plan['active'], draft: Plan['draft']): Plan => ({
  key: 'pro',
  name: 'Pro',
  isDefault: false,
  active,
  draft,
  subscriberCount: 0,
})

test('what was taken off sale is told from what was never published', () => {
  const words = [
    aPlan(version, null),
    aPlan(version, version),
    aPlan(null, version),
    aPlan(null, null),
  ].map((plan) => standingsOf(plan).map(({ word }) => word))

  expect(words).toEqual([
    ['version 1 on sale'],
    ['version 1 on sale', 'has a draft'],
    ['not published'],
    ['no longer sold'],
  ])
})
