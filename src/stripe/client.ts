import { Stripe } from 'stripe'
import { AppError } from '../errors.ts'
import type { Mode } from '../kit/mode.ts'
import type { Log } from '../platform/log.ts'
import { type Catalog, createCatalog } from './catalog.ts'
import { type Checkout, createCheckout } from './checkout.ts'
import { type Coupons, createCoupons } from './coupons.ts'
import { createCreditNotes, type CreditNotes } from './credit-notes.ts'
import { createCustomers, type Customers } from './customers.ts'
import { createDisputes, type Disputes } from './disputes.ts'
import { callStripe } from './errors.ts'
import { createEvents, type Events } from './events.ts'
import { createInvoiceItems, type InvoiceItems } from './invoice-items.ts'
import { createInvoices, type Invoices } from './invoices.ts'
import { createMeterEvents, type MeterEvents } from './meter-events.ts'
import { createPayments, type Payments } from './payments.ts'
import { createRefunds, type Refunds } from './refunds.ts'
import { createSubscriptionChanges, type SubscriptionChanges } from './subscription-changes.ts'
import { createSubscriptions, type Subscriptions } from './subscriptions.ts'
import { createWhereabouts } from './whereabouts.ts'

/** One Stripe account in one mode, spoken to in plain values. The only way the product talks to Stripe. */
export interface StripeApi {
  readonly mode: Mode
  /** The id of the account, which every stored Stripe id is scoped by. */
  account(): Promise<string>
  readonly catalog: Catalog
  readonly checkout: Checkout
  readonly coupons: Coupons
  readonly creditNotes: CreditNotes
  readonly customers: Customers
  readonly disputes: Disputes
  readonly events: Events
  readonly invoiceItems: InvoiceItems
  readonly invoices: Invoices
  readonly meterEvents: MeterEvents
  readonly payments: Payments
  readonly refunds: Refunds
  readonly subscriptionChanges: SubscriptionChanges
  readonly subscriptions: Subscriptions
  readonly whereabouts: ReturnType<typeof createWhereabouts>
}

export interface StripeConnection {
  readonly mode: Mode
  readonly secretKey: string
  /** Where Stripe answers; the simulator's address, or undefined for Stripe itself. */
  readonly baseUrl?: string | undefined
}

const MAX_RETRIES = 3
const TIMEOUT_MS = 30_000
const SECRET_KEY = /^(?:sk|rk)_(test|live)_\w+$/

/** The mode a secret key says it is for; undefined when it is no secret key. */
export function modeOfSecretKey(key: string): Mode | undefined {
  return SECRET_KEY.exec(key)?.[1] as Mode | undefined
}

export function createStripeApi(
  { mode, secretKey, baseUrl }: StripeConnection,
  log: Log,
): StripeApi {
  const keyMode = modeOfSecretKey(secretKey)
  if (keyMode !== mode) {
    throw new AppError('stripe_key_mode', { mode, keyMode: keyMode ?? 'no' })
  }
  const stripe = new Stripe(secretKey, {
    maxNetworkRetries: MAX_RETRIES,
    timeout: TIMEOUT_MS,
    telemetry: false,
    appInfo: { name: 'Farebox' },
    ...(baseUrl === undefined ? {} : address(baseUrl)),
  })
  stripe.on('response', (response: Stripe.ResponseEvent) => {
    log.debug('stripe.request', {
      mode,
      method: response.method,
      path: response.path,
      status: response.status,
      stripeRequestId: response.request_id,
      elapsedMs: response.elapsed,
    })
  })

  return {
    mode,
    account: async () => (await callStripe(() => stripe.accounts.retrieveCurrent())).id,
    catalog: createCatalog(stripe),
    checkout: createCheckout(stripe),
    coupons: createCoupons(stripe),
    creditNotes: createCreditNotes(stripe),
    customers: createCustomers(stripe),
    disputes: createDisputes(stripe),
    events: createEvents(stripe),
    invoiceItems: createInvoiceItems(stripe),
    invoices: createInvoices(stripe),
    meterEvents: createMeterEvents(stripe),
    payments: createPayments(stripe),
    refunds: createRefunds(stripe),
    subscriptionChanges: createSubscriptionChanges(stripe),
    subscriptions: createSubscriptions(stripe),
    whereabouts: createWhereabouts(stripe),
  }
}

function address(baseUrl: string): { host: string; port: number; protocol: 'http' | 'https' } {
  const { hostname, port, protocol } = new URL(baseUrl)
  const isSecure = protocol === 'https:'
  return {
    host: hostname,
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    protocol: isSecure ? 'https' : 'http',
  }
}
