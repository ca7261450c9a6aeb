import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { CustomerBalanceTransaction } from '../stripe.generated.ts'
import { invalidRequest } from '../wire/errors.ts'

interface BalanceChange {
  /** Positive makes the customer owe more on the next invoice, negative is credit. */
  readonly amount: number
  readonly currency: string
  readonly type: CustomerBalanceTransaction['type']
  readonly invoice?: string | null
  readonly creditNote?: string | null
  readonly description?: string | null
  readonly metadata?: Readonly<Record<string, string>>
}

/** The only way a customer's balance moves: with a transaction that says why. */
export function changeBalance(
  tx: Transaction,
  customerId: string,
  change: BalanceChange,
): Documents['customer_balance_transaction'] {
  const customer = tx.get('customer', customerId)
  if (
    customer.currency !== null &&
    customer.currency !== undefined &&
    customer.currency !== change.currency
  ) {
    throw invalidRequest({
      message: `The currency specified (${change.currency}) does not match the customer's currency (${customer.currency}).`,
      param: 'currency',
    })
  }
  const balance = customer.balance + change.amount
  tx.update('customer', customerId, { balance, currency: change.currency })
  return tx.insert('customer_balance_transaction', {
    id: tx.newId('cbtxn'),
    object: 'customer_balance_transaction',
    amount: change.amount,
    checkout_session: null,
    created: tx.now(customer.test_clock),
    credit_note: change.creditNote ?? null,
    currency: change.currency,
    customer: customerId,
    customer_account: null,
    description: change.description ?? null,
    ending_balance: balance,
    invoice: change.invoice ?? null,
    livemode: tx.realm.isLive,
    metadata: change.metadata ?? {},
    type: change.type,
  })
}
