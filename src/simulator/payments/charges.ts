import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Handlers } from '../wire/calls.ts'
import { changed } from '../wire/changed.ts'
import { invalidRequest } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata } from '../wire/metadata.ts'
import { searchCharges } from './search.ts'

export const chargeOperations: Handlers = {
  'GET /v1/charges': ({ tx, params }) =>
    listPage(tx, 'charge', {
      url: '/v1/charges',
      params,
      ...(params.payment_intent !== undefined
        ? { among: tx.where('charge', 'payment_intent', params.payment_intent) }
        : params.customer !== undefined
          ? { among: tx.where('charge', 'customer', params.customer) }
          : {}),
      matches: (charge) =>
        (params.customer === undefined || charge.customer === params.customer) &&
        isInRange(charge.created, params.created),
    }),

  'GET /v1/charges/search': searchCharges,

  'GET /v1/charges/{id}': ({ tx, id }) => tx.present('charge', getById(tx, 'charge', id).id),

  'POST /v1/charges/{id}': ({ tx, params, id }) => {
    const charge = getById(tx, 'charge', id)
    tx.update('charge', id, {
      customer: params.customer ?? charge.customer,
      description: changed(params.description, charge.description),
      fraud_details:
        params.fraud_details?.user_report === undefined
          ? charge.fraud_details
          : params.fraud_details.user_report === null
            ? {}
            : { user_report: params.fraud_details.user_report },
      metadata: mergeMetadata(charge.metadata, params.metadata),
      receipt_email: changed(params.receipt_email, charge.receipt_email),
    })
    tx.emit('charge.updated', 'charge', id, { withPrevious: true })
    return tx.present('charge', id)
  },

  'POST /v1/charges/{id}/capture': ({ tx, id }) => {
    const charge = getById(tx, 'charge', id)
    throw invalidRequest({
      message:
        charge.payment_intent === null
          ? `Charge ${id} has already been captured.`
          : `This charge was created by the PaymentIntent ${charge.payment_intent}; capture that instead.`,
    })
  },
}

export function clockOfCharge(tx: Transaction, charge: Documents['charge']): string | null {
  return charge.customer === null
    ? null
    : (tx.find('customer', charge.customer)?.test_clock ?? null)
}
