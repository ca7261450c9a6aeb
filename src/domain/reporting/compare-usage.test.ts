import { expect, test } from 'vitest'
import { decimal } from '../../kit/decimal.ts'
import { compareUsage } from './compare-usage.ts'

const REPORTED = {
  meterKey: 'requests',
  settled: 100n,
  unsettledPlus: 0n,
  unsettledMinus: 0n,
  refused: 0n,
  isTooLate: false,
}

test('what Stripe counted is what was reported', () => {
  expect(compareUsage(REPORTED, decimal(100))).toBeUndefined()
  expect(compareUsage(REPORTED, decimal(99))).toMatchObject({ category: 'amount', isSafe: false })
  expect(compareUsage(REPORTED, decimal(101))).toMatchObject({ category: 'amount', isSafe: false })
})

test('what is under way may be counted already, or not yet', () => {
  const underWay = { ...REPORTED, unsettledPlus: 10n, unsettledMinus: -5n }
  for (const theirs of [95, 100, 110]) {
    expect(compareUsage(underWay, decimal(theirs))).toBeUndefined()
  }
  expect(compareUsage(underWay, decimal(94))).toBeDefined()
  expect(compareUsage(underWay, decimal(111))).toBeDefined()
})

test('what was refused is a difference until it counts: repaired by sending it again, unless it is too late', () => {
  const refused = { ...REPORTED, refused: 7n }
  expect(compareUsage(refused, decimal(100))).toMatchObject({ category: 'amount', isSafe: true })
  expect(compareUsage({ ...refused, isTooLate: true }, decimal(100))).toMatchObject({
    category: 'late',
    isSafe: false,
  })
})
