import { toCurrency } from '../catalog/amounts.ts'
import { requireCustomer } from '../customers/require-customer.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type {
  CheckoutSession,
  CheckoutSessionCreateParams,
  Item,
  Price,
} from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest } from '../wire/errors.ts'
import { isInRange, listPage, pageOf } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'
import { minimumCharge } from '../payments/intent-creation.ts'
import { expireSession } from './completion.ts'
import { requireOpen } from './confirmation.ts'
import { readCustomFields } from './custom-fields.ts'
import { quoteSession } from './quote.ts'
import { checkSession, readExpiry, readLines, readSessionCurrency } from './session-params.ts'

const KIND = 'checkout.session'

export const checkoutOperations: Handlers = {
  'POST /v1/checkout/sessions': ({ tx, params }) => tx.present(KIND, createSession(tx, params)),

  'GET /v1/checkout/sessions': ({ tx, params }) =>
    listPage(tx, KIND, {
      url: '/v1/checkout/sessions',
      params,
      ...(params.customer === undefined
        ? {}
        : { among: tx.where(KIND, 'customer', params.customer) }),
      matches: (session) =>
        (params.status === undefined || session.status === params.status) &&
        (params.payment_intent === undefined || session.payment_intent === params.payment_intent) &&
        (params.subscription === undefined || session.subscription === params.subscription) &&
        (params.customer_details === undefined ||
          session.customer_details?.email === params.customer_details.email) &&
        isInRange(session.created, params.created),
    }),

  'GET /v1/checkout/sessions/{id}': ({ tx, id }) => tx.present(KIND, getById(tx, KIND, id).id),

  'POST /v1/checkout/sessions/{id}': ({ tx, params, id }) => {
    const session = getById(tx, KIND, id)
    tx.update(KIND, id, { metadata: mergeMetadata(session.metadata ?? {}, params.metadata) })
    return tx.present(KIND, id)
  },

  'POST /v1/checkout/sessions/{id}/expire': ({ tx, id }) => {
    const session = getById(tx, KIND, id)
    if (session.status !== 'open') {
      throw invalidRequest({
        message: `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`,
      })
    }
    expireSession(tx, id)
    return tx.present(KIND, id)
  },

  'GET /v1/checkout/sessions/{id}/line_items': ({ tx, params, id }) =>
    pageOf(sessionItems(tx, getById(tx, KIND, id)), {
      url: `/v1/checkout/sessions/${id}/line_items`,
      params,
    }),
}

/** The session's lines with what they come to. */
export function sessionItems(tx: Transaction, session: Documents['checkout.session']): Item[] {
  const quote = quoteSession(tx, session)
  return session.inner.lines.map((line, index) => {
    const amounts = quote.lines[index]
    const price = tx.get('price', line.price)
    return {
      id: line.id,
      object: 'item',
      adjustable_quantity: line.adjustable === null ? null : { enabled: true, ...line.adjustable },
      amount_discount: amounts?.discount ?? 0,
      amount_subtotal: amounts?.subtotal ?? 0,
      amount_tax: amounts?.tax ?? 0,
      amount_total: amounts?.total ?? 0,
      currency: session.currency ?? price.currency,
      description: tx.get('product', price.product).name,
      metadata: line.metadata,
      price: tx.present('price', line.price) as Price,
      quantity: line.quantity,
    }
  })
}

function createSession(tx: Transaction, params: CheckoutSessionCreateParams): string {
  const now = tx.now(null)
  checkSession(params, now)
  const mode = params.mode ?? 'payment'
  const customer = params.customer === undefined ? null : requireCustomer(tx, params.customer)
  const lines = readLines(tx, params)
  const id = `cs_${tx.realm.isLive ? 'live' : 'test'}_${tx.newId('x', 58).slice(2)}`
  const uiMode = params.ui_mode ?? 'hosted_page'
  const expiresAt = readExpiry(params.expires_at, now)
  const session = tx.insert(KIND, {
    id,
    object: KIND,
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: params.allow_promotion_codes ?? null,
    allowed_payment_method_types: null,
    amount_subtotal: null,
    amount_total: null,
    automatic_tax: {
      enabled: params.automatic_tax?.enabled ?? false,
      liability: null,
      provider: null,
      status: null,
    },
    billing_address_collection: params.billing_address_collection ?? null,
    cancel_url: params.cancel_url ?? null,
    client_reference_id: params.client_reference_id ?? null,
    client_secret: uiMode === 'hosted_page' ? null : `${id}_secret_${tx.newId('x', 40).slice(2)}`,
    collected_information: null,
    consent: null,
    consent_collection:
      params.consent_collection === undefined
        ? null
        : {
            payment_method_reuse_agreement: null,
            promotions: params.consent_collection.promotions ?? null,
            terms_of_service: params.consent_collection.terms_of_service ?? null,
          },
    created: now,
    currency:
      mode === 'setup'
        ? toCurrency(params.currency ?? 'usd')
        : readSessionCurrency(tx, params, lines),
    currency_conversion: null,
    custom_fields: readCustomFields(params),
    custom_text: {
      after_submit: params.custom_text?.after_submit ?? null,
      shipping_address: params.custom_text?.shipping_address ?? null,
      submit: params.custom_text?.submit ?? null,
      terms_of_service_acceptance: params.custom_text?.terms_of_service_acceptance ?? null,
    },
    customer: customer?.id ?? null,
    customer_account: null,
    customer_creation:
      customer !== null
        ? null
        : mode === 'subscription'
          ? 'always'
          : (params.customer_creation ?? 'if_required'),
    customer_details: null,
    customer_email: params.customer_email ?? null,
    discounts: (params.discounts ?? []).map((reference) => ({
      coupon: reference.coupon ?? null,
      promotion_code: reference.promotion_code ?? null,
    })),
    expires_at: expiresAt,
    integration_identifier: params.integration_identifier ?? null,
    invoice: null,
    invoice_creation: mode === 'payment' ? invoiceCreation(params) : null,
    livemode: tx.realm.isLive,
    locale: params.locale ?? null,
    managed_payments: null,
    metadata: newMetadata(params.metadata),
    mode,
    origin_context: params.origin_context ?? null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection:
      mode === 'setup'
        ? null
        : (params.payment_method_collection ?? (mode === 'payment' ? 'if_required' : 'always')),
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    payment_status: mode === 'setup' ? 'no_payment_required' : 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: params.phone_number_collection?.enabled ?? false },
    recovered_from: null,
    ...(uiMode === 'hosted_page'
      ? {}
      : {
          redirect_on_completion: params.redirect_on_completion ?? 'always',
          ...(typeof params.return_url === 'string' ? { return_url: params.return_url } : {}),
        }),
    saved_payment_method_options: savedCardOptions(params),
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: params.submit_type ?? null,
    subscription: null,
    success_url: params.success_url ?? null,
    ...(params.tax_id_collection === undefined
      ? {}
      : {
          tax_id_collection: {
            enabled: params.tax_id_collection.enabled,
            required: params.tax_id_collection.required ?? 'never',
          },
        }),
    total_details: null,
    ui_mode: uiMode,
    wallet_options: null,
    url: uiMode === 'hosted_page' ? `${tx.realm.baseUrl}/c/pay/${id}` : null,
    inner: {
      lines,
      discounts: params.discounts ?? [],
      subscriptionData: params.subscription_data ?? null,
      paymentIntentData: params.payment_intent_data ?? null,
      setupIntentData: params.setup_intent_data ?? null,
      invoiceData: params.invoice_creation ?? null,
      updatesCustomer: {
        name: params.customer_update?.name === 'auto',
        address: params.customer_update?.address === 'auto',
      },
      intent: null,
      entered: null,
      problem: null,
    },
  })
  addUpSession(tx, id)
  checkMinimum(tx.get(KIND, session.id))
  tx.schedule({
    id: `session:${id}`,
    type: 'checkout.expire',
    clock: null,
    dueAt: expiresAt,
    rank: 70,
    subject: id,
  })
  return id
}

/** Which saved cards a known customer is offered, and whether another one may be kept. */
function savedCardOptions({
  customer,
  mode,
  saved_payment_method_options: given,
}: CheckoutSessionCreateParams): CheckoutSession['saved_payment_method_options'] {
  if (customer === undefined || mode === 'setup') return null
  return {
    allow_redisplay_filters: given?.allow_redisplay_filters ?? ['always'],
    payment_method_remove: given?.payment_method_remove ?? 'disabled',
    payment_method_save: given?.payment_method_save ?? 'disabled',
  }
}

/** The saved cards a session offers its customer, newest first. */
export function offeredCards(
  tx: Transaction,
  session: Documents['checkout.session'],
): readonly Documents['payment_method'][] {
  const filters = session.saved_payment_method_options?.allow_redisplay_filters ?? []
  if (session.customer === null) return []
  return tx
    .where('payment_method', 'customer', session.customer)
    .filter(({ allow_redisplay: shows }) => filters.some((filter) => filter === shows))
    .toReversed()
}

function invoiceCreation(params: CheckoutSessionCreateParams): CheckoutSession['invoice_creation'] {
  const data = params.invoice_creation?.invoice_data
  return {
    enabled: params.invoice_creation?.enabled ?? false,
    invoice_data: {
      account_tax_ids: null,
      custom_fields: data?.custom_fields ?? null,
      description: data?.description ?? null,
      footer: data?.footer ?? null,
      issuer: null,
      metadata: newMetadata(data?.metadata),
      rendering_options: null,
    },
  }
}

function checkMinimum(session: Documents['checkout.session']): void {
  const { mode, amount_total: total, currency } = session
  if (mode !== 'payment' || total === null || total === 0) return
  if (total >= minimumCharge(currency ?? 'usd')) return
  throw invalidRequest({
    code: 'amount_too_small',
    message: `The Checkout Session's total amount due must add up to at least ${minimumCharge(currency ?? 'usd')} in the smallest unit of ${currency}.`,
  })
}

/** Writes the amounts as they are now; a promotion code changes them. */
export function addUpSession(tx: Transaction, id: string): void {
  const session = tx.get(KIND, id)
  if (session.mode === 'setup') return
  const quote = quoteSession(tx, session)
  tx.update(KIND, id, {
    amount_subtotal: quote.subtotal,
    amount_total: quote.total,
    total_details: {
      amount_discount: quote.discount,
      amount_shipping: 0,
      amount_tax: quote.tax,
    },
  })
}

/** The customer typed a promotion code, or took it back. */
export function setPromotionCode(tx: Transaction, id: string, code: string | null): void {
  const session = tx.get(KIND, id)
  requireOpen(session)
  tx.update(KIND, id, {
    discounts: code === null ? [] : [{ coupon: null, promotion_code: code }],
    inner: { ...session.inner, discounts: code === null ? [] : [{ promotion_code: code }] },
  })
  addUpSession(tx, id)
}

/** The customer wants more or less of the lines that allow it; what is out of their bounds stays as it was. */
export function setQuantities(
  tx: Transaction,
  id: string,
  wanted: ReadonlyMap<string, number>,
): void {
  const session = tx.get(KIND, id)
  requireOpen(session)
  const lines = session.inner.lines.map((line) => {
    const quantity = wanted.get(line.id)
    const { adjustable } = line
    if (quantity === undefined || adjustable === null || !Number.isInteger(quantity)) return line
    return quantity < adjustable.minimum || quantity > adjustable.maximum
      ? line
      : { ...line, quantity }
  })
  if (lines.every(({ quantity }) => quantity === 0)) return
  tx.update(KIND, id, { inner: { ...session.inner, lines } })
  addUpSession(tx, id)
}
