import { checkCode } from '../catalog/discounts.ts'
import { findActiveCode } from '../catalog/promotion-codes.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { StripeError } from '../wire/errors.ts'
import { showAmount } from './money.ts'

type Code = Documents['promotion_code']

/** The code somebody typed, or why they may not use it. */
export function readCode(
  tx: Transaction,
  typed: string,
  customer: string | null,
): { readonly code: Code } | { readonly refusal: string } {
  const code = findActiveCode(tx, typed)
  if (code === undefined) return { refusal: 'This promotion code is invalid.' }
  try {
    checkCode(tx, code, customer, 'promotion_code')
  } catch (error) {
    if (error instanceof StripeError) return { refusal: error.body.message }
    throw error
  }
  return { code }
}

/** The same for what somebody is about to buy: the order has to be large enough, and in the code's currency. */
export function readCodeFor(
  tx: Transaction,
  typed: string,
  session: Documents['checkout.session'],
): { readonly code: Code } | { readonly refusal: string } {
  const read = readCode(tx, typed, session.customer)
  if ('refusal' in read) return read
  const { restrictions, inner } = read.code
  const { minimum_amount: minimum, minimum_amount_currency: currency } = restrictions
  if (minimum !== null && (session.amount_subtotal ?? 0) < minimum) {
    const needed = showAmount(minimum, currency ?? session.currency ?? 'usd')
    return { refusal: `This code needs an order of at least ${needed}.` }
  }
  const coupon = tx.get('coupon', inner.coupon)
  const isForeign = coupon.amount_off !== null && coupon.currency !== session.currency
  if (isForeign && coupon.inner.currencyOptions[session.currency ?? ''] === undefined) {
    return { refusal: 'This promotion code does not apply to this currency.' }
  }
  return read
}
