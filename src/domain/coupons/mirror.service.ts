import { decimal, formatDecimal } from '../../kit/decimal.ts'
import { majorToMinor } from '../../kit/money.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { StripeCouponInput } from '../../stripe/coupons.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { Coupon } from './coupon.ts'

interface CouponMirrorDeps {
  readonly connections: Connections
  readonly database: Database
  readonly log: Log
}

export type CouponMirror = ReturnType<typeof createCouponMirror>

/** The coupon in Stripe that stands for ours: what it takes off and for how long, without any limit. */
export function createCouponMirror({ connections, database, log }: CouponMirrorDeps) {
  async function inputOf({ scope }: Connected, coupon: Coupon): Promise<StripeCouponInput> {
    const { planKeys } = coupon.definition
    const productIds: string[] = []
    for (const planKey of planKeys ?? []) {
      const productId = await connections.externalId(scope, 'plan', planKey)
      if (productId !== undefined) productIds.push(productId)
    }
    return stripeCouponOf(coupon, planKeys === null ? null : productIds)
  }

  async function ensure(connected: Connected, coupon: Coupon): Promise<string> {
    const { api, scope } = connected
    const { key } = coupon
    const known = await connections.externalId(scope, 'coupon', key)
    if (known !== undefined) return known
    const input = await inputOf(connected, coupon)
    const externalId = await api.coupons.create(input, `farebox:${scope.mode}:coupon:${key}`)
    await connections.map(database.db, scope, {
      entityKind: 'coupon',
      entityId: key,
      externalId,
      metadata: {},
    })
    return externalId
  }

  return {
    /** Its id in Stripe, made if it has none. Making it twice gives the same. */
    ensure,

    /** What is left of one that was redeemed before. The same key gives the same. */
    async ofRest(
      connected: Connected,
      coupon: Coupon,
      months: number,
      idempotencyKey: string,
    ): Promise<string> {
      const input = await inputOf(connected, coupon)
      const duration = { type: 'repeating' as const, months }
      return connected.api.coupons.create({ ...input, duration }, idempotencyKey)
    },

    async tryToMirror(coupon: Coupon): Promise<void> {
      const { mode, key } = coupon
      if (!(await connections.isConnected(mode))) return
      await ensure(await connections.stripe(mode), coupon).catch((error: unknown) =>
        log.warn('coupon.not_mirrored', { mode, coupon: key, error }),
      )
    },
  }
}

function stripeCouponOf(
  { key, mode, definition }: Coupon,
  productIds: readonly string[] | null,
): StripeCouponInput {
  const { name, off, duration } = definition
  return {
    name,
    off:
      off.type === 'percentage'
        ? { type: 'percentage', percent: Number(formatDecimal(decimal(off.percent))) }
        : {
            type: 'amount',
            amounts: Object.entries(off.amounts).map(([currency, amount]) => ({
              currency,
              amountMinor: majorToMinor(amount, currency),
            })),
          },
    duration,
    productIds,
    metadata: { farebox_coupon: key, farebox_mode: mode },
  }
}
