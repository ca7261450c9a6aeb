import { toCurrency } from '../catalog/amounts.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Handlers } from '../wire/calls.ts'
import { changed } from '../wire/changed.ts'
import { missingResource } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'
import { changeBalance } from './balance.ts'

export const customerBalanceOperations: Handlers = {
  'POST /v1/customers/{id}/balance_transactions': ({ tx, params, id }) => {
    const change = changeBalance(tx, getById(tx, 'customer', id).id, {
      amount: params.amount,
      currency: toCurrency(params.currency),
      type: 'adjustment',
      description: params.description ?? null,
      metadata: newMetadata(params.metadata),
    })
    return tx.present('customer_balance_transaction', change.id)
  },

  'GET /v1/customers/{id}/balance_transactions': ({ tx, params, id }) =>
    listPage(tx, 'customer_balance_transaction', {
      url: `/v1/customers/${id}/balance_transactions`,
      params,
      among: tx.where('customer_balance_transaction', 'customer', getById(tx, 'customer', id).id),
      matches: (change) =>
        (params.invoice === undefined || change.invoice === params.invoice) &&
        isInRange(change.created, params.created),
    }),

  'GET /v1/customers/{customerId}/balance_transactions/{id}': ({ tx, path, id }) =>
    tx.present('customer_balance_transaction', ownChange(tx, path['customerId'] ?? '', id).id),

  'POST /v1/customers/{customerId}/balance_transactions/{id}': ({ tx, params, path, id }) => {
    const change = ownChange(tx, path['customerId'] ?? '', id)
    tx.update('customer_balance_transaction', id, {
      description: changed(params.description, change.description),
      metadata: mergeMetadata(change.metadata ?? {}, params.metadata),
    })
    return tx.present('customer_balance_transaction', id)
  },
}

function ownChange(
  tx: Transaction,
  customer: string,
  id: string,
): Documents['customer_balance_transaction'] {
  const change = getById(tx, 'customer_balance_transaction', id)
  if (change.customer !== getById(tx, 'customer', customer).id) {
    throw missingResource('customer_balance_transaction', id)
  }
  return change
}
