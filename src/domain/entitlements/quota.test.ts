import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Decimal, decimal, ZERO } from '../../kit/decimal.ts'
import { duration } from '../../kit/period.ts'
import type { QuotaRule } from './grants.ts'
import { decideLease, quotaKeyOf } from './quota.ts'

const units = (most: number): fc.Arbitrary<Decimal> =>
  fc.integer({ min: 0, max: most }).map((n) => decimal(n))

test('whatever is asked, what is debited never passes the ceiling but by debts', () => {
  fc.assert(
    fc.property(
      units(100),
      fc.array(fc.record({ debt: fc.constant(ZERO), need: units(9), want: units(99) })),
      fc.boolean(),
      (ceiling, asks, isTight) => {
        let total = ZERO
        for (const ask of asks) {
          const before = total
          const decision = decideLease(total, isTight, { ceiling, ...ask })
          total = decision.total
          expect(total).toBe(before + decision.granted)
          expect(total <= ceiling).toBe(true)
        }
      },
    ),
  )
})

test('who needs units gets them as long as there are any, to the last one', () => {
  fc.assert(
    fc.property(units(100), units(100), units(9), units(99), (ceiling, total, need, want) => {
      const { granted, isShort } = decideLease(total, false, { ceiling, debt: ZERO, need, want })

      const left = ceiling > total ? ceiling - total : 0n
      expect(granted >= (need < left ? need : left)).toBe(true)
      expect(isShort).toBe(need > left)
    }),
  )
})

test('stock is at most an eighth of what is left, and none while the quota is tight', () => {
  const ask = { ceiling: decimal(800), debt: ZERO, need: decimal(1), want: decimal(500) }

  expect(decideLease(ZERO, false, ask).granted).toBe(decimal(100))
  expect(decideLease(decimal(796), false, ask).granted).toBe(decimal(1))
  expect(decideLease(ZERO, true, ask).granted).toBe(decimal(1))
})

test('without a ceiling nothing is leased, spent units are only counted', () => {
  const ask = { ceiling: null, debt: decimal(7), need: decimal(1), want: decimal(9) }

  expect(decideLease(decimal(3), false, ask)).toEqual({
    granted: ZERO,
    total: decimal(10),
    isShort: false,
  })
})

test('quotas of one feature with windows of different lengths are different quotas', () => {
  const rule = (length: string) =>
    ({ featureKey: 'requests', window: { length: duration(length) } }) as QuotaRule

  expect(['PT1H', 'P1D', 'P1M', 'P1Y'].map((length) => quotaKeyOf(rule(length)))).toEqual([
    'requests:3600s',
    'requests:86400s',
    'requests:1M',
    'requests:12M',
  ])
})
