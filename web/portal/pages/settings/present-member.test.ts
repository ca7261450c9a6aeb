import { expect, test } from 'vitest'
import { isExpired, rolesToGive, whyLastOwner, whyNotManaged } from './present-member.ts'

test('an admin is offered every role but that of an owner', () => {
  const offered = (own: 'owner' | 'admin') => rolesToGive(own).map(({ value }) => value)

  expect(offered('owner')).toContain('owner')
  expect(offered('admin')).toEqual(['admin', 'developer', 'billing', 'viewer'])
})

test('who may not manage somebody is told why', () => {
  expect(whyNotManaged('owner', { role: 'owner' })).toBeUndefined()
  expect(whyNotManaged('admin', { role: 'owner' })).toMatch(/owners manage owners/)
  expect(whyNotManaged('billing', { role: 'viewer' })).toMatch(/owners and admins/)
})

test('the only owner stays, one of two need not', () => {
  const ada = { userId: 'ada', role: 'owner' as const }
  const bob = { userId: 'bob', role: 'viewer' as const }

  expect(whyLastOwner([ada, bob], ada)).toMatch(/at least one owner/)
  expect(whyLastOwner([ada, bob], bob)).toBeUndefined()
  expect(whyLastOwner([ada, { ...bob, role: 'owner' }], ada)).toBeUndefined()
})

test('an invitation expires with the instant it names', () => {
  const expiresAt = '2026-03-15T00:00:00Z'

  expect(isExpired({ expiresAt }, Date.parse(expiresAt) - 1)).toBe(false)
  expect(isExpired({ expiresAt }, Date.parse(expiresAt))).toBe(true)
})
