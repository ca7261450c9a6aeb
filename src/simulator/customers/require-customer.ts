import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { getReferenced } from '../wire/lookup.ts'

/** The customer a parameter names; a deleted one is as good as none. */
export function requireCustomer(
  tx: Transaction,
  id: string,
  param = 'customer',
): Documents['customer'] {
  return getReferenced(tx, 'customer', id, param)
}
