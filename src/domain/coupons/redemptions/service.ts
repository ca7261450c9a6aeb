import { AppError, refusalError } from '../../../errors.ts'
import type { Currency } from '../../../kit/currency.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Accounts } from '../../accounts/service.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { AppliedCoupon } from '../../billing/coupons.ts'
import type { PlanVersion } from '../../catalog/plan.ts'
import { type Coupon, codeOf } from '../coupon.ts'
import { decideRedemption } from '../decide-redemption.ts'
import { couponsInForce, type Redeemed, redemptionEnd } from '../in-force.ts'
import type { Coupons } from '../service.ts'
import * as store from './store.ts'

interface RedemptionsDeps {
  readonly accounts: Accounts
  readonly coupons: Coupons
  readonly database: Database
}

export interface RedemptionRequest {
  readonly customer: Customer
  readonly promotionCode: string
  readonly version: PlanVersion
  readonly currency: Currency
}

export type Redemptions = ReturnType<typeof createRedemptions>

/** Who has a place among those who may redeem a coupon, and what it takes off which invoice. */
export function createRedemptions({ accounts, coupons, database }: RedemptionsDeps) {
  async function redeemed(mode: Mode, subscriptionId: string, db: Db): Promise<Redeemed[]> {
    const found: Redeemed[] = []
    for (const redemption of await store.ofSubscription(db, mode, subscriptionId)) {
      found.push({ redemption, coupon: await coupons.get(mode, redemption.couponKey, db) })
    }
    return found
  }

  return {
    countByCode: (mode: Mode, couponKey: string) => store.countByCode(database.db, mode, couponKey),
    countByCoupon: (mode: Mode) => store.countByCoupon(database.db, mode),

    /**
     * The coupon a code stands for, if this customer may redeem it for this plan. `ownPurchase` is the purchase under
     * way that the code may be held by already: choosing again is not redeeming twice.
     */
    async check(
      { customer, promotionCode, version, currency }: RedemptionRequest,
      ownPurchase: string | undefined,
      db: Db = database.db,
    ): Promise<{ readonly coupon: Coupon; readonly code: string }> {
      const { mode } = customer
      const code = await coupons.findCode(mode, codeOf(promotionCode), db)
      if (code === undefined) {
        const reason = 'There is no such code.'
        throw new AppError('promotion_code_invalid', { promotionCode, reason })
      }
      const coupon = await coupons.get(mode, code.couponKey, db)
      const own = await store.findOfCustomer(db, mode, coupon.key, customer.id)
      const isOwn = own !== undefined && own.state === 'held' && own.id === ownPurchase
      const counts = await store.countByCode(db, mode, coupon.key)
      const ofCoupon = [...counts.values()].reduce((sum, count) => sum + count, 0)
      const ofCode = counts.get(code.code) ?? 0
      const decision = decideRedemption({
        coupon,
        code,
        customerId: customer.id,
        planKey: version.planKey,
        engine: version.definition.engine,
        currency,
        taken: {
          ofCoupon: ofCoupon - (isOwn ? 1 : 0),
          ofCode: ofCode - (isOwn && own.code === code.code ? 1 : 0),
        },
        hasRedeemed: own !== undefined && !isOwn,
        now: accounts.now(customer),
      })
      if (decision.kind === 'refused') throw refusalError(decision)
      return { coupon, code: code.code }
    },

    /** Takes a place for a purchase, or throws. The customer is locked; the coupon is from here on. */
    async hold(tx: Db, purchaseId: string, request: RedemptionRequest): Promise<void> {
      const { customer, promotionCode } = request
      const { mode } = customer
      const code = await coupons.findCode(mode, codeOf(promotionCode), tx)
      if (code !== undefined) await coupons.lock(tx, mode, code.couponKey)
      const found = await this.check(request, undefined, tx)
      await store.insert(tx, {
        mode,
        id: purchaseId,
        couponKey: found.coupon.key,
        code: found.code,
        customerId: customer.id,
        createdAt: accounts.now(customer),
      })
    },

    /** The purchase came to nothing; harmless where it redeemed nothing. */
    release: (tx: Db, mode: Mode, purchaseId: string) => store.release(tx, mode, purchaseId),

    /** The subscription has begun that the coupon was redeemed with. */
    async activate(
      tx: Db,
      mode: Mode,
      purchaseId: string,
      subscriptionId: string,
      startsAt: Instant,
    ): Promise<void> {
      const redemption = await store.find(tx, mode, purchaseId)
      if (redemption === undefined) return
      const { definition } = await coupons.get(mode, redemption.couponKey, tx)
      const endsAt = redemptionEnd(definition, startsAt)
      // An older page of the same customer may have been paid after all.
      await store.releaseOthers(tx, redemption)
      await store.activate(tx, mode, purchaseId, { subscriptionId, startsAt, endsAt })
    },

    /** Of many subscriptions at once, for reports. */
    async ofMany(mode: Mode, ids: readonly string[]): Promise<ReadonlyMap<string, Redeemed[]>> {
      const known = new Map((await coupons.list(mode)).map((coupon) => [coupon.key, coupon]))
      const found = new Map<string, Redeemed[]>()
      for (const redemption of await store.ofSubscriptions(database.db, mode, ids)) {
        const coupon = known.get(redemption.couponKey)
        const { subscriptionId } = redemption
        if (coupon === undefined || subscriptionId === null) continue
        const own = found.get(subscriptionId) ?? []
        found.set(subscriptionId, [...own, { coupon, redemption }])
      }
      return found
    },

    /** What an invoice made at an instant is reduced by, where the invoice is ours. */
    async inForce(
      mode: Mode,
      subscriptionId: string,
      currency: Currency,
      at: Instant,
      db: Db = database.db,
    ): Promise<AppliedCoupon[]> {
      return couponsInForce(await redeemed(mode, subscriptionId, db), at, currency)
    },

    /** The same where Stripe makes the invoices: it has taken a coupon for one invoice off the first. */
    async inForceInStripe(
      mode: Mode,
      subscriptionId: string,
      currency: Currency,
      at: Instant,
      db: Db = database.db,
    ): Promise<AppliedCoupon[]> {
      const lasting = (await redeemed(mode, subscriptionId, db)).filter(
        ({ coupon }) => coupon.definition.duration.type !== 'once',
      )
      return couponsInForce(lasting, at, currency)
    },

    /** An invoice of ours has been reduced by them: those for one invoice are used up. */
    async use(tx: Db, mode: Mode, subscriptionId: string, invoiceId: string): Promise<void> {
      for (const { coupon, redemption } of await redeemed(mode, subscriptionId, tx)) {
        if (coupon.definition.duration.type !== 'once') continue
        await store.markUsed(tx, mode, redemption.id, invoiceId)
      }
    },
  }
}
