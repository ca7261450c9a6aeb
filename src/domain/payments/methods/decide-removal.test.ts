import { expect, test } from 'vitest'
import { at } from '../../../../test/support/plans.ts'
import { decideRemoval, parseRemovalPolicy, type RemovalFacts } from './decide-removal.ts'

const NOW = at('2026-03-01')
const REMOVED: RemovalFacts = {
  policy: { kind: 'notify' },
  usableBefore: 1,
  usableNow: 0,
  paysByMethod: true,
  deadline: null,
  isSuspended: false,
}
const policyOf = (text: string) => parseRemovalPolicy(text) ?? { kind: 'none' as const }

test.each([
  ['none', { kind: 'nothing' }],
  ['notify', { kind: 'notify' }],
  ['suspend', { kind: 'suspend' }],
  ['downgrade_after(P7D)', { kind: 'wait', dueAt: at('2026-03-08') }],
])('the last payment method removed under the policy %s', (policy, decision) => {
  expect(decideRemoval({ ...REMOVED, policy: policyOf(policy) }, NOW)).toEqual(decision)
})

test.each(['', 'delete', 'downgrade_after', 'downgrade_after()', 'downgrade_after(7)'])(
  '%j is no policy',
  (text) => {
    expect(parseRemovalPolicy(text)).toBeUndefined()
  },
)

test('C14 removing the last method of a customer who pays nothing by it changes nothing', () => {
  const facts = { ...REMOVED, policy: policyOf('suspend'), paysByMethod: false }

  expect(decideRemoval(facts, NOW)).toEqual({ kind: 'nothing' })
})

test('a customer who never had a method has not lost one', () => {
  const facts = { ...REMOVED, policy: policyOf('suspend'), usableBefore: 0 }

  expect(decideRemoval(facts, NOW)).toEqual({ kind: 'nothing' })
})

test('a new method takes back the deadline and the suspension that its absence brought', () => {
  const again = { ...REMOVED, usableBefore: 0, usableNow: 1 }

  expect(decideRemoval({ ...again, deadline: NOW }, NOW)).toEqual({ kind: 'restore' })
  expect(decideRemoval({ ...again, isSuspended: true }, NOW)).toEqual({ kind: 'restore' })
  expect(decideRemoval(again, NOW)).toEqual({ kind: 'nothing' })
})
