import { expect, test } from 'vitest'
import { decideAcceptance, type Visitor } from './decide-acceptance.ts'
import { expiry, type Invitation } from './invitation.ts'

const NOW = Date.UTC(2026, 2, 1)
const ADA: Visitor = { email: 'Ada@Example.com', customerId: 'customer_ada' }

function invitation(changes: Partial<Invitation> = {}): Invitation {
  return {
    mode: 'test',
    id: 'invitation_1',
    planKey: 'secret',
    guest: { kind: 'address', email: 'ada@example.com' },
    createdAt: NOW,
    expiresAt: expiry(NOW, 14),
    acceptedAt: null,
    acceptedBy: null,
    revokedAt: null,
    ...changes,
  }
}

const reasonOf = (given: Invitation | undefined, visitor: Visitor, now = NOW) => {
  const decision = decideAcceptance(given, visitor, now)
  return decision.kind === 'refused' ? decision.reason : 'accepted'
}

test('an invitation is accepted by the address it is for, however it is written, with an account or not yet', () => {
  expect(reasonOf(invitation(), ADA)).toBe('accepted')
  expect(reasonOf(invitation(), { ...ADA, customerId: null })).toBe('accepted')
})

test('one for a customer is accepted by that customer alone, whatever their address is', () => {
  const given = invitation({ guest: { kind: 'customer', customerId: 'customer_ada' } })

  expect(reasonOf(given, { email: 'bob@example.com', customerId: 'customer_ada' })).toBe('accepted')
  expect(reasonOf(given, { ...ADA, customerId: 'customer_bob' })).toMatch(/another account/)
  expect(reasonOf(given, { ...ADA, customerId: null })).toMatch(/another account/)
})

test('an invitation is open until its time is over, and not a moment longer', () => {
  const { expiresAt } = invitation()

  expect(reasonOf(invitation(), ADA, expiresAt - 1)).toBe('accepted')
  expect(reasonOf(invitation(), ADA, expiresAt)).toMatch(/has expired/)
})

test('a stranger learns nothing of what became of an invitation', () => {
  const eve = { email: 'eve@example.com', customerId: 'customer_eve' }
  const fates = [
    invitation(),
    invitation({ acceptedAt: NOW, acceptedBy: 'customer_ada' }),
    invitation({ revokedAt: NOW }),
  ]

  expect(new Set(fates.map((given) => reasonOf(given, eve))).size).toBe(1)
})

test('what was accepted or revoked is not accepted again', () => {
  expect(reasonOf(invitation({ acceptedAt: NOW, acceptedBy: 'customer_ada' }), ADA)).toMatch(
    /accepted already/,
  )
  expect(reasonOf(invitation({ revokedAt: NOW }), ADA)).toMatch(/taken back/)
  expect(reasonOf(undefined, ADA)).toMatch(/no such invitation/)
})
