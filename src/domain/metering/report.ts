import { add, type Decimal, decimal, subtract, ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'

/** What of a bucket Stripe has not heard of yet. */
export interface UnreportedBucket {
  readonly bucketAt: Instant
  readonly apiKeyId: string
  readonly routeKey: string
  readonly dimension: string
  readonly value: Decimal
  readonly reported: Decimal
}

export interface ReportPlan {
  /** Whole units to report; Stripe takes no fractions. */
  readonly units: bigint
  /** Inside the bucket, and so inside the period it is billed in. */
  readonly at: Instant
  /** What each bucket will have reported; a fraction stays behind in the last one. */
  readonly buckets: readonly { readonly bucket: UnreportedBucket; readonly reported: Decimal }[]
}

/**
 * One report for the buckets of one period: the whole units among what is not reported yet. The fraction is carried,
 * not dropped, so that a thousand reports of 0.4 lose nothing. Undefined: nothing whole to report yet.
 */
export function planReport(buckets: readonly UnreportedBucket[]): ReportPlan | undefined {
  const last = buckets.at(-1)
  if (last === undefined) return undefined
  const due = buckets.reduce(
    (sum, { value, reported }) => add(sum, subtract(value, reported)),
    ZERO,
  )
  const units = due / decimal(1)
  if (units === 0n) return undefined
  const fraction = subtract(due, decimal(units))
  return {
    units,
    at: last.bucketAt,
    buckets: buckets.map((bucket) => ({
      bucket,
      reported: bucket === last ? subtract(bucket.value, fraction) : bucket.value,
    })),
  }
}
