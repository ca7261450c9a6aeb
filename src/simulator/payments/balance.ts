import { DAY_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { BalanceTransaction } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'

const PENDING_SECONDS = (2 * DAY_MS) / SECOND_MS

/** Stripe's list price in the United States: 2.9 % and 30 cents. */
export function processingFee(amount: number): number {
  return Math.round((amount * 29) / 1_000) + 30
}

interface NewBalanceTransaction {
  readonly type: 'charge' | 'refund' | 'adjustment' | 'refund_failure'
  readonly reportingCategory: string
  readonly amount: number
  readonly fee: number
  readonly feeDescription?: string
  readonly currency: string
  readonly source: string
  readonly description: string | null
  readonly clock: string | null
  readonly isAvailableAtOnce?: boolean
}

export function insertBalanceTransaction(
  tx: Transaction,
  given: NewBalanceTransaction,
): Documents['balance_transaction'] {
  const now = tx.now(given.clock)
  return tx.insert('balance_transaction', {
    id: tx.newId('txn'),
    object: 'balance_transaction',
    amount: given.amount,
    available_on: given.isAvailableAtOnce === true ? now : now + PENDING_SECONDS,
    balance_type: 'payments',
    created: now,
    currency: given.currency,
    description: given.description,
    exchange_rate: null,
    fee: given.fee,
    fee_details:
      given.fee === 0
        ? []
        : [
            {
              amount: given.fee,
              application: null,
              currency: given.currency,
              description: given.feeDescription ?? 'Stripe processing fees',
              type: 'stripe_fee',
            },
          ],
    net: given.amount - given.fee,
    reporting_category: given.reportingCategory,
    source: given.source,
    type: given.type,
    inner: { clock: given.clock },
  })
}

/** Money becomes available two days later; nothing happens then, the statement just reads differently. */
export function presentBalanceTransaction(
  tx: Transaction,
  { inner, ...transaction }: Documents['balance_transaction'],
): BalanceTransaction {
  const isAvailable = transaction.available_on <= tx.now(inner.clock)
  return { ...transaction, status: isAvailable ? 'available' : 'pending' }
}

export const balanceOperations: Handlers = {
  'GET /v1/balance': ({ tx }) => {
    const sums = new Map<string, { available: number; pending: number }>()
    for (const transaction of tx.oldestFirst('balance_transaction')) {
      const sum = sums.get(transaction.currency) ?? { available: 0, pending: 0 }
      const { status } = presentBalanceTransaction(tx, transaction)
      sum[status === 'available' ? 'available' : 'pending'] += transaction.net
      sums.set(transaction.currency, sum)
    }
    if (sums.size === 0) sums.set('usd', { available: 0, pending: 0 })
    const listing = (part: 'available' | 'pending') =>
      [...sums].map(([currency, sum]) => ({
        amount: sum[part],
        currency,
        source_types: { card: sum[part] },
      }))
    return {
      object: 'balance',
      available: listing('available'),
      livemode: tx.realm.isLive,
      pending: listing('pending'),
    }
  },

  'GET /v1/balance_transactions': ({ tx, params }) =>
    listPage(tx, 'balance_transaction', {
      url: '/v1/balance_transactions',
      params,
      matches: (transaction) =>
        (params.currency === undefined || transaction.currency === params.currency) &&
        (params.source === undefined || transaction.source === params.source) &&
        (params.type === undefined || transaction.type === params.type) &&
        isInRange(transaction.created, params.created),
    }),

  'GET /v1/balance_transactions/{id}': ({ tx, id }) =>
    tx.present('balance_transaction', getById(tx, 'balance_transaction', id).id),
}
