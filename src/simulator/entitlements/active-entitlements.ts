import { requireCustomer } from '../customers/require-customer.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { EntitlementsActiveEntitlementSummary } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { embeddedList, listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'

const KIND = 'entitlements.active_entitlement'

/** Late payers keep what they bought until their subscription ends. */
const ENTITLING = new Set<Documents['subscription']['status']>(['active', 'trialing', 'past_due'])

export const activeEntitlementOperations: Handlers = {
  'GET /v1/entitlements/active_entitlements': ({ tx, params }) => {
    const customer = requireCustomer(tx, params.customer)
    return listPage(tx, KIND, {
      url: '/v1/entitlements/active_entitlements',
      params,
      among: tx.where(KIND, 'inner.customer', customer.id),
    })
  },

  'GET /v1/entitlements/active_entitlements/{id}': ({ tx, id }) =>
    tx.present(KIND, getById(tx, KIND, id).id),
}

/**
 * Reaction: brings a customer's entitlements in line with what is subscribed to. A feature that is attached to a
 * product, or taken from it, therefore reaches existing subscribers with the next change of theirs, a renewal at last.
 */
export function onSubscriptionChanged(tx: Transaction, subscription: string): void {
  const { customer } = tx.get('subscription', subscription)
  const wanted = entitledFeatures(tx, customer)
  const before = summaryOf(tx, customer)
  const current = tx.where(KIND, 'inner.customer', customer)
  for (const entitlement of current) {
    if (!wanted.has(entitlement.feature)) tx.remove(KIND, entitlement.id)
  }
  const held = new Set(current.map(({ feature }) => feature))
  const gained = [...wanted].filter((feature) => !held.has(feature))
  for (const feature of gained) {
    tx.insert(KIND, {
      id: tx.newId('ent'),
      object: KIND,
      feature,
      livemode: tx.realm.isLive,
      lookup_key: tx.get('entitlements.feature', feature).lookup_key,
      inner: { customer },
    })
  }
  const isSame = gained.length === 0 && held.size === wanted.size
  if (isSame) return
  tx.emit('entitlements.active_entitlement_summary.updated', 'customer', customer, {
    object: summaryOf(tx, customer),
    previous: before,
  })
}

function entitledFeatures(tx: Transaction, customer: string): ReadonlySet<string> {
  const features = new Set<string>()
  for (const subscription of tx.where('subscription', 'customer', customer)) {
    if (!ENTITLING.has(subscription.status)) continue
    for (const item of tx.where('subscription_item', 'subscription', subscription.id)) {
      const { product } = tx.get('price', item.price)
      for (const { inner } of tx.where('product_feature', 'inner.product', product)) {
        features.add(inner.feature)
      }
    }
  }
  return features
}

function summaryOf(tx: Transaction, customer: string): EntitlementsActiveEntitlementSummary {
  const entitlements = tx.where(KIND, 'inner.customer', customer)
  return {
    object: 'entitlements.active_entitlement_summary',
    customer,
    entitlements: embeddedList(
      entitlements.toReversed().map(({ inner: _inner, ...entitlement }) => entitlement),
      `/v1/customer/${customer}/entitlements`,
    ),
    livemode: tx.realm.isLive,
  }
}
