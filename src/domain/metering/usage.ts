import { type Decimal, decimal } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { periodAt, startOfHour } from '../../kit/period.ts'
import type { WindowRule } from '../entitlements/grants.ts'

/**
 * What one call or event may add at most: far beyond what anybody means, and so little that the sums of an hour fit into
 * the database. A sum that did not would hold up everything counted after it.
 */
export const MOST_UNITS = decimal(10n ** 15n)

/** What a gateway counted for one subscription and meter within one bucket. */
export interface UsageDelta {
  readonly mode: Mode
  readonly subscriptionId: string
  readonly customerId: string
  readonly meterKey: string
  readonly bucketAt: Instant
  readonly apiKeyId: string
  readonly routeKey: string
  /** Canonical text of the meter's dimensions; empty when it has none. */
  readonly dimension: string
  readonly eventCount: number
  readonly value: Decimal
}

/**
 * The bucket a moment is counted in: the hour, or the start of a period of the subscription within that hour. So every
 * bucket lies in exactly one billing period and one quota window, whatever second they start at.
 */
export function bucketOf(at: Instant, periods: readonly WindowRule[]): Instant {
  let bucket = startOfHour(at)
  for (const { anchor, length, timeZone } of periods) {
    const { startsAt } = periodAt(anchor, length, at, timeZone)
    if (startsAt > bucket) bucket = startsAt
  }
  return bucket
}

/** A point of a usage chart. */
export interface UsagePoint {
  readonly at: Instant
  readonly value: string
}

export type UsageGrain = 'hour' | 'day' | 'month'
