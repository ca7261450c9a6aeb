import { expect, test } from 'vitest'
import type { MemberRole } from './customer.ts'
import { decideMember } from './decide-member.ts'

const PEOPLE: readonly { userId: string; role: MemberRole }[] = [
  { userId: 'olga', role: 'owner' },
  { userId: 'adam', role: 'admin' },
  { userId: 'dora', role: 'developer' },
]

const decided = (byUserId: string, userId: string, role: MemberRole | null, people = PEOPLE) =>
  decideMember(people, { byUserId, userId, role }).kind

test('owners give every role, admins every one but that of an owner, others none', () => {
  expect(decided('olga', 'dora', 'owner')).toBe('apply')
  expect(decided('adam', 'dora', 'billing')).toBe('apply')
  expect(decided('adam', 'dora', 'owner')).toBe('not_allowed')
  expect(decided('adam', 'adam', 'owner')).toBe('not_allowed')
  expect(decided('dora', 'dora', 'admin')).toBe('not_allowed')
})

test('an admin neither demotes nor removes an owner', () => {
  const twoOwners = [...PEOPLE, { userId: 'otto', role: 'owner' as const }]

  expect(decided('adam', 'olga', 'viewer', twoOwners)).toBe('not_allowed')
  expect(decided('adam', 'olga', null, twoOwners)).toBe('not_allowed')
  expect(decided('otto', 'olga', null, twoOwners)).toBe('apply')
})

test('the last owner stays one, even by their own wish', () => {
  expect(decided('olga', 'olga', null)).toBe('last_owner')
  expect(decided('olga', 'olga', 'admin')).toBe('last_owner')
})

test('everybody else may leave, and nobody may send others away who may not manage them', () => {
  expect(decided('dora', 'dora', null)).toBe('apply')
  expect(decided('dora', 'adam', null)).toBe('not_allowed')
})

test('who is not among the people is unknown, also the one who asks', () => {
  expect(decided('olga', 'nobody', 'viewer')).toBe('unknown')
  expect(decided('gone', 'dora', 'viewer')).toBe('unknown')
})

test('the role somebody has already changes nothing', () => {
  expect(decided('olga', 'dora', 'developer')).toBe('unchanged')
})
