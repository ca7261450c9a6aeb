import type { Handlers } from '../wire/calls.ts'
import { changed } from '../wire/changed.ts'
import { invalidRequest } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { mergeMetadata } from '../wire/metadata.ts'
import { createPrice } from './price-creation.ts'
import { createProduct } from './product-creation.ts'
import { searchProducts } from './search.ts'

export const productOperations: Handlers = {
  'POST /v1/products': ({ tx, params }) => {
    const product = createProduct(tx, params)
    if (params.default_price_data !== undefined) {
      const price = createPrice(tx, { ...params.default_price_data, product: product.id })
      tx.update('product', product.id, { default_price: price.id })
    }
    return tx.present('product', product.id)
  },

  'GET /v1/products': ({ tx, params }) =>
    listPage(tx, 'product', {
      url: '/v1/products',
      params,
      matches: (product) =>
        (params.active === undefined || product.active === params.active) &&
        (params.ids === undefined || params.ids.includes(product.id)) &&
        (params.shippable === undefined || product.shippable === params.shippable) &&
        (params.type === undefined || product.type === params.type) &&
        (params.url === undefined || product.url === params.url) &&
        isInRange(product.created, params.created),
    }),

  'GET /v1/products/search': searchProducts,

  'GET /v1/products/{id}': ({ tx, id }) => tx.present('product', getById(tx, 'product', id).id),

  'POST /v1/products/{id}': ({ tx, params, id }) => {
    const product = getById(tx, 'product', id)
    if (typeof params.default_price === 'string') {
      const price = getReferenced(tx, 'price', params.default_price, 'default_price')
      if (price.product !== id) {
        throw invalidRequest({
          message: `The price '${price.id}' does not belong to the product '${id}'.`,
          param: 'default_price',
        })
      }
    }
    tx.update('product', id, {
      active: params.active ?? product.active,
      default_price: changed(params.default_price, product.default_price),
      description: changed(params.description, product.description),
      images: changed(params.images, product.images) ?? [],
      marketing_features: changed(params.marketing_features, product.marketing_features) ?? [],
      metadata: mergeMetadata(product.metadata, params.metadata),
      name: params.name ?? product.name,
      package_dimensions: changed(params.package_dimensions, product.package_dimensions),
      shippable: params.shippable ?? product.shippable,
      statement_descriptor: changed(params.statement_descriptor, product.statement_descriptor),
      tax_code: changed(params.tax_code, product.tax_code),
      unit_label: changed(params.unit_label, product.unit_label),
      updated: tx.now(null),
      url: changed(params.url, product.url),
    })
    return tx.present('product', id)
  },

  'DELETE /v1/products/{id}': ({ tx, id }) => {
    const product = getById(tx, 'product', id)
    const hasPrices = tx.where('price', 'product', id).some(({ inner }) => !inner.isDeleted)
    if (hasPrices) {
      throw invalidRequest({
        message: 'This product cannot be deleted because it has one or more user-created prices.',
      })
    }
    tx.emit('product.deleted', 'product', id)
    tx.update('product', id, { inner: { ...product.inner, isDeleted: true } })
    return { id, object: 'product', deleted: true }
  },
}
