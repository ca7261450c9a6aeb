import { formatInstant, parseInstant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Coupon, CouponDefinition, PromotionCode } from '../../domain/coupons/coupon.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation, type Input } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { iso } from '../to-api.ts'

/** Coupons and the codes they are redeemed with. */
export function couponRoutes({ coupons, redemptions }: Services): Implementation[] {
  async function toApi(mode: Mode, coupon: Coupon) {
    const counts = await redemptions.countByCoupon(mode)
    return couponToApi(coupon, counts.get(coupon.key) ?? 0)
  }

  async function codeToApi(mode: Mode, code: PromotionCode) {
    const counts = await redemptions.countByCode(mode, code.couponKey)
    return promotionCodeToApi(code, counts.get(code.code) ?? 0)
  }

  return [
    implement(contract.listCoupons, async (_, { caller: { mode } }) => {
      const counts = await redemptions.countByCoupon(mode)
      const all = await coupons.list(mode)
      return { data: all.map((coupon) => couponToApi(coupon, counts.get(coupon.key) ?? 0)) }
    }),
    implement(contract.getCoupon, async ({ params }, { caller: { mode } }) => {
      const coupon = await coupons.get(mode, params.couponKey)
      const counts = await redemptions.countByCode(mode, coupon.key)
      const codes = await coupons.codes(mode, coupon.key)
      return {
        ...(await toApi(mode, coupon)),
        codes: codes.map((code) => promotionCodeToApi(code, counts.get(code.code) ?? 0)),
      }
    }),
    implement(contract.createCoupon, async ({ body }, { caller }) =>
      toApi(caller.mode, await coupons.create(caller, body.key, definitionOf(body.definition))),
    ),
    implement(contract.archiveCoupon, async ({ params }, { caller }) =>
      toApi(caller.mode, await coupons.archive(caller, params.couponKey)),
    ),
    implement(contract.createPromotionCode, async ({ params, body }, { caller }) => {
      const input = { ...body, expiresAt: instantOf(body.expiresAt) }
      return codeToApi(caller.mode, await coupons.addCode(caller, params.couponKey, input))
    }),
    implement(contract.deactivatePromotionCode, async ({ params }, { caller }) =>
      codeToApi(caller.mode, await coupons.deactivateCode(caller, params.code)),
    ),
  ]
}

type WrittenDefinition = Input<typeof contract.createCoupon>['body']['definition']

function definitionOf(written: WrittenDefinition): CouponDefinition {
  return { ...written, redeemBy: instantOf(written.redeemBy) }
}

function couponToApi({ key, definition, createdAt, archivedAt }: Coupon, redemptionCount: number) {
  const { off, planKeys, rateCardKeys, redeemBy } = definition
  return {
    key,
    definition: {
      ...definition,
      off: off.type === 'amount' ? { ...off, amounts: { ...off.amounts } } : off,
      planKeys: planKeys && [...planKeys],
      rateCardKeys: rateCardKeys && [...rateCardKeys],
      redeemBy: iso(redeemBy),
    },
    redemptionCount,
    createdAt: formatInstant(createdAt),
    archivedAt: iso(archivedAt),
  }
}

function promotionCodeToApi(code: PromotionCode, redemptionCount: number) {
  return {
    ...code,
    redemptionCount,
    expiresAt: iso(code.expiresAt),
    createdAt: formatInstant(code.createdAt),
    deactivatedAt: iso(code.deactivatedAt),
  }
}

function instantOf(text: string | null): number | null {
  return text === null ? null : (parseInstant(text) ?? null)
}
