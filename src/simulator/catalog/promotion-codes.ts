import { requireCustomer } from '../customers/require-customer.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { PromotionCode, PromotionCodeCreateParams } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest, missingParameter } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'
import { toCurrency } from './amounts.ts'
import { isCodeActive } from './discounts.ts'

export const promotionCodeOperations: Handlers = {
  'POST /v1/promotion_codes': ({ tx, params }) =>
    tx.present('promotion_code', createPromotionCode(tx, params).id),

  'GET /v1/promotion_codes': ({ tx, params }) =>
    listPage(tx, 'promotion_code', {
      url: '/v1/promotion_codes',
      params,
      matches: (code) =>
        (params.active === undefined || isCodeActive(tx, code) === params.active) &&
        (params.code === undefined || code.inner.codeKey === params.code.toUpperCase()) &&
        (params.coupon === undefined || code.inner.coupon === params.coupon) &&
        (params.customer === undefined || code.customer === params.customer) &&
        isInRange(code.created, params.created),
    }),

  'GET /v1/promotion_codes/{id}': ({ tx, id }) =>
    tx.present('promotion_code', getById(tx, 'promotion_code', id).id),

  'POST /v1/promotion_codes/{id}': ({ tx, params, id }) => {
    const code = getById(tx, 'promotion_code', id)
    if (params.active === true && !code.active) {
      if (code.max_redemptions !== null && code.times_redeemed >= code.max_redemptions) {
        throw invalidRequest({
          message:
            'This promotion code has been redeemed as often as it may and cannot be reactivated.',
          param: 'active',
        })
      }
      requireFreeCode(tx, code.inner.codeKey, code.customer)
    }
    tx.update('promotion_code', id, {
      active: params.active ?? code.active,
      metadata: mergeMetadata(code.metadata ?? {}, params.metadata),
    })
    return tx.present('promotion_code', id)
  },
}

/** The code a customer typed, or undefined when no active one is spelled like it. Case does not matter. */
export function findActiveCode(
  tx: Transaction,
  text: string,
): Documents['promotion_code'] | undefined {
  return tx
    .where('promotion_code', 'inner.codeKey', text.trim().toUpperCase())
    .find((code) => isCodeActive(tx, code))
}

export function presentPromotionCode(
  tx: Transaction,
  document: Documents['promotion_code'],
): PromotionCode {
  const { inner: _inner, ...code } = document
  return { ...code, active: isCodeActive(tx, document) }
}

function createPromotionCode(
  tx: Transaction,
  params: PromotionCodeCreateParams,
): Documents['promotion_code'] {
  if (params.promotion.coupon === undefined) throw missingParameter('promotion[coupon]')
  const coupon = getReferenced(tx, 'coupon', params.promotion.coupon, 'promotion[coupon]')
  const customer = params.customer === undefined ? null : requireCustomer(tx, params.customer).id
  const code = params.code ?? tx.newId('code', 8).slice(5).toUpperCase()
  if (!/^[\w-]{1,500}$/.test(code)) {
    throw invalidRequest({
      message: 'Promotion codes may contain letters, digits and hyphens only.',
      param: 'code',
    })
  }
  requireFreeCode(tx, code.toUpperCase(), customer)
  const { restrictions } = params
  const promotionCode = tx.insert('promotion_code', {
    id: tx.newId('promo'),
    object: 'promotion_code',
    active: params.active ?? true,
    code,
    created: tx.now(null),
    customer,
    customer_account: null,
    expires_at: params.expires_at ?? null,
    livemode: tx.realm.isLive,
    max_redemptions: params.max_redemptions ?? null,
    metadata: newMetadata(params.metadata),
    promotion: { coupon: coupon.id, type: 'coupon' },
    restrictions: {
      first_time_transaction: restrictions?.first_time_transaction ?? false,
      minimum_amount: restrictions?.minimum_amount ?? null,
      minimum_amount_currency:
        typeof restrictions?.minimum_amount_currency === 'string'
          ? toCurrency(restrictions.minimum_amount_currency)
          : null,
    },
    times_redeemed: 0,
    inner: { coupon: coupon.id, codeKey: code.toUpperCase() },
  })
  tx.emit('promotion_code.created', 'promotion_code', promotionCode.id)
  return promotionCode
}

/** A code means one thing at a time to everybody who may use it. */
function requireFreeCode(tx: Transaction, codeKey: string, customer: string | null): void {
  const isTaken = tx
    .where('promotion_code', 'inner.codeKey', codeKey)
    .some(
      (other) =>
        isCodeActive(tx, other) &&
        (other.customer === null || customer === null || other.customer === customer),
    )
  if (!isTaken) return
  throw invalidRequest({
    code: 'promotion_code_already_exists',
    message: `An active promotion code with \`code: ${codeKey}\` already exists.`,
    param: 'code',
  })
}
