import { expect, test } from 'vitest'
import { expiry } from '../invitations/invitation.ts'
import { decideJoining } from './decide-joining.ts'
import type { MemberInvitation } from './member-invitation.ts'

const NOW = Date.UTC(2026, 2, 1)
const GRACE = { email: 'Grace@Example.com', customerId: null }

const INVITATION: MemberInvitation = {
  mode: 'test',
  id: 'member_invitation_1',
  customerId: 'customer_ada',
  email: 'grace@example.com',
  role: 'developer',
  createdAt: NOW,
  expiresAt: expiry(NOW, 14),
  acceptedAt: null,
  revokedAt: null,
}

const reasonOf = (
  changes: Partial<MemberInvitation> | undefined,
  visitor: { email: string; customerId: string | null } = GRACE,
  now = NOW,
) => {
  const given = changes && { ...INVITATION, ...changes }
  const decision = decideJoining(given, visitor, now)
  return decision.kind === 'refused' ? decision.reason : 'joins'
}

test('who was asked joins with the address it was sent to, however it is written', () => {
  expect(reasonOf({})).toBe('joins')
})

test('a stranger with the link learns nothing of what became of it', () => {
  const eve = { email: 'eve@example.com', customerId: null }

  expect(reasonOf({}, eve)).toMatch(/another address/)
  expect(reasonOf({ revokedAt: NOW }, eve)).toMatch(/another address/)
})

test('a link works once, within its time, and not after it was taken back', () => {
  expect(reasonOf({ acceptedAt: NOW })).toMatch(/accepted already/)
  expect(reasonOf({}, GRACE, INVITATION.expiresAt)).toMatch(/expired/)
  expect(reasonOf({ revokedAt: NOW })).toMatch(/taken back/)
  expect(reasonOf(undefined)).toMatch(/no such invitation/)
})

test('a person acts for one account', () => {
  expect(reasonOf({}, { ...GRACE, customerId: 'customer_ada' })).toMatch(/this account already/)
  expect(reasonOf({}, { ...GRACE, customerId: 'customer_own' })).toMatch(/another account already/)
})
