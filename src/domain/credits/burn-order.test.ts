import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aGrant, anAccount } from '../../../test/support/credits.ts'
import { compareGrants, usableHoldings } from './burn-order.ts'
import type { CreditCategory } from './grant.ts'

const order = (...grants: readonly ReturnType<typeof aGrant>[]) =>
  grants.toSorted(compareGrants).map(({ id }) => id)

test('priority, then expiry, then gifts before purchases, then age, then id', () => {
  const grants = [
    aGrant('f', '1', { effectiveAt: 5 }),
    aGrant('e', '1', { effectiveAt: 5, category: 'promotional' }),
    aGrant('d', '1', { effectiveAt: 4 }),
    aGrant('c', '1', { expiresAt: 20 }),
    aGrant('b', '1', { expiresAt: 10, effectiveAt: 9 }),
    aGrant('a', '1', { priority: 1 }),
  ]
  expect(order(...grants)).toEqual(['a', 'b', 'c', 'e', 'd', 'f'])
})

test.each<CreditCategory>(['promotional', 'compensation', 'rollover', 'plan'])(
  'a %s grant is used before a paid one that is otherwise equal',
  (category) => {
    expect(order(aGrant('paid', '1'), aGrant('x', '1', { category }))).toEqual(['x', 'paid'])
  },
)

test('the order does not depend on the order in which grants were read', () => {
  const grants = fc.uniqueArray(
    fc
      .record({
        id: fc.stringMatching(/^[a-z]{1,3}$/),
        priority: fc.integer({ min: 1, max: 3 }),
        expiresAt: fc.option(fc.integer({ min: 1, max: 3 })),
        effectiveAt: fc.nat(2),
        category: fc.constantFrom<CreditCategory>('paid', 'promotional', 'rollover'),
      })
      .map(({ id, ...changes }) => aGrant(id, '1', changes)),
    { selector: ({ id }) => id },
  )
  fc.assert(
    fc.property(grants, (list) => {
      expect(order(...list.toReversed())).toEqual(order(...list))
    }),
  )
})

test('pending, future, expired, frozen, empty and foreign grants are not touched', () => {
  const account = anAccount(
    aGrant('good', '1'),
    aGrant('other', '1', { appliesTo: ['images'] }),
    aGrant('own', '1', { appliesTo: ['calls'] }),
    aGrant('pending', '1', { state: 'pending' }),
    aGrant('voided', '1', { state: 'voided' }),
    aGrant('future', '1', { effectiveAt: 101 }),
    aGrant('expired', '1', { expiresAt: 100 }),
    aGrant('frozen', '1', { isFrozen: true }),
    aGrant('empty', '0'),
  )
  const usable = (featureKey: string | null) =>
    usableHoldings(account.holdings, featureKey, 100).map(({ grant }) => grant.id)
  expect(usable('calls')).toEqual(['good', 'own'])
  expect(usable(null)).toEqual(['good'])
})
