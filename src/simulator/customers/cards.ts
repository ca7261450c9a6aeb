import { methodFromToken } from '../payments/payment-methods.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Handlers } from '../wire/calls.ts'
import { changed, isUnset } from '../wire/changed.ts'
import { missingReference, missingResource, StripeError } from '../wire/errors.ts'
import { listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'

/**
 * Cards saved the old way, as `sources`. Each is at the same time a payment method of the same id, as at Stripe, so
 * everything that pays knows payment methods only.
 */
export const cardOperations: Handlers = {
  'POST /v1/customers/{id}/sources': ({ tx, params, id }) => {
    const customer = getById(tx, 'customer', id)
    const card = addCardSource(tx, id, params.source, newMetadata(params.metadata))
    if (customer.default_source === null) makeDefaultSource(tx, id, card)
    return tx.present('card', card)
  },

  'GET /v1/customers/{id}/sources': ({ tx, params, id }) =>
    listPage(tx, 'card', {
      url: `/v1/customers/${id}/sources`,
      params,
      among: tx.where('card', 'customer', getById(tx, 'customer', id).id),
    }),

  'GET /v1/customers/{customerId}/sources/{id}': ({ tx, path, id }) =>
    tx.present('card', ownCard(tx, path['customerId'] ?? '', id).id),

  'POST /v1/customers/{customerId}/sources/{id}': ({ tx, params, path, id }) => {
    const card = ownCard(tx, path['customerId'] ?? '', id)
    tx.update('card', id, {
      address_city: changed(params.address_city, card.address_city),
      address_country: changed(params.address_country, card.address_country),
      address_line1: changed(params.address_line1, card.address_line1),
      address_line2: changed(params.address_line2, card.address_line2),
      address_state: changed(params.address_state, card.address_state),
      address_zip: changed(params.address_zip, card.address_zip),
      exp_month: readExpiry(params.exp_month, 'exp_month', 1, 12) ?? card.exp_month,
      exp_year: readExpiry(params.exp_year, 'exp_year', 1970, 2_100) ?? card.exp_year,
      metadata: mergeMetadata(card.metadata ?? {}, params.metadata),
      name: changed(params.name, card.name),
    })
    return tx.present('card', id)
  },

  'DELETE /v1/customers/{customerId}/sources/{id}': ({ tx, path, id }) => {
    const customer = getById(tx, 'customer', path['customerId'] ?? '')
    ownCard(tx, customer.id, id)
    tx.emit('customer.source.deleted', 'card', id)
    tx.remove('card', id)
    const method = tx.get('payment_method', id)
    tx.update('payment_method', id, { customer: null, inner: { ...method.inner, isSpent: true } })
    if (customer.default_source === id) {
      const next = tx.where('card', 'customer', customer.id)[0]?.id ?? null
      tx.update('customer', customer.id, { default_source: next })
    }
    return { id, object: 'card', deleted: true }
  },
}

function ownCard(tx: Transaction, customerId: string, id: string) {
  const customer = getById(tx, 'customer', customerId)
  const card = tx.find('card', id)
  if (card === undefined || card.customer !== customer.id) throw missingResource('source', id)
  return card
}

/** Saves the card of a token such as `tok_visa` and returns its id. */
export function addCardSource(
  tx: Transaction,
  customer: string,
  token: string,
  metadata: Readonly<Record<string, string>> = {},
): string {
  const fresh = methodFromToken(tx, token)
  const facts = fresh?.card
  if (fresh === undefined || facts === undefined) throw missingReference('token', token, 'source')
  tx.remove('payment_method', fresh.id)
  const id = tx.newId('card')
  tx.insert('payment_method', { ...fresh, id, customer })
  tx.insert('card', {
    id,
    object: 'card',
    address_city: null,
    address_country: null,
    address_line1: null,
    address_line1_check: null,
    address_line2: null,
    address_state: null,
    address_zip: null,
    address_zip_check: null,
    allow_redisplay: 'unspecified',
    brand: BRAND_NAMES[facts.brand] ?? facts.brand,
    country: facts.country,
    customer,
    cvc_check: 'pass',
    dynamic_last4: null,
    exp_month: facts.exp_month,
    exp_year: facts.exp_year,
    fingerprint: facts.fingerprint,
    funding: facts.funding,
    last4: facts.last4,
    metadata,
    name: null,
    regulated_status: 'unregulated',
    tokenization_method: null,
  })
  tx.emit('customer.source.created', 'card', id)
  return id
}

const BRAND_NAMES: Readonly<Record<string, string>> = {
  visa: 'Visa',
  mastercard: 'MasterCard',
  amex: 'American Express',
  discover: 'Discover',
  diners: 'Diners Club',
  jcb: 'JCB',
  unionpay: 'UnionPay',
}

export function makeDefaultSource(tx: Transaction, customer: string, card: string): void {
  const known = tx.find('card', card)
  if (known === undefined || known.customer !== customer) {
    throw missingReference('source', card, 'default_source')
  }
  tx.update('customer', customer, { default_source: card })
}

function readExpiry(
  text: string | null | undefined,
  param: 'exp_month' | 'exp_year',
  least: number,
  most: number,
): number | undefined {
  if (isUnset(text)) return undefined
  const value = Number(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  const part = param === 'exp_month' ? 'month' : 'year'
  throw new StripeError(402, {
    type: 'card_error',
    code: `invalid_expiry_${part}`,
    message: `Your card's expiration ${part} is invalid.`,
    param,
  })
}
