import { boundary } from '../../kit/period.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { exclusiveParameters, invalidRequest, missingResource } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'

/** How a request names a discount: a coupon, a code that stands for one, or a discount that is already there. */
export interface DiscountReference {
  readonly coupon?: string | null | undefined
  readonly promotion_code?: string | null | undefined
  readonly discount?: string | null | undefined
}

/** What a discount is put on. */
export interface DiscountTarget {
  readonly customer?: string | null
  readonly subscription?: string | null
  readonly subscriptionItem?: string | null
  readonly invoice?: string | null
  readonly invoiceItem?: string | null
  readonly checkoutSession?: string | null
  readonly start: number
}

/** Redeems what the reference names and returns the discount's id; an existing discount is shared, not redeemed again. */
export function createDiscount(
  tx: Transaction,
  reference: DiscountReference,
  target: DiscountTarget,
  param = 'discounts',
): string {
  const given = [reference.coupon, reference.promotion_code, reference.discount].filter(
    (value) => typeof value === 'string',
  )
  if (given.length !== 1) throw exclusiveParameters(`${param}[coupon]`, `${param}[promotion_code]`)
  if (typeof reference.discount === 'string') {
    return getReferenced(tx, 'discount', reference.discount, `${param}[discount]`).id
  }
  const code =
    typeof reference.promotion_code === 'string'
      ? getReferenced(tx, 'promotion_code', reference.promotion_code, `${param}[promotion_code]`)
      : undefined
  const couponId = code?.inner.coupon ?? reference.coupon ?? ''
  const coupon = getReferenced(tx, 'coupon', couponId, `${param}[coupon]`)
  if (code !== undefined) checkCode(tx, code, target.customer ?? null, `${param}[promotion_code]`)
  checkCoupon(tx, coupon, `${param}[coupon]`)
  redeem(tx, coupon, code)
  return tx.insert('discount', {
    id: tx.newId('di'),
    object: 'discount',
    checkout_session: target.checkoutSession ?? null,
    customer: target.customer ?? null,
    customer_account: null,
    end: endOf(coupon, target.start),
    invoice: target.invoice ?? null,
    invoice_item: target.invoiceItem ?? null,
    promotion_code: code?.id ?? null,
    source: { coupon: coupon.id, type: 'coupon' },
    start: target.start,
    subscription: target.subscription ?? null,
    subscription_item: target.subscriptionItem ?? null,
    inner: { isDeleted: false },
  }).id
}

function endOf(coupon: Documents['coupon'], start: number): number | null {
  if (coupon.duration !== 'repeating' || coupon.duration_in_months === null) return null
  return boundary(start * 1_000, { months: coupon.duration_in_months }, 1) / 1_000
}

export function isRedeemable(tx: Transaction, coupon: Documents['coupon']): boolean {
  const isOver = coupon.redeem_by !== null && tx.now(null) > coupon.redeem_by
  const isUsedUp =
    coupon.max_redemptions !== null && coupon.times_redeemed >= coupon.max_redemptions
  return !coupon.inner.isDeleted && !isOver && !isUsedUp
}

function checkCoupon(tx: Transaction, coupon: Documents['coupon'], param: string): void {
  if (isRedeemable(tx, coupon)) return
  throw invalidRequest({
    code: 'coupon_expired',
    message: `Coupon expired: ${coupon.id}`,
    param,
  })
}

/** Whether a customer may use a code now; the minimum amount is checked where the amount is known. */
export function checkCode(
  tx: Transaction,
  code: Documents['promotion_code'],
  customer: string | null,
  param: string,
): void {
  const refuse = (message: string) =>
    invalidRequest({ code: 'promotion_code_invalid', message, param })
  if (!isCodeActive(tx, code)) throw refuse('This promotion code is no longer active.')
  if (code.customer !== null && code.customer !== customer) {
    throw refuse('This promotion code is restricted to another customer.')
  }
  if (
    code.restrictions.first_time_transaction &&
    customer !== null &&
    hasPaidBefore(tx, customer)
  ) {
    throw refuse(
      'This promotion code cannot be redeemed because the associated customer has prior transactions.',
    )
  }
}

/** Refuses codes that need a larger purchase than this. */
export function checkMinimum(
  tx: Transaction,
  references: readonly DiscountReference[],
  purchase: { readonly amount: number; readonly currency: string },
): void {
  for (const { promotion_code: id } of references) {
    const restrictions = tx.find('promotion_code', id ?? '')?.restrictions
    const { minimum_amount: minimum = null, minimum_amount_currency: currency } = restrictions ?? {}
    if (minimum === null) continue
    if (purchase.amount >= minimum && purchase.currency === currency) continue
    throw invalidRequest({
      code: 'promotion_code_invalid',
      message: 'This promotion code cannot be redeemed because the minimum amount is not met.',
      param: 'discounts[promotion_code]',
    })
  }
}

export function isCodeActive(tx: Transaction, code: Documents['promotion_code']): boolean {
  const isOver = code.expires_at !== null && tx.now(null) >= code.expires_at
  const isUsedUp = code.max_redemptions !== null && code.times_redeemed >= code.max_redemptions
  const coupon = tx.find('coupon', code.inner.coupon)
  return code.active && !isOver && !isUsedUp && coupon !== undefined && isRedeemable(tx, coupon)
}

function hasPaidBefore(tx: Transaction, customer: string): boolean {
  return tx.where('charge', 'customer', customer).some((charge) => charge.paid)
}

function redeem(
  tx: Transaction,
  coupon: Documents['coupon'],
  code: Documents['promotion_code'] | undefined,
): void {
  tx.update('coupon', coupon.id, { times_redeemed: coupon.times_redeemed + 1 })
  if (code === undefined) return
  const timesRedeemed = code.times_redeemed + 1
  const isUsedUp = code.max_redemptions !== null && timesRedeemed >= code.max_redemptions
  tx.update('promotion_code', code.id, {
    times_redeemed: timesRedeemed,
    active: code.active && !isUsedUp,
  })
}

/** A discount on the customer applies to all of its invoices. One at a time; a new one takes its place. */
export function putCustomerDiscount(tx: Transaction, customerId: string, coupon: string): void {
  const customer = tx.get('customer', customerId)
  const previous = customer.inner.discount
  const start = tx.now(customer.test_clock)
  const id = createDiscount(tx, { coupon }, { customer: customerId, start }, 'coupon')
  tx.update('customer', customerId, { inner: { ...customer.inner, discount: id } })
  if (previous === null) {
    tx.emit('customer.discount.created', 'discount', id)
    return
  }
  forget(tx, previous)
  tx.emit('customer.discount.updated', 'discount', id)
}

export function removeCustomerDiscount(tx: Transaction, customerId: string): unknown {
  const customer = tx.get('customer', customerId)
  const { discount } = customer.inner
  if (discount === null) throw missingResource('discount', customerId)
  tx.update('customer', customerId, { inner: { ...customer.inner, discount: null } })
  tx.emit('customer.discount.deleted', 'discount', discount)
  return forget(tx, discount)
}

/** Invoices it was used on go on referring to it; it just applies no more. */
export function forget(tx: Transaction, id: string): unknown {
  const discount = tx.get('discount', id)
  tx.update('discount', id, { inner: { isDeleted: true } })
  const { inner: _inner, end: _end, ...shown } = discount
  return { ...shown, deleted: true }
}
