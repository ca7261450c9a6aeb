import { expect, test } from 'vitest'
import { type MemberPreview, outcomeOf, progressWords, timingWords } from './present-migration.ts'

const usd = (amountMinor: number) => ({ amountMinor, currency: 'usd' })
const member = (customerId: string, changes: Partial<MemberPreview> = {}): MemberPreview => ({
  subscriptionId: `subscription_${customerId}`,
  customerId,
  fromVersion: 1,
  monthlyBefore: usd(2_900),
  monthlyAfter: usd(3_500),
  dueNow: usd(0),
  effectiveAt: null,
  refusal: null,
  ...changes,
})

test('a dry run counts whom it moves, leaves out and cannot move, and what they pay together', () => {
  const members = [
    member('ada'),
    member('bob', { dueNow: usd(600) }),
    member('cleo', { refusal: 'subscription_paused' }),
    member('dora'),
  ]

  expect(outcomeOf(members, new Set(['dora']))).toEqual({
    moving: 2,
    left: 1,
    refused: 1,
    monthly: ['$58.00 → $70.00'],
    dueNow: ['$6.00'],
  })
})

test('sums of two currencies are never mixed', () => {
  const eur = (amountMinor: number) => ({ amountMinor, currency: 'eur' })
  const euro = { monthlyBefore: eur(2_500), monthlyAfter: eur(3_000), dueNow: eur(0) }

  const { monthly } = outcomeOf([member('ada'), member('bob', euro)], new Set())

  expect(monthly).toEqual(['$29.00 → $35.00', '€25.00 → €30.00'])
})

test('progress says first how many are moved, then only what there is', () => {
  const counts = { waiting: 2, scheduled: 1, moved: 8, excluded: 1, skipped: 0, canceled: 0 }

  expect(progressWords({ counts })).toBe('8 of 12 moved, 3 to come, 1 left out')
})

test('a migration without notice says that nobody is told before', () => {
  expect(timingWords({ timing: 'immediate', noticeDays: 0 })).toBe('At once, told when it happens')
  expect(timingWords({ timing: 'at_renewal', noticeDays: 30 })).toBe(
    'At the renewal after 30 days of notice',
  )
})
