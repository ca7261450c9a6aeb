import { requireCustomer } from '../customers/require-customer.ts'
import type { Handlers } from '../wire/calls.ts'
import { missingParameter, missingResource } from '../wire/errors.ts'
import { listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata } from '../wire/metadata.ts'
import {
  attachMethod,
  createPaymentMethod,
  detachMethod,
  methodFromToken,
  toBillingDetails,
} from './payment-methods.ts'

export const paymentMethodOperations: Handlers = {
  'POST /v1/payment_methods': ({ tx, params }) =>
    tx.present('payment_method', createPaymentMethod(tx, params).id),

  'GET /v1/payment_methods': ({ tx, params }) =>
    listPage(tx, 'payment_method', {
      url: '/v1/payment_methods',
      params,
      ...(params.customer === undefined
        ? {}
        : {
            among: tx.where('payment_method', 'customer', requireCustomer(tx, params.customer).id),
          }),
      matches: (method) => params.type === undefined || method.type === params.type,
    }),

  'GET /v1/payment_methods/{id}': ({ tx, id }) => {
    const method = methodFromToken(tx, id) ?? getById(tx, 'payment_method', id)
    return tx.present('payment_method', method.id)
  },

  'POST /v1/payment_methods/{id}': ({ tx, params, id }) => {
    const method = getById(tx, 'payment_method', id)
    const { card } = method
    tx.update('payment_method', id, {
      allow_redisplay: params.allow_redisplay ?? method.allow_redisplay,
      billing_details: toBillingDetails(params.billing_details, method.billing_details),
      ...(card === undefined
        ? {}
        : {
            card: {
              ...card,
              exp_month: params.card?.exp_month ?? card.exp_month,
              exp_year: params.card?.exp_year ?? card.exp_year,
            },
          }),
      metadata: mergeMetadata(method.metadata ?? {}, params.metadata),
    })
    return tx.present('payment_method', id)
  },

  'POST /v1/payment_methods/{id}/attach': ({ tx, params, id }) => {
    if (params.customer === undefined) throw missingParameter('customer')
    const method = methodFromToken(tx, id) ?? getById(tx, 'payment_method', id)
    const customer = requireCustomer(tx, params.customer)
    attachMethod(tx, method, customer)
    return tx.present('payment_method', method.id)
  },

  'POST /v1/payment_methods/{id}/detach': ({ tx, id }) => {
    const method = getById(tx, 'payment_method', id)
    detachMethod(tx, method)
    return tx.present('payment_method', id)
  },

  'GET /v1/customers/{id}/payment_methods': ({ tx, params, id }) =>
    listPage(tx, 'payment_method', {
      url: `/v1/customers/${id}/payment_methods`,
      params,
      among: tx.where('payment_method', 'customer', getById(tx, 'customer', id).id),
      matches: (method) =>
        (params.type === undefined || method.type === params.type) &&
        (params.allow_redisplay === undefined || method.allow_redisplay === params.allow_redisplay),
    }),

  'GET /v1/customers/{customerId}/payment_methods/{id}': ({ tx, path, id }) => {
    const method = getById(tx, 'payment_method', id)
    const customer = getById(tx, 'customer', path['customerId'] ?? '')
    if (method.customer !== customer.id) throw missingResource('payment_method', id)
    return tx.present('payment_method', id)
  },
}
