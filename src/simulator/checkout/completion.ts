import { finalizeInvoice } from '../billing/finalization.ts'
import { createSubscription } from '../billing/subscription-creation.ts'
import { createCustomer } from '../customers/customers.ts'
import { insertTaxId } from '../customers/tax-ids.ts'
import { attachMethod } from '../payments/payment-methods.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Address, AddressParam, InvoiceCustomerTaxId } from '../stripe.generated.ts'
import { withAnswer } from './custom-fields.ts'
import { draftPayment, quoteSession, subscriptionOf } from './quote.ts'

type Session = Documents['checkout.session']

/** Reaction: the payment or set-up of a session has come to an end, or waits for its customer. */
export function onCheckoutIntentSettled(
  tx: Transaction,
  kind: 'payment_intent' | 'setup_intent',
  id: string,
): void {
  const intent = tx.get(kind, id)
  const session = tx.find('checkout.session', intent.inner.checkoutSession ?? '')
  if (session?.status === 'complete') noteLatePayment(tx, session, intent.status)
  if (session?.status !== 'open') return
  if (CONCLUDED.has(intent.status)) {
    completeSession(tx, session.id)
  } else if (intent.status === 'requires_payment_method') {
    const error =
      intent.object === 'payment_intent' ? intent.last_payment_error : intent.last_setup_error
    tx.update('checkout.session', session.id, {
      inner: { ...session.inner, problem: error?.message ?? 'Your card was declined.' },
    })
  }
}

/** The customer has done what there is to do, though a bank may take days to answer. */
const CONCLUDED = new Set(['succeeded', 'requires_capture', 'processing'])

/** The bank has answered, days after the customer left. */
function noteLatePayment(tx: Transaction, session: Session, status: string): void {
  if (session.mode !== 'payment' || session.payment_status !== 'unpaid') return
  if (status === 'succeeded') {
    tx.update('checkout.session', session.id, { payment_status: 'paid' })
    tx.emit('checkout.session.async_payment_succeeded', 'checkout.session', session.id)
  } else if (status === 'requires_payment_method') {
    tx.emit('checkout.session.async_payment_failed', 'checkout.session', session.id)
  }
}

/** Makes what was bought, now that it is paid or nothing is due: customer, saved method, subscription, invoice. */
export function completeSession(tx: Transaction, id: string): void {
  const session = tx.get('checkout.session', id)
  const quote = quoteSession(tx, session)
  const customer = customerFor(tx, session)
  const method = session.inner.entered?.paymentMethod ?? null
  if (customer !== null) takeOver(tx, session, customer)
  if (customer !== null && method !== null && savesMethod(session)) {
    saveMethod(tx, tx.get('customer', customer.id), method)
  }
  if (session.inner.entered?.savesCard === true && method !== null) {
    tx.update('payment_method', method, { allow_redisplay: 'always' })
  }
  const made = make(tx, session, customer, method)
  const entered = session.inner.entered
  tx.update('checkout.session', id, {
    ...made,
    status: 'complete',
    url: null,
    customer: customer?.id ?? null,
    customer_details: {
      address: entered?.address ?? customer?.address ?? null,
      business_name: entered?.businessName ?? null,
      email: entered?.email ?? customer?.email ?? session.customer_email,
      individual_name: null,
      name: entered?.businessName ?? entered?.name ?? customer?.name ?? null,
      phone: entered?.phone ?? customer?.phone ?? null,
      tax_exempt: 'none',
      tax_ids: taxIdsOf(session),
    },
    consent: consentOf(session),
    custom_fields: session.custom_fields.map((field) =>
      withAnswer(field, entered?.answers?.[field.key]),
    ),
    payment_status: paymentStatus(tx, session, made.invoice, quote.total),
    inner: { ...session.inner, problem: null },
  })
  tx.unschedule(`session:${id}`)
  tx.emit('checkout.session.completed', 'checkout.session', id)
}

function taxIdsOf({ inner }: Session): readonly InvoiceCustomerTaxId[] {
  const taxId = inner.entered?.taxId
  return taxId === undefined || taxId === null ? [] : [taxId]
}

function consentOf({ consent_collection: asked, inner }: Session): Session['consent'] {
  if (asked === null) return null
  const { entered } = inner
  return {
    promotions:
      asked.promotions === 'auto'
        ? entered?.acceptsPromotions === true
          ? 'opt_in'
          : 'opt_out'
        : null,
    terms_of_service: asked.terms_of_service === 'required' ? 'accepted' : null,
  }
}

/** A free trial is paid: its invoice over zero is. Without any invoice no payment was required. */
function paymentStatus(
  tx: Transaction,
  session: Session,
  invoice: string | null,
  total: number,
): Session['payment_status'] {
  if (session.mode === 'setup') return 'no_payment_required'
  if (session.mode === 'payment') {
    const isProcessing =
      tx.find('payment_intent', session.inner.intent ?? '')?.status === 'processing'
    return total === 0 ? 'no_payment_required' : isProcessing ? 'unpaid' : 'paid'
  }
  if (invoice === null) return 'no_payment_required'
  return tx.get('invoice', invoice).status === 'paid' ? 'paid' : 'unpaid'
}

function customerFor(tx: Transaction, session: Session): Documents['customer'] | null {
  const customer = findOrCreateCustomer(tx, session)
  const taxId = session.inner.entered?.taxId
  if (customer !== null && taxId) insertTaxId(tx, customer.id, taxId)
  return customer
}

function findOrCreateCustomer(tx: Transaction, session: Session): Documents['customer'] | null {
  const { entered, updatesCustomer } = session.inner
  const name = entered?.businessName ?? entered?.name
  if (session.customer !== null) {
    const customer = tx.get('customer', session.customer)
    return tx.update('customer', customer.id, {
      name: updatesCustomer.name && name ? name : customer.name,
      address: updatesCustomer.address && entered?.address ? entered.address : customer.address,
      phone: entered?.phone ?? customer.phone,
    })
  }
  const isNeeded = session.mode === 'subscription' || session.customer_creation === 'always'
  if (!isNeeded) return null
  return createCustomer(tx, {
    email: entered?.email ?? session.customer_email ?? undefined,
    name: name ?? undefined,
    phone: entered?.phone ?? undefined,
    address: entered?.address === null ? undefined : addressParam(entered?.address),
  })
}

function addressParam(address: Address | undefined): AddressParam | undefined {
  if (address === undefined) return undefined
  const given = Object.entries(address).filter(([, value]) => value !== null)
  return Object.fromEntries(given)
}

/** The intent was made before there was a customer; now it is theirs. */
function takeOver(tx: Transaction, session: Session, customer: Documents['customer']): void {
  const { intent } = session.inner
  if (intent === null) return
  const payment = tx.find('payment_intent', intent)
  if (payment !== undefined) {
    tx.update('payment_intent', intent, { customer: customer.id })
    for (const charge of tx.where('charge', 'payment_intent', intent)) {
      tx.update('charge', charge.id, { customer: customer.id })
    }
  } else {
    tx.update('setup_intent', intent, { customer: customer.id })
  }
}

function savesMethod(session: Session): boolean {
  const isWished = session.inner.entered?.savesCard === true
  return session.mode !== 'payment' || usageOf(session) !== null || isWished
}

function usageOf(session: Session): 'off_session' | 'on_session' | null {
  return session.inner.paymentIntentData?.setup_future_usage ?? null
}

/** A saved card becomes the customer's default only if there was none. */
function saveMethod(tx: Transaction, customer: Documents['customer'], id: string): void {
  const method = tx.get('payment_method', id)
  tx.update('payment_method', id, { inner: { ...method.inner, isSetUp: true, isSpent: false } })
  attachMethod(tx, tx.get('payment_method', id), customer)
  if (customer.invoice_settings.default_payment_method !== null) return
  tx.update('customer', customer.id, {
    invoice_settings: { ...customer.invoice_settings, default_payment_method: id },
  })
}

interface Made {
  readonly invoice: string | null
  readonly payment_intent: string | null
  readonly setup_intent: string | null
  readonly subscription: string | null
}

function make(
  tx: Transaction,
  session: Session,
  customer: Documents['customer'] | null,
  method: string | null,
): Made {
  const { intent } = session.inner
  const nothing = { invoice: null, payment_intent: null, setup_intent: null, subscription: null }
  if (session.mode === 'setup') return { ...nothing, setup_intent: intent }
  const payment = tx.find('payment_intent', intent ?? '')?.id ?? null
  if (session.mode === 'subscription') {
    if (customer === null) throw new Error('A subscription needs a customer')
    const subscription = createSubscription(
      tx,
      subscriptionOf(tx, session, tx.get('customer', customer.id), { paidBy: payment, method }),
    )
    // From here on the payment belongs to the invoice, which shows it; the session names only what it made.
    return { ...nothing, subscription: subscription.id, invoice: subscription.latest_invoice }
  }
  const isInvoiced = session.invoice_creation?.enabled === true && customer !== null
  if (!isInvoiced) return { ...nothing, payment_intent: payment }
  const invoice = draftPayment(tx, session, tx.get('customer', customer.id))
  tx.emit('invoice.created', 'invoice', invoice)
  finalizeInvoice(tx, invoice, payment === null ? {} : { paidBy: payment })
  return { ...nothing, payment_intent: payment, invoice }
}

/** Job and API: nobody completed the session in time. */
export function expireSession(tx: Transaction, id: string): void {
  const session = tx.find('checkout.session', id)
  if (session?.status !== 'open') return
  tx.update('checkout.session', id, { status: 'expired', url: null })
  tx.unschedule(`session:${id}`)
  tx.emit('checkout.session.expired', 'checkout.session', id)
}
