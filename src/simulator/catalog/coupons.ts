import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Coupon, CouponCreateParams } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { changed } from '../wire/changed.ts'
import { exclusiveParameters, invalidRequest, missingParameter } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'
import { toCurrency } from './amounts.ts'
import { isRedeemable } from './discounts.ts'

export const couponOperations: Handlers = {
  'POST /v1/coupons': ({ tx, params }) => tx.present('coupon', createCoupon(tx, params).id),

  'GET /v1/coupons': ({ tx, params }) =>
    listPage(tx, 'coupon', {
      url: '/v1/coupons',
      params,
      matches: (coupon) => isInRange(coupon.created, params.created),
    }),

  'GET /v1/coupons/{id}': ({ tx, id }) => tx.present('coupon', getById(tx, 'coupon', id).id),

  'POST /v1/coupons/{id}': ({ tx, params, id }) => {
    const coupon = getById(tx, 'coupon', id)
    tx.update('coupon', id, {
      name: changed(params.name, coupon.name),
      metadata: mergeMetadata(coupon.metadata ?? {}, params.metadata),
      inner: {
        ...coupon.inner,
        currencyOptions: {
          ...coupon.inner.currencyOptions,
          ...toAmountOptions(params.currency_options),
        },
      },
    })
    return tx.present('coupon', id)
  },

  // Who has redeemed it keeps it: deleting only stops further redemptions.
  'DELETE /v1/coupons/{id}': ({ tx, id }) => {
    const coupon = getById(tx, 'coupon', id)
    tx.emit('coupon.deleted', 'coupon', id)
    tx.update('coupon', id, { inner: { ...coupon.inner, isDeleted: true } })
    return { id, object: 'coupon', deleted: true }
  },
}

export function presentCoupon(tx: Transaction, { inner, ...coupon }: Documents['coupon']): Coupon {
  const { isDeleted } = inner
  return {
    ...coupon,
    valid: isDeleted ? false : isRedeemable(tx, { ...coupon, inner }),
  }
}

function createCoupon(tx: Transaction, params: CouponCreateParams): Documents['coupon'] {
  checkTerms(params)
  const id = params.id ?? tx.newId('c', 8).slice(2)
  const existing = tx.find('coupon', id)
  if (existing !== undefined) {
    throw invalidRequest({
      code: 'resource_already_exists',
      message: 'Coupon already exists.',
      param: 'id',
    })
  }
  for (const product of params.applies_to?.products ?? []) {
    getReferenced(tx, 'product', product, 'applies_to[products]')
  }
  const coupon = tx.insert('coupon', {
    id,
    object: 'coupon',
    amount_off: params.amount_off ?? null,
    created: tx.now(null),
    currency: params.currency === undefined ? null : toCurrency(params.currency),
    duration: params.duration ?? 'once',
    duration_in_months: params.duration_in_months ?? null,
    livemode: tx.realm.isLive,
    max_redemptions: params.max_redemptions ?? null,
    metadata: newMetadata(params.metadata),
    name: params.name ?? null,
    percent_off: params.percent_off ?? null,
    redeem_by: params.redeem_by ?? null,
    times_redeemed: 0,
    inner: {
      isDeleted: false,
      products: params.applies_to?.products ?? null,
      currencyOptions: toAmountOptions(params.currency_options),
    },
  })
  tx.emit('coupon.created', 'coupon', id)
  return coupon
}

function checkTerms(params: CouponCreateParams): void {
  if (params.percent_off !== undefined && params.amount_off !== undefined) {
    throw exclusiveParameters('percent_off', 'amount_off')
  }
  if (params.percent_off === undefined && params.amount_off === undefined) {
    throw missingParameter('percent_off')
  }
  if (params.amount_off !== undefined && params.currency === undefined) {
    throw missingParameter('currency')
  }
  const { percent_off: percent, amount_off: amount } = params
  if (percent !== undefined && (percent <= 0 || percent > 100)) {
    throw invalidRequest({
      message: 'Invalid percent_off: must be greater than 0 and at most 100.',
      param: 'percent_off',
    })
  }
  if (amount !== undefined && amount <= 0) {
    throw invalidRequest({
      code: 'parameter_invalid_integer',
      message: 'This value must be greater than or equal to 1.',
      param: 'amount_off',
    })
  }
  if ((params.duration === 'repeating') !== (params.duration_in_months !== undefined)) {
    throw params.duration === 'repeating'
      ? missingParameter('duration_in_months')
      : invalidRequest({
          message: '`duration_in_months` can only be set when `duration` is `repeating`.',
          param: 'duration_in_months',
        })
  }
}

function toAmountOptions(
  given: Readonly<Record<string, { readonly amount_off: number }>> | undefined,
): Readonly<Record<string, { readonly amount_off: number }>> {
  return Object.fromEntries(
    Object.entries(given ?? {}).map(([currency, option]) => [
      toCurrency(currency, 'currency_options'),
      { amount_off: option.amount_off },
    ]),
  )
}
