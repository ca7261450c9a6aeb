import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AuditEntry, findBreak, FIRST_HASH, hashEntry } from './entry.ts'

function chain(actions: readonly string[]): AuditEntry[] {
  let previousHash = FIRST_HASH
  return actions.map((action, index) => {
    const unhashed = {
      mode: 'test' as const,
      id: `audit_${index}`,
      position: index + 1,
      at: 1_790_000_000_000 + index,
      happenedAt: 1_800_000_000_000 + index,
      actorKind: 'operator' as const,
      actorId: 'operator_1',
      actorRole: 'super_admin',
      action,
      targetKind: 'plan',
      targetId: 'pro',
      customerId: null,
      before: null,
      after: { name: 'Pro', amount: 2900 },
      ip: '127.0.0.1',
      userAgent: null,
      requestId: null,
      previousHash,
    }
    const entry = { ...unhashed, hash: hashEntry(unhashed) }
    previousHash = entry.hash
    return entry
  })
}

test('an untouched chain verifies, whatever order the database returns object members in', () => {
  const entries = chain(['plan.published', 'key.revoked'])
  const reordered = entries.map((entry) => ({ ...entry, after: { amount: 2900, name: 'Pro' } }))

  expect(findBreak(reordered)).toBeUndefined()
})

test('S5.15.13 altering, removing or swapping any entry breaks the chain at that place', () => {
  const tamper = fc.constantFrom('alter', 'remove', 'swap')
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 12 }), fc.nat(), tamper, (length, seed, how) => {
      const entries = chain(Array.from({ length }, (_, index) => `noun.verb${index}`))
      const at = seed % (length - 1)
      const victim = entries[at]!
      if (how === 'alter') entries[at] = { ...victim, actorId: 'operator_2' }
      if (how === 'remove') entries.splice(at, 1)
      if (how === 'swap') entries.splice(at, 2, entries[at + 1]!, victim)
      expect(findBreak(entries)).toBe(entries[at])
    }),
  )
})
