import type { Transaction } from '../store/transaction.ts'
import type { Debit } from './documents.ts'

/** Remembers what was debited for an item's time, to be credited from there if the item changes. */
export function recordDebit(tx: Transaction, itemId: string | null, debit: Debit): void {
  const item = tx.find('subscription_item', itemId ?? '')
  if (item === undefined) return
  // What lies before the current period can never be credited again.
  const open = item.inner.debits.filter(({ id, source }) => {
    const document = tx.find(source, id)
    return document !== undefined && document.period.end > item.current_period_start
  })
  tx.update('subscription_item', item.id, {
    inner: { ...item.inner, debits: [...open, debit] },
  })
}

/** A coupon of duration `once` is used up by the first invoice it is on, whatever that invoice's total. */
export function consumeOnceDiscounts(tx: Transaction, invoiceId: string): void {
  const invoice = tx.get('invoice', invoiceId)
  const once = invoice.discounts.filter((id) => {
    const coupon = tx.get('coupon', tx.get('discount', id).source.coupon ?? '')
    return coupon.duration === 'once'
  })
  if (once.length === 0) return
  const subscription = tx.find('subscription', invoice.inner.subscription ?? '')
  if (subscription?.discounts.some((id) => once.includes(id))) {
    tx.update('subscription', subscription.id, {
      discounts: subscription.discounts.filter((id) => !once.includes(id)),
    })
  }
  const customer = tx.get('customer', invoice.customer ?? '')
  if (customer.inner.discount !== null && once.includes(customer.inner.discount)) {
    const discount = customer.inner.discount
    tx.update('customer', customer.id, { inner: { ...customer.inner, discount: null } })
    tx.emit('customer.discount.deleted', 'discount', discount)
  }
}
