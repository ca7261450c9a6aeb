import fc from 'fast-check'
import { expect, test } from 'vitest'
import { add, type Decimal, decimal, formatDecimal, ZERO } from '../../../kit/decimal.ts'
import { aGrant, anAccount } from '../../../../test/support/credits.ts'
import { availableCredits } from '../account.ts'
import { compareGrants } from '../burn-order.ts'
import { affordableUnits, costOf, holdUnits, partsOf, type Purse } from './purses.ts'

const NOW = 1_000
const CONTEXT = { featureKey: 'requests', now: NOW, cause: { kind: 'usage', id: 's' } } as const

const purse = (unit: string, perUnit: string, ...grants: ReturnType<typeof aGrant>[]): Purse => ({
  account: anAccount(...grants),
  unit,
  perUnit: decimal(perUnit),
})

test('units are paid from the first purse as far as it reaches, then from the next', () => {
  const purses = [
    purse('feature:requests', '1', aGrant('a', '2')),
    purse('custom:credits', '2', aGrant('b', '5')),
    purse('money:usd', '0.01', aGrant('c', '1')),
  ]

  const { shares, missing } = holdUnits(decimal(10), purses, CONTEXT)

  expect(shares.map(({ unit, units }) => `${unit} ${formatDecimal(units)}`)).toEqual([
    'feature:requests 2',
    'custom:credits 2.5',
    'money:usd 5.5',
  ])
  expect(missing).toBe(ZERO)
})

test('a balance of two grants that is just enough for a unit pays for it', () => {
  const purses = [purse('custom:credits', '7', aGrant('a', '3'), aGrant('b', '4'))]

  expect(affordableUnits(purses, 'requests', NOW)).toBe(decimal(1))
  const { shares } = holdUnits(decimal(1), purses, CONTEXT)
  expect(shares[0]?.holds.map(({ amount }) => formatDecimal(amount))).toEqual(['3', '4'])
})

const amount = fc
  .integer({ min: 1, max: 10_000_000 })
  .map((n) => formatDecimal((decimal(n) / 1_000n) as Decimal))
const grant = fc.record({
  id: fc.uuid(),
  amount,
  priority: fc.integer({ min: 1, max: 3 }),
  expiresAt: fc.constantFrom(null, NOW - 1, NOW + 1, NOW + 2),
  category: fc.constantFrom('paid' as const, 'promotional' as const),
})
const manyPurses = fc.array(
  fc.record({
    perUnit: amount,
    grants: fc.uniqueArray(grant, { selector: ({ id }) => id, maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 3 },
)

test('whatever is asked for, no purse gives more than it has, and grants are used in burn order', () => {
  fc.assert(
    fc.property(manyPurses, fc.integer({ min: 1, max: 100_000 }), (given, asked) => {
      const purses = given.map(({ perUnit, grants }, i) =>
        purse(
          `custom:c${i}`,
          perUnit,
          ...grants.map(({ id, amount: of, ...rest }) => aGrant(id, of, rest)),
        ),
      )
      const units = decimal(asked)

      const { shares, purses: after, missing } = holdUnits(units, purses, CONTEXT)

      const paid = shares.reduce((sum, share) => add(sum, share.units), ZERO)
      expect(add(paid, missing)).toBe(units)
      const possible = affordableUnits(purses, 'requests', NOW)
      expect(paid).toBe(possible < units ? possible : units)
      for (const { account } of after) {
        expect(availableCredits(account, 'requests', NOW)).toBeGreaterThanOrEqual(ZERO)
        const usable = account.holdings
          .filter(({ grant: { expiresAt } }) => expiresAt === null || expiresAt > NOW)
          .toSorted((a, b) => compareGrants(a.grant, b.grant))
        const firstUntouched = usable.findIndex(({ balance }) => balance.reserved < balance.granted)
        const later = firstUntouched < 0 ? [] : usable.slice(firstUntouched + 1)
        expect(later.every(({ balance }) => balance.reserved === ZERO)).toBe(true)
      }
    }),
  )
})

test('what is used of leases is cut off their front, and costs what its units cost', () => {
  fc.assert(
    fc.property(manyPurses, fc.integer({ min: 1, max: 1_000 }), (given, share) => {
      const leases = given.flatMap(({ perUnit, grants }, i) =>
        grants.map(({ id, amount: of }, n) => ({
          id: BigInt(i * 10 + n),
          unit: `custom:c${i}`,
          perUnit: decimal(perUnit),
          grantId: id,
          amount: decimal(of),
        })),
      )
      const units = decimal(share)

      const { parts, left } = partsOf(units, leases)

      const taken = parts.reduce((sum, part) => add(sum, part.units), ZERO)
      const difference = units - taken - left
      expect(difference >= 0n && difference < 1_000_000n).toBe(true)
      for (const [i, part] of parts.entries()) {
        expect(part.id).toBe(leases[i]?.id)
        expect(part.amount).toBeLessThanOrEqual(leases[i]?.amount ?? 0n)
        const isLast = i === parts.length - 1
        if (!isLast) expect(part.amount).toBe(leases[i]?.amount)
        else if (part.amount < (leases[i]?.amount ?? 0n)) {
          expect(part.amount).toBe(costOf(part.units, part.perUnit))
        }
      }
    }),
  )
})
