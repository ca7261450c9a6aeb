import { type Documents, INDEXED_FIELDS, type Kind } from '../store/documents.ts'
import type { Tables } from '../store/tables.ts'

/** Kinds of object that are shown, in groups, each with its name for one and for several. */
export const GROUPS: readonly {
  readonly title: string
  readonly kinds: readonly (readonly [kind: Kind, one: string, several: string])[]
}[] = [
  {
    title: 'Customers',
    kinds: [
      ['customer', 'Customer', 'Customers'],
      ['payment_method', 'Payment method', 'Payment methods'],
      ['card', 'Card', 'Cards (old style)'],
      ['tax_id', 'Tax id', 'Tax ids'],
      ['customer_balance_transaction', 'Balance change', 'Balance changes'],
      ['entitlements.active_entitlement', 'Active entitlement', 'Active entitlements'],
    ],
  },
  {
    title: 'Billing',
    kinds: [
      ['subscription', 'Subscription', 'Subscriptions'],
      ['subscription_item', 'Subscription item', 'Subscription items'],
      ['subscription_schedule', 'Schedule', 'Schedules'],
      ['invoice', 'Invoice', 'Invoices'],
      ['invoiceitem', 'Invoice item', 'Invoice items'],
      ['invoice_payment', 'Invoice payment', 'Invoice payments'],
      ['credit_note', 'Credit note', 'Credit notes'],
      ['discount', 'Discount', 'Discounts'],
      ['billing.credit_grant', 'Credit grant', 'Credit grants'],
      ['billing.credit_balance_transaction', 'Credit movement', 'Credit movements'],
    ],
  },
  {
    title: 'Payments',
    kinds: [
      ['payment_intent', 'Payment', 'Payments'],
      ['charge', 'Charge', 'Charges'],
      ['refund', 'Refund', 'Refunds'],
      ['dispute', 'Dispute', 'Disputes'],
      ['setup_intent', 'Setup intent', 'Setup intents'],
      ['setup_attempt', 'Setup attempt', 'Setup attempts'],
      ['balance_transaction', 'Balance transaction', 'Balance transactions'],
      ['radar.early_fraud_warning', 'Fraud warning', 'Early fraud warnings'],
      ['checkout.session', 'Checkout session', 'Checkout sessions'],
      ['billing_portal.session', 'Portal session', 'Portal sessions'],
      ['billing_portal.configuration', 'Portal configuration', 'Portal configurations'],
    ],
  },
  {
    title: 'Catalog',
    kinds: [
      ['product', 'Product', 'Products'],
      ['price', 'Price', 'Prices'],
      ['coupon', 'Coupon', 'Coupons'],
      ['promotion_code', 'Promotion code', 'Promotion codes'],
      ['tax_rate', 'Tax rate', 'Tax rates'],
      ['entitlements.feature', 'Feature', 'Features'],
      ['product_feature', 'Product feature', 'Product features'],
    ],
  },
  {
    title: 'Usage and time',
    kinds: [
      ['billing.meter', 'Meter', 'Meters'],
      ['meter_event', 'Meter event', 'Meter events'],
      ['billing.alert', 'Alert', 'Alerts'],
      ['test_helpers.test_clock', 'Test clock', 'Test clocks'],
      ['webhook_endpoint', 'Webhook endpoint', 'Webhook endpoints'],
      ['v2.core.event_destination', 'Event destination', 'Event destinations'],
      ['v2.core.event', 'Thin event', 'Thin events'],
    ],
  },
]

const NAMES = new Map<string, readonly [one: string, several: string]>(
  GROUPS.flatMap(({ kinds }) => kinds.map(([kind, one, several]) => [kind, [one, several]])),
)

export function isShown(kind: string): kind is Kind {
  return NAMES.has(kind)
}

export function nameOf(kind: Kind): string {
  return NAMES.get(kind)?.[0] ?? kind
}

export function pluralOf(kind: Kind): string {
  return NAMES.get(kind)?.[1] ?? kind
}

/** Where an id leads. Ids are unguessable and unique, so looking into every table is as good as reading prefixes. */
export function kindOfId(tables: Tables, id: string): Kind | undefined {
  if (tables.event.get(id) !== undefined) return 'event'
  for (const kind of NAMES.keys()) {
    if (tables[kind as Kind].get(id) !== undefined) return kind as Kind
  }
  return undefined
}

/** Objects that name this one in a field that is indexed, by kind. */
export function referencesTo(
  tables: Tables,
  kind: Kind,
  id: string,
): readonly { readonly kind: Kind; readonly objects: readonly Documents[Kind][] }[] {
  const found = new Map<Kind, Map<string, Documents[Kind]>>()
  for (const other of NAMES.keys()) {
    const table = tables[other as Kind]
    for (const field of INDEXED_FIELDS[other as Kind]) {
      if (targetOf(other, field) !== kind) continue
      const objects = found.get(other as Kind) ?? new Map<string, Documents[Kind]>()
      for (const object of table.where(field, id)) objects.set(object.id, object)
      if (objects.size > 0) found.set(other as Kind, objects)
    }
  }
  return [...found].map(([other, objects]) => ({ kind: other, objects: [...objects.values()] }))
}

const TARGETS: Readonly<Record<string, Kind>> = {
  meter: 'billing.meter',
  credit_grant: 'billing.credit_grant',
  test_clock: 'test_helpers.test_clock',
  paymentIntent: 'payment_intent',
  invoiceItem: 'invoiceitem',
}

/** Fields are named like what they point to: `customer`, `inner.subscription`. */
function targetOf(kind: string, field: string): string {
  if (kind === 'balance_transaction' && field === 'source') return 'charge'
  const name = field.replace(/^inner\./, '')
  return TARGETS[name] ?? name
}
