import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Coupon } from '../../coupons/coupon.ts'
import type { RedemptionRequest, Redemptions } from '../../coupons/redemptions/service.ts'
import * as store from './store.ts'

interface PurchasesDeps {
  readonly database: Database
  readonly redemptions: Redemptions
}

export type Purchases = ReturnType<typeof createPurchases>

/** Purchases under way, and the coupon each holds a place of. Callers hold the customer's lock. */
export function createPurchases({ database, redemptions }: PurchasesDeps) {
  return {
    insert: store.insert,
    find: (mode: Mode, id: string, db: Db = database.db) => store.find(db, mode, id),
    findOpen: (mode: Mode, customerId: string, db: Db = database.db) =>
      store.findOpen(db, mode, customerId),

    /** The coupon of a code, if it can be redeemed; that the purchase under way holds it is no obstacle. */
    async couponOf(request: RedemptionRequest): Promise<Coupon> {
      const { mode, id } = request.customer
      const open = await store.findOpen(database.db, mode, id)
      return (await redemptions.check(request, open?.id)).coupon
    },

    /** Where the customer pays. */
    async noteSession(
      mode: Mode,
      id: string,
      session: { readonly stripeSessionId: string; readonly url: string },
    ): Promise<void> {
      await store.update(database.db, mode, id, session)
    },

    /** What was bought has begun. */
    async complete(
      tx: Db,
      mode: Mode,
      id: string,
      begun: { readonly subscriptionId: string; readonly startsAt: Instant },
    ): Promise<void> {
      const { subscriptionId, startsAt } = begun
      await store.update(tx, mode, id, { state: 'completed', subscriptionId })
      await redemptions.activate(tx, mode, id, subscriptionId, startsAt)
    },

    /** Nobody pays for it any more. */
    async expire(tx: Db, mode: Mode, id: string): Promise<void> {
      await store.update(tx, mode, id, { state: 'expired' })
      await redemptions.release(tx, mode, id)
    },
  }
}
