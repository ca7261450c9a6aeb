import { openIntent } from './billing/collection.ts'
import { sessionItems } from './checkout/sessions.ts'
import type { Documents, Kind } from './store/documents.ts'
import type { Transaction } from './store/transaction.ts'
import type { Includables } from './wire/expand.ts'
import { embeddedList } from './wire/list.ts'

type Hash = Readonly<Record<string, unknown>>

const idOf = (object: Hash): string => String(object['id'])

function listOf<K extends Kind>(
  tx: Transaction,
  kind: K,
  documents: readonly Documents[K][],
  url: string,
): unknown {
  const shown = documents.toReversed().map((document) => tx.present(kind, document.id))
  return embeddedList(shown, url)
}

/** Fields that are only there when they are expanded. */
export const includables: Includables = {
  charge: {
    refunds: (tx, charge) =>
      listOf(
        tx,
        'refund',
        tx.where('refund', 'charge', idOf(charge)),
        `/v1/charges/${idOf(charge)}/refunds`,
      ),
  },
  'checkout.session': {
    line_items: (tx, session) =>
      embeddedList(
        sessionItems(tx, tx.get('checkout.session', idOf(session))),
        `/v1/checkout/sessions/${idOf(session)}/line_items`,
      ),
  },
  coupon: {
    applies_to: (tx, coupon) => {
      const products = tx.get('coupon', idOf(coupon)).inner.products
      return products === null ? undefined : { products }
    },
    currency_options: (tx, coupon) => {
      const stored = tx.get('coupon', idOf(coupon))
      return stored.currency === null || stored.amount_off === null
        ? undefined
        : { [stored.currency]: { amount_off: stored.amount_off }, ...stored.inner.currencyOptions }
    },
  },
  customer: {
    sources: (tx, customer) =>
      listOf(
        tx,
        'card',
        tx.where('card', 'customer', idOf(customer)),
        `/v1/customers/${idOf(customer)}/sources`,
      ),
    subscriptions: (tx, customer) =>
      listOf(
        tx,
        'subscription',
        tx
          .where('subscription', 'customer', idOf(customer))
          .filter(({ status }) => status !== 'canceled' && status !== 'incomplete_expired'),
        `/v1/customers/${idOf(customer)}/subscriptions`,
      ),
    tax: (tx, customer) => {
      const stored = tx.get('customer', idOf(customer))
      const country = stored.address?.country ?? null
      return {
        automatic_tax: country === null ? 'unrecognized_location' : 'not_collecting',
        ip_address: stored.inner.ipAddress,
        location:
          country === null
            ? null
            : { country, source: 'billing_address', state: stored.address?.state ?? null },
        provider: 'stripe',
      }
    },
    tax_ids: (tx, customer) =>
      listOf(
        tx,
        'tax_id',
        tx.where('tax_id', 'customer', idOf(customer)),
        `/v1/customers/${idOf(customer)}/tax_ids`,
      ),
  },
  invoice: {
    confirmation_secret: (tx, invoice) => {
      if (tx.find('invoice', idOf(invoice))?.status !== 'open') return null
      const intent = openIntent(tx, idOf(invoice))
      return { client_secret: intent.client_secret, type: 'payment_intent' }
    },
    payments: (tx, invoice) =>
      listOf(
        tx,
        'invoice_payment',
        tx.where('invoice_payment', 'invoice', idOf(invoice)),
        `/v1/invoice_payments?invoice=${idOf(invoice)}`,
      ),
  },
  price: {
    currency_options: (tx, price) => {
      const stored = tx.get('price', idOf(price))
      const own = {
        custom_unit_amount: stored.custom_unit_amount,
        tax_behavior: stored.tax_behavior,
        ...(stored.inner.tiers === null ? {} : { tiers: stored.inner.tiers }),
        unit_amount: stored.unit_amount,
        unit_amount_decimal: stored.unit_amount_decimal,
      }
      return { [stored.currency]: own, ...stored.inner.currencyOptions }
    },
    tiers: (tx, price) => tx.get('price', idOf(price)).inner.tiers ?? undefined,
  },
  plan: {
    tiers: (tx, plan) => tx.get('price', idOf(plan)).inner.tiers ?? undefined,
  },
}
