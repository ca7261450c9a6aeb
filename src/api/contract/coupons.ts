import { z } from 'zod'
import { changePreview } from './plan-changes.ts'
import { operator, PAYERS, route } from './route.ts'
import { currency, decimal, id, instant, key, list, name, promotionCodeText } from './values.ts'

const tag = 'Coupons'
const couponParams = z.object({ couponKey: key })

/** A coupon as it is written; a file may carry the same. */
export const couponDefinition = z
  .strictObject({
    name,
    off: z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('percentage'), percent: decimal }),
      z.strictObject({
        type: z.literal('amount'),
        /** Off the whole invoice, in major units by currency. */
        amounts: z.record(currency, decimal),
      }),
    ]),
    /** `once` is the first invoice with something to pay. */
    duration: z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('once') }),
      z.strictObject({ type: z.literal('repeating'), months: z.int().min(1).max(120) }),
      z.strictObject({ type: z.literal('forever') }),
    ]),
    maxRedemptions: z.int().min(1).max(1_000_000_000).nullable().default(null),
    redeemBy: instant.nullable().default(null),
    /** Null is every plan. */
    planKeys: z.array(key).min(1).max(100).nullable().default(null),
    /** Null is every fee and all usage. */
    rateCardKeys: z.array(key).min(1).max(100).nullable().default(null),
  })
  .meta({ id: 'CouponDefinition' })

const coupon = z
  .object({
    key: z.string(),
    definition: couponDefinition,
    /** Places taken, purchases under way included. */
    redemptionCount: z.int(),
    createdAt: instant,
    archivedAt: instant.nullable(),
  })
  .meta({ id: 'Coupon' })

const promotionCode = z
  .object({
    code: z.string(),
    couponKey: z.string(),
    maxRedemptions: z.int().nullable(),
    redemptionCount: z.int(),
    expiresAt: instant.nullable(),
    customerId: z.string().nullable(),
    createdAt: instant,
    deactivatedAt: instant.nullable(),
  })
  .meta({ id: 'PromotionCode' })

export const couponRoutes = {
  listCoupons: route({
    method: 'get',
    path: '/api/v1/coupons',
    access: operator('read'),
    summary: 'All coupons, newest first',
    tag,
    response: list(coupon),
  }),
  getCoupon: route({
    method: 'get',
    path: '/api/v1/coupons/{couponKey}',
    access: operator('read'),
    summary: 'One coupon with its promotion codes',
    tag,
    params: couponParams,
    response: coupon.extend({ codes: z.array(promotionCode) }),
  }),
  createCoupon: route({
    method: 'post',
    path: '/api/v1/coupons',
    access: operator('catalog.write'),
    summary: 'Create a coupon; it never changes afterwards',
    tag,
    body: z.strictObject({ key, definition: couponDefinition }),
    response: coupon,
    status: 201,
  }),
  archiveCoupon: route({
    method: 'post',
    path: '/api/v1/coupons/{couponKey}/archive',
    access: operator('catalog.write'),
    summary: 'Stop offering a coupon; who has redeemed it keeps it',
    tag,
    params: couponParams,
    response: coupon,
  }),
  createPromotionCode: route({
    method: 'post',
    path: '/api/v1/coupons/{couponKey}/codes',
    access: operator('catalog.write'),
    summary: 'Add a promotion code customers redeem the coupon with',
    tag,
    params: couponParams,
    body: z.strictObject({
      code: promotionCodeText,
      maxRedemptions: z.int().min(1).max(1_000_000_000).nullable().default(null),
      expiresAt: instant.nullable().default(null),
      /** The only customer who may use it. */
      customerId: id.nullable().default(null),
    }),
    response: promotionCode,
    status: 201,
  }),
  deactivatePromotionCode: route({
    method: 'post',
    path: '/api/v1/promotion-codes/{code}/deactivate',
    access: operator('catalog.write'),
    summary: 'Take a promotion code back; who has redeemed it keeps the coupon',
    tag,
    params: z.object({ code: promotionCodeText }),
    response: promotionCode,
  }),
  previewPurchase: route({
    method: 'post',
    path: '/api/v1/portal/subscriptions/preview',
    access: PAYERS,
    summary:
      'What subscribing to a plan would be invoiced at once, with a promotion code or without',
    tag: 'Portal',
    body: z.strictObject({
      planKey: key,
      currency: currency.optional(),
      promotionCode: promotionCodeText.optional(),
    }),
    response: z.object({
      currency,
      /** Null without a code. */
      coupon: z
        .object({
          name: z.string(),
          off: couponDefinition.shape.off,
          duration: couponDefinition.shape.duration,
        })
        .nullable(),
      /** Null where there is nothing to invoice at once. */
      invoice: changePreview.shape.invoice,
    }),
  }),
}
