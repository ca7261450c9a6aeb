import { putCustomerDiscount, removeCustomerDiscount } from '../catalog/discounts.ts'
import { attachMethod, referencedMethod, requireAttached } from '../payments/payment-methods.ts'
import type { Documents } from '../store/documents.ts'
import { deriveToken } from '../store/ids.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Customer, CustomerCreateParams, CustomerUpdateParams } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { changed, isUnset } from '../wire/changed.ts'
import { invalidRequest } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'
import { number, searchOperation, text } from '../wire/search.ts'
import { toAddress, toShipping } from './address.ts'
import { changeBalance } from './balance.ts'
import { addCardSource, makeDefaultSource } from './cards.ts'
import { insertTaxId } from './tax-ids.ts'

export const customerOperations: Handlers = {
  'POST /v1/customers': ({ tx, params, legacy }) => {
    const customer = createCustomer(tx, params)
    if (typeof legacy['coupon'] === 'string') {
      putCustomerDiscount(tx, customer.id, legacy['coupon'])
    }
    return tx.present('customer', customer.id)
  },

  'GET /v1/customers': ({ tx, params }) =>
    listPage(tx, 'customer', {
      url: '/v1/customers',
      params,
      ...(typeof params.email === 'string'
        ? { among: tx.where('customer', 'email', params.email) }
        : params.test_clock === undefined
          ? {}
          : { among: tx.where('customer', 'test_clock', params.test_clock) }),
      // Simulated customers would drown the real ones; Stripe shows them only to those who ask for their clock.
      matches: (customer) =>
        customer.test_clock === (params.test_clock ?? null) &&
        isInRange(customer.created, params.created),
    }),

  'GET /v1/customers/search': searchOperation('customer', '/v1/customers/search', {
    created: number('created'),
    email: text('email'),
    name: text('name'),
    phone: text('phone'),
  }),

  'GET /v1/customers/{id}': ({ tx, id }) => {
    const customer = tx.find('customer', id) ?? getById(tx, 'customer', id)
    return tx.present('customer', customer.id)
  },

  'POST /v1/customers/{id}': ({ tx, params, id, legacy }) => {
    const customer = getById(tx, 'customer', id)
    updateCustomer(tx, customer, params)
    if (typeof legacy['coupon'] === 'string') {
      if (legacy['coupon'] === '') removeCustomerDiscount(tx, id)
      else putCustomerDiscount(tx, id, legacy['coupon'])
    }
    return tx.present('customer', id)
  },

  'DELETE /v1/customers/{id}': ({ tx, id }) => {
    const customer = getById(tx, 'customer', id)
    tx.notify({ type: 'customer.deleted', id })
    tx.emit('customer.deleted', 'customer', id)
    tx.update('customer', id, { inner: { ...customer.inner, isDeleted: true } })
    return tx.present('customer', id)
  },

  'DELETE /v1/customers/{id}/discount': ({ tx, id }) => {
    getById(tx, 'customer', id)
    return removeCustomerDiscount(tx, id)
  },
}

export function presentCustomer(
  tx: Transaction,
  { inner, ...customer }: Documents['customer'],
): Customer | { readonly id: string; readonly object: 'customer'; readonly deleted: true } {
  if (inner.isDeleted) return { id: customer.id, object: 'customer', deleted: true }
  const discount = inner.discount === null ? null : tx.present('discount', inner.discount)
  return { ...customer, discount: discount as Customer['discount'] }
}

export function createCustomer(
  tx: Transaction,
  params: CustomerCreateParams,
): Documents['customer'] {
  const clock = params.test_clock ?? null
  if (clock !== null) requireRoomOnClock(tx, clock)
  const id = tx.newId('cus', 14)
  tx.insert('customer', {
    id,
    object: 'customer',
    address: toAddress(params.address),
    balance: 0,
    ...(isUnset(params.business_name) ? {} : { business_name: params.business_name }),
    created: tx.now(clock),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: params.description ?? null,
    email: toEmail(params.email) ?? null,
    ...(isUnset(params.individual_name) ? {} : { individual_name: params.individual_name }),
    invoice_prefix: params.invoice_prefix ?? deriveToken(`prefix:${id}`, 8).toUpperCase(),
    invoice_settings: {
      custom_fields: params.invoice_settings?.custom_fields ?? null,
      default_payment_method: null,
      footer: params.invoice_settings?.footer ?? null,
      rendering_options: renderingOptions(params.invoice_settings?.rendering_options),
    },
    livemode: tx.realm.isLive,
    metadata: newMetadata(params.metadata),
    name: params.name ?? null,
    next_invoice_sequence: params.next_invoice_sequence ?? 1,
    phone: params.phone ?? null,
    preferred_locales: params.preferred_locales ?? [],
    shipping: toShipping(params.shipping),
    tax_exempt: params.tax_exempt ?? 'none',
    test_clock: clock,
    inner: { isDeleted: false, discount: null, ipAddress: params.tax?.ip_address ?? null },
  })
  if (params.balance !== undefined && params.balance !== 0) {
    changeBalance(tx, id, { amount: params.balance, currency: 'usd', type: 'initial' })
  }
  attachAtCreation(tx, id, params)
  for (const taxId of params.tax_id_data ?? []) insertTaxId(tx, id, taxId)
  tx.emit('customer.created', 'customer', id)
  return tx.get('customer', id)
}

/** A method given at creation is attached, and may be named as the default in the same breath, even by its test token. */
function attachAtCreation(tx: Transaction, id: string, params: CustomerCreateParams): void {
  const wanted = params.invoice_settings?.default_payment_method
  let attached: string | undefined
  if (params.payment_method !== undefined) {
    const method = referencedMethod(tx, params.payment_method)
    attached = attachMethod(tx, method, tx.get('customer', id)).id
  }
  if (typeof wanted === 'string') {
    const isSame = wanted === params.payment_method && attached !== undefined
    setDefaultMethod(tx, id, isSame ? (attached ?? wanted) : wanted)
  }
  if (params.source !== undefined) makeDefaultSource(tx, id, addCardSource(tx, id, params.source))
}

function setDefaultMethod(tx: Transaction, id: string, methodId: string | null): void {
  const customer = tx.get('customer', id)
  const param = 'invoice_settings[default_payment_method]'
  if (methodId !== null) {
    requireAttached(getReferenced(tx, 'payment_method', methodId, param), id, param)
  }
  tx.update('customer', id, {
    invoice_settings: { ...customer.invoice_settings, default_payment_method: methodId },
  })
}

const CUSTOMERS_PER_CLOCK = 3

export function requireRoomOnClock(tx: Transaction, clock: string): void {
  getReferenced(tx, 'test_helpers.test_clock', clock, 'test_clock')
  const living = tx.where('customer', 'test_clock', clock).filter(({ inner }) => !inner.isDeleted)
  if (living.length < CUSTOMERS_PER_CLOCK) return
  throw invalidRequest({
    message: `You have reached the limit of ${CUSTOMERS_PER_CLOCK} customers for the test clock ${clock}. Create another test clock for more customers.`,
    param: 'test_clock',
  })
}

/** `POST /v1/customers/{id}` */
export function updateCustomer(
  tx: Transaction,
  customer: Documents['customer'],
  params: CustomerUpdateParams,
): void {
  const { id } = customer
  const settings = params.invoice_settings
  tx.update('customer', id, {
    address: params.address === undefined ? customer.address : toAddress(params.address),
    business_name: changed(params.business_name, customer.business_name) ?? undefined,
    description: changed(params.description, customer.description),
    email: changed(toEmail(params.email), customer.email),
    individual_name: changed(params.individual_name, customer.individual_name) ?? undefined,
    invoice_prefix: changed(params.invoice_prefix, customer.invoice_prefix),
    invoice_settings: {
      ...customer.invoice_settings,
      custom_fields: changed(settings?.custom_fields, customer.invoice_settings.custom_fields),
      footer: changed(settings?.footer, customer.invoice_settings.footer),
      rendering_options:
        settings?.rendering_options === undefined
          ? customer.invoice_settings.rendering_options
          : renderingOptions(settings.rendering_options),
    },
    metadata: mergeMetadata(customer.metadata, params.metadata),
    name: changed(params.name, customer.name),
    next_invoice_sequence: params.next_invoice_sequence ?? customer.next_invoice_sequence,
    phone: changed(params.phone, customer.phone),
    preferred_locales: params.preferred_locales ?? customer.preferred_locales,
    shipping: params.shipping === undefined ? customer.shipping : toShipping(params.shipping),
    tax_exempt: changed(params.tax_exempt, customer.tax_exempt),
    inner: {
      ...customer.inner,
      ipAddress: changed(params.tax?.ip_address, customer.inner.ipAddress),
    },
  })
  if (settings?.default_payment_method !== undefined) {
    setDefaultMethod(tx, id, settings.default_payment_method)
  }
  if (params.balance !== undefined && params.balance !== customer.balance) {
    changeBalance(tx, id, {
      amount: params.balance - customer.balance,
      currency: customer.currency ?? 'usd',
      type: 'adjustment',
    })
  }
  if (params.source !== undefined) makeDefaultSource(tx, id, addCardSource(tx, id, params.source))
  if (typeof params.default_source === 'string') makeDefaultSource(tx, id, params.default_source)
}

function renderingOptions(
  given:
    | {
        readonly amount_tax_display?: string | null | undefined
        readonly template?: string | null | undefined
      }
    | null
    | undefined,
): Customer['invoice_settings']['rendering_options'] {
  if (given === null || given === undefined) return null
  return { amount_tax_display: given.amount_tax_display ?? null, template: given.template ?? null }
}

function toEmail(text: string | null | undefined): string | null | undefined {
  if (isUnset(text) || /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return text
  throw invalidRequest({
    code: 'email_invalid',
    message: `Invalid email address: ${text}`,
    param: 'email',
  })
}
