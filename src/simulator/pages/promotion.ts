import { checkCode } from '../catalog/discounts.ts'
import { findActiveCode } from '../catalog/promotion-codes.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { StripeError } from '../wire/errors.ts'
import { showAmount } from './money.ts'

/** The code a customer typed, or why it does not apply to what they buy. */
export function refusalOfCode(
  tx: Transaction,
  session: Documents['checkout.session'],
  typed: string,
): { readonly code: string } | { readonly refusal: string } {
  const code = findActiveCode(tx, typed)
  if (code === undefined) return { refusal: 'This promotion code is invalid.' }
  try {
    checkCode(tx, code, session.customer, 'promotion_code')
  } catch (error) {
    if (error instanceof StripeError) return { refusal: error.body.message }
    throw error
  }
  const { minimum_amount: minimum, minimum_amount_currency: currency } = code.restrictions
  if (minimum !== null && (session.amount_subtotal ?? 0) < minimum) {
    const needed = showAmount(minimum, currency ?? session.currency ?? 'usd')
    return { refusal: `This code needs an order of at least ${needed}.` }
  }
  const coupon = tx.get('coupon', code.inner.coupon)
  const isForeign = coupon.amount_off !== null && coupon.currency !== session.currency
  if (isForeign && coupon.inner.currencyOptions[session.currency ?? ''] === undefined) {
    return { refusal: 'This promotion code does not apply to this currency.' }
  }
  return { code: code.id }
}
