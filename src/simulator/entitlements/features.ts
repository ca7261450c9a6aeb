import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { EntitlementsFeature, ProductFeature } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { isUnset } from '../wire/changed.ts'
import { invalidRequest, missingResource } from '../wire/errors.ts'
import { listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'

const MAX_LENGTH = 80

/** What a product can give, and which products give it. */
export const featureOperations: Handlers = {
  'POST /v1/entitlements/features': ({ tx, params }) => {
    requireLength(params.lookup_key, 'lookup_key')
    requireLength(params.name, 'name')
    if (tx.where('entitlements.feature', 'lookup_key', params.lookup_key).length > 0) {
      throw invalidRequest({
        message: `A feature with the lookup_key '${params.lookup_key}' already exists.`,
        param: 'lookup_key',
      })
    }
    return tx.insert('entitlements.feature', {
      id: tx.newId('feat'),
      object: 'entitlements.feature',
      active: true,
      livemode: tx.realm.isLive,
      lookup_key: params.lookup_key,
      metadata: newMetadata(params.metadata),
      name: params.name,
    })
  },

  'GET /v1/entitlements/features': ({ tx, params }) =>
    listPage(tx, 'entitlements.feature', {
      url: '/v1/entitlements/features',
      params,
      matches: (feature) =>
        (params.archived === undefined || feature.active !== params.archived) &&
        (params.lookup_key === undefined || feature.lookup_key === params.lookup_key),
    }),

  'GET /v1/entitlements/features/{id}': ({ tx, id }) => getById(tx, 'entitlements.feature', id),

  'POST /v1/entitlements/features/{id}': ({ tx, params, id }) => {
    const feature = getById(tx, 'entitlements.feature', id)
    if (!isUnset(params.name)) requireLength(params.name, 'name')
    return tx.update('entitlements.feature', id, {
      active: params.active ?? feature.active,
      metadata: mergeMetadata(feature.metadata, params.metadata),
      name: params.name ?? feature.name,
    })
  },

  'GET /v1/products/{id}/features': ({ tx, params, id }) => {
    getById(tx, 'product', id)
    return listPage(tx, 'product_feature', {
      url: `/v1/products/${id}/features`,
      params,
      among: tx.where('product_feature', 'inner.product', id),
    })
  },

  'POST /v1/products/{id}/features': ({ tx, params, id }) => {
    getById(tx, 'product', id)
    const name = 'entitlement_feature'
    const feature = getReferenced(tx, 'entitlements.feature', params.entitlement_feature, name)
    if (!feature.active) {
      throw invalidRequest({
        message: `The feature ${feature.id} is archived and cannot be attached to a product.`,
        param: name,
      })
    }
    const attached = tx.where('product_feature', 'inner.product', id)
    if (attached.some(({ inner }) => inner.feature === feature.id)) {
      throw invalidRequest({
        message: `The feature ${feature.id} is already attached to the product ${id}.`,
        param: name,
      })
    }
    const { id: made } = tx.insert('product_feature', {
      id: tx.newId('prodft'),
      object: 'product_feature',
      livemode: tx.realm.isLive,
      inner: { product: id, feature: feature.id },
    })
    return tx.present('product_feature', made)
  },

  'GET /v1/products/{productId}/features/{id}': ({ tx, id, path }) =>
    tx.present('product_feature', getAttached(tx, path['productId'] ?? '', id).id),

  'DELETE /v1/products/{productId}/features/{id}': ({ tx, id, path }) => {
    getAttached(tx, path['productId'] ?? '', id)
    tx.remove('product_feature', id)
    return { id, object: 'product_feature', deleted: true }
  },
}

export function presentProductFeature(
  tx: Transaction,
  { inner, ...attached }: Documents['product_feature'],
): ProductFeature {
  const feature: EntitlementsFeature = tx.get('entitlements.feature', inner.feature)
  return { ...attached, entitlement_feature: feature }
}

function getAttached(tx: Transaction, product: string, id: string): Documents['product_feature'] {
  const attached = getById(tx, 'product_feature', id)
  if (attached.inner.product !== product) throw missingResource('product_feature', id)
  return attached
}

function requireLength(value: string, param: string): void {
  if (value.length <= MAX_LENGTH) return
  throw invalidRequest({
    message: `Invalid string: ${value.slice(0, 10)}...; must be at most ${MAX_LENGTH} characters`,
    param,
  })
}
