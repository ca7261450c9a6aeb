import type { Instant } from '../../kit/instant.ts'

/** A trial that a customer has had, or is in. */
export interface Redemption {
  readonly customerId: string
  readonly subscriptionId: string
  readonly redeemedAt: Instant
}
