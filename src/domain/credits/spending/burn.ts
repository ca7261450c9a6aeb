import type { Decimal } from '../../../kit/decimal.ts'
import type { Instant } from '../../../kit/instant.ts'

/** Usage of a feature that was paid with a grant when it happened. */
export interface Burn {
  readonly featureKey: string
  readonly at: Instant
  /** `feature:requests`, `custom:credits`, `money:usd` */
  readonly unit: string
  readonly grantId: string
  readonly units: Decimal
  /** In the unit of the grant. */
  readonly amount: Decimal
}
