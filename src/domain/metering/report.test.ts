import fc from 'fast-check'
import { expect, test } from 'vitest'
import { add, type Decimal, decimal, subtract, ZERO } from '../../kit/decimal.ts'
import { planReport, type UnreportedBucket } from './report.ts'

const thousandths = fc
  .integer({ min: 0, max: 5_000 })
  .map((n) => decimal(`${Math.floor(n / 1000)}.${String(n % 1000).padStart(3, '0')}`))

function bucketsOf(values: readonly Decimal[]): UnreportedBucket[] {
  return values.map((value, index) => ({
    bucketAt: index * 3_600_000,
    apiKeyId: 'key_1',
    routeKey: 'all',
    dimension: '',
    value,
    reported: ZERO,
  }))
}

test('whatever arrives between reports, Stripe ends up with every whole unit and nothing twice', () => {
  fc.assert(
    fc.property(fc.array(fc.array(thousandths, { maxLength: 6 }), { maxLength: 8 }), (rounds) => {
      let buckets: UnreportedBucket[] = []
      let sent = 0n
      let total: Decimal = ZERO
      for (const arrivals of rounds) {
        buckets = buckets.concat(bucketsOf(arrivals))
        total = arrivals.reduce((sum, value) => add(sum, value), total)
        const open = buckets.filter(({ value, reported }) => value !== reported)
        const plan = planReport(open)
        sent += plan?.units ?? 0n
        buckets = buckets.map((bucket) => {
          const done = plan?.buckets.find((entry) => entry.bucket === bucket)
          return done === undefined ? bucket : { ...bucket, reported: done.reported }
        })
      }
      expect(sent).toBe(total / decimal(1))
      const left = buckets.reduce(
        (sum, { value, reported }) => add(sum, subtract(value, reported)),
        ZERO,
      )
      expect(add(left, decimal(sent))).toBe(total)
    }),
  )
})

test('less than one unit is not reported', () => {
  expect(planReport(bucketsOf([decimal('0.999')]))).toBeUndefined()
  expect(planReport([])).toBeUndefined()
})
