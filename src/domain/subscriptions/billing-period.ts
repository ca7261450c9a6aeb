import type { Instant } from '../../kit/instant.ts'
import type { Period } from '../../kit/period.ts'

/** A period as it is billed. `closing` waits for its usage to be handed over. */
export interface BillingPeriod extends Period {
  readonly id: string
  readonly subscriptionId: string
  readonly ordinal: number
  readonly planVersionId: string
  readonly state: 'open' | 'closing' | 'closed'
  readonly closedAt: Instant | null
}
