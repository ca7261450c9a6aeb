import { boolean, searchOperation, text } from '../wire/search.ts'

export const searchProducts = searchOperation('product', '/v1/products/search', {
  active: boolean('active'),
  description: text('description'),
  name: text('name'),
  shippable: boolean('shippable'),
  url: text('url'),
})

export const searchPrices = searchOperation('price', '/v1/prices/search', {
  active: boolean('active'),
  currency: text('currency'),
  lookup_key: text('lookup_key'),
  product: text('product'),
  type: text('type'),
})
