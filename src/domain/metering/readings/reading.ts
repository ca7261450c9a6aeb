import type { Decimal } from '../../../kit/decimal.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'

/** What one event gave one meter. */
export interface StoredReading {
  readonly mode: Mode
  readonly subscriptionId: string
  readonly customerId: string
  readonly meterKey: string
  readonly at: Instant
  readonly bucketAt: Instant
  readonly source: string
  readonly eventId: string
  readonly apiKeyId: string
  readonly dimension: string
  readonly value: Decimal
  /** What `unique` counts. */
  readonly text: string
}
