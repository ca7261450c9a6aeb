import type { Transaction } from '../store/transaction.ts'
import type { DeclineName } from './declines.ts'

/** Takes the next delay the control API ordered for this customer; whether there was one. */
export function takeOrderedDelay(tx: Transaction, customer: string | null): boolean {
  for (const order of tx.oldestFirst('ordered_delay')) {
    if (order.customer !== null && order.customer !== customer) continue
    if (order.remaining <= 1) tx.remove('ordered_delay', order.id)
    else tx.update('ordered_delay', order.id, { remaining: order.remaining - 1 })
    return true
  }
  return false
}

/** Takes the next decline the control API ordered for this customer, if there is one. */
export function takeOrderedDecline(tx: Transaction, customer: string | null): DeclineName | null {
  for (const order of tx.oldestFirst('ordered_decline')) {
    if (order.customer !== null && order.customer !== customer) continue
    if (order.remaining <= 1) tx.remove('ordered_decline', order.id)
    else tx.update('ordered_decline', order.id, { remaining: order.remaining - 1 })
    return order.decline
  }
  return null
}
