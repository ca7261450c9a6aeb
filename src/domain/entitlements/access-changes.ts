import type { Mode } from '../../kit/mode.ts'
import type { Db } from '../../platform/database/database.ts'

/** What must be looked at again by whoever holds decisions in memory. */
export type AccessChange =
  | { readonly kind: 'customer'; readonly mode: Mode; readonly customerId: string }
  | { readonly kind: 'plan'; readonly mode: Mode; readonly planVersionId: string }
  | { readonly kind: 'routes' }
  | { readonly kind: 'everything' }

/** The half of the news that services need: saying, inside the transaction, that something changed. */
export interface AccessChanges {
  announce(tx: Db, change: { mode: Mode; customerId: string }): Promise<void>
  announceChange(tx: Db, change: AccessChange): Promise<void>
}
