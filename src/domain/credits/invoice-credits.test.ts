import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aGrant, anAccount } from '../../../test/support/credits.ts'
import { decimal, ZERO } from '../../kit/decimal.ts'
import { availableCredits } from './account.ts'
import { compareGrants } from './burn-order.ts'
import { applyCredits, burnedMinor } from './invoice-credits.ts'

const line = (key: string, amountMinor: bigint, featureKey: string | null = 'calls') => ({
  key,
  featureKey,
  amountMinor,
})
const USD = { currency: 'usd', isCreditOnly: false, now: 100 }

test('grants are used in burn order and lines are paid in theirs', () => {
  const account = anAccount(aGrant('paid', '10'), aGrant('gift', '3', { category: 'promotional' }))
  const { applications, appliedMinor } = applyCredits(
    [line('a', 500n), line('b', 900n)],
    account,
    USD,
  )
  expect(applications).toEqual([
    { lineKey: 'a', grantId: 'gift', amountMinor: 300n },
    { lineKey: 'a', grantId: 'paid', amountMinor: 200n },
    { lineKey: 'b', grantId: 'paid', amountMinor: 800n },
  ])
  expect(appliedMinor).toBe(1300n)
})

test('a grant for certain features pays for no others', () => {
  const account = anAccount(aGrant('g', '10', { appliesTo: ['images'] }))
  expect(applyCredits([line('a', 500n)], account, USD).appliedMinor).toBe(0n)
  expect(applyCredits([line('a', 500n, 'images')], account, USD).appliedMinor).toBe(500n)
})

test('fractions of a cent stay on the grant, and in three-decimal currencies what cannot be charged', () => {
  const account = anAccount(aGrant('g', '1.2399'))
  expect(applyCredits([line('a', 500n)], account, USD).appliedMinor).toBe(123n)
  expect(applyCredits([line('a', 5000n)], account, { ...USD, currency: 'kwd' }).appliedMinor).toBe(
    1230n,
  )
  expect(applyCredits([line('a', 5000n)], account, { ...USD, currency: 'jpy' }).appliedMinor).toBe(
    1n,
  )
})

test('what was burned in real time is rounded once for the line', () => {
  const burned = ['0.0049', '0.0001'].map((amount) => ({
    featureKey: 'calls',
    at: 0,
    amount: decimal(amount),
    grantId: 'g',
  }))
  expect(burnedMinor(burned, 'usd')).toBe(1n)
  expect(burnedMinor([], 'usd')).toBe(0n)
})

test('no line is paid more than it costs, no grant gives more than it has, and the first in order gives first', () => {
  const grants = fc.array(fc.tuple(fc.nat(5000), fc.integer({ min: 1, max: 3 })), { maxLength: 5 })
  const costs = fc.array(fc.nat(3000), { maxLength: 6 })
  fc.assert(
    fc.property(grants, costs, fc.boolean(), (given, amounts, isCreditOnly) => {
      const account = anAccount(
        ...given.map(([cents, priority], i) =>
          aGrant(`g${i}`, `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`, {
            priority,
          }),
        ),
      )
      const lines = amounts.map((amount, i) => line(`l${i}`, BigInt(amount)))
      const applied = applyCredits(lines, account, { ...USD, isCreditOnly })
      for (const { key, amountMinor } of lines) {
        const paid = applied.applications
          .filter(({ lineKey }) => lineKey === key)
          .reduce((sum, application) => sum + application.amountMinor, 0n)
        expect(isCreditOnly ? paid === amountMinor : paid <= amountMinor).toBe(true)
      }
      const left = applied.account.holdings.toSorted((a, b) => compareGrants(a.grant, b.grant))
      const firstWithRest = left.findIndex(({ balance }) => balance.burned < balance.granted)
      expect(
        left
          .slice(firstWithRest + 1)
          .every(({ balance }) => firstWithRest === -1 || balance.burned === ZERO),
      ).toBe(true)
      if (!isCreditOnly) expect(availableCredits(applied.account, 'calls', 100) >= ZERO).toBe(true)
    }),
  )
})
