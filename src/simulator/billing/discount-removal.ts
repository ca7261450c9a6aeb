import { forget } from '../catalog/discounts.ts'
import type { Transaction } from '../store/transaction.ts'
import { missingResource } from '../wire/errors.ts'

/** `DELETE /v1/subscriptions/{id}/discount` takes all of a subscription's discounts away and shows the last one. */
export function removeDiscounts(tx: Transaction, id: string): unknown {
  const { discounts } = tx.get('subscription', id)
  const last = discounts.at(-1)
  if (last === undefined) throw missingResource('discount', id)
  tx.update('subscription', id, { discounts: [] })
  for (const discount of discounts) tx.emit('customer.discount.deleted', 'discount', discount)
  let shown: unknown
  for (const discount of discounts) shown = forget(tx, discount)
  return shown
}
