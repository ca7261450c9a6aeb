import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { CustomerCreateTaxIdParams } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { missingResource } from '../wire/errors.ts'
import { listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'

export const taxIdOperations: Handlers = {
  'POST /v1/customers/{id}/tax_ids': ({ tx, params, id }) =>
    tx.present('tax_id', insertTaxId(tx, getById(tx, 'customer', id).id, params).id),

  'GET /v1/customers/{id}/tax_ids': ({ tx, params, id }) =>
    listPage(tx, 'tax_id', {
      url: `/v1/customers/${id}/tax_ids`,
      params,
      among: tx.where('tax_id', 'customer', getById(tx, 'customer', id).id),
    }),

  'GET /v1/customers/{customerId}/tax_ids/{id}': ({ tx, path, id }) =>
    tx.present('tax_id', ownTaxId(tx, path['customerId'] ?? '', id).id),

  'DELETE /v1/customers/{customerId}/tax_ids/{id}': ({ tx, path, id }) => {
    deleteTaxId(tx, path['customerId'] ?? '', id)
    return { id, object: 'tax_id', deleted: true }
  },
}

export function deleteTaxId(tx: Transaction, customer: string, id: string): void {
  ownTaxId(tx, customer, id)
  tx.emit('customer.tax_id.deleted', 'tax_id', id)
  tx.remove('tax_id', id)
}

function ownTaxId(tx: Transaction, customer: string, id: string): Documents['tax_id'] {
  const taxId = getById(tx, 'tax_id', id)
  if (taxId.customer !== getById(tx, 'customer', customer).id) throw missingResource('tax_id', id)
  return taxId
}

export function insertTaxId(
  tx: Transaction,
  customer: string,
  { type, value }: Pick<CustomerCreateTaxIdParams, 'type' | 'value'>,
): Documents['tax_id'] {
  const country = type.slice(0, 2).toUpperCase()
  const taxId = tx.insert('tax_id', {
    id: tx.newId('txi'),
    object: 'tax_id',
    country: type.startsWith('eu_') ? value.slice(0, 2).toUpperCase() : country,
    created: tx.now(tx.get('customer', customer).test_clock),
    customer,
    customer_account: null,
    livemode: tx.realm.isLive,
    owner: { customer, customer_account: null, type: 'customer' },
    type,
    value,
    verification: { status: 'unavailable', verified_address: null, verified_name: null },
  })
  tx.emit('customer.tax_id.created', 'tax_id', taxId.id)
  return taxId
}
