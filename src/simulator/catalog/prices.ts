import type { Documents } from '../store/documents.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata } from '../wire/metadata.ts'
import { tellPlanUpdate } from './plan-view.ts'
import { claimLookupKey, createPrice } from './price-creation.ts'
import { toCurrencyOptions } from './price-terms.ts'
import { searchPrices } from './search.ts'

export const priceOperations: Handlers = {
  'POST /v1/prices': ({ tx, params }) => tx.present('price', createPrice(tx, params).id),

  'GET /v1/prices': ({ tx, params }) =>
    listPage(tx, 'price', {
      url: '/v1/prices',
      params,
      ...(params.product === undefined
        ? {}
        : { among: tx.where('price', 'product', params.product) }),
      matches: (price) =>
        (params.active === undefined || price.active === params.active) &&
        (params.currency === undefined || price.currency === params.currency) &&
        (params.type === undefined || price.type === params.type) &&
        (params.lookup_keys === undefined ||
          (price.lookup_key !== null && params.lookup_keys.includes(price.lookup_key))) &&
        matchesRecurring(price, params.recurring) &&
        isInRange(price.created, params.created),
    }),

  'GET /v1/prices/search': searchPrices,

  'GET /v1/prices/{id}': ({ tx, id }) => tx.present('price', getById(tx, 'price', id).id),

  'POST /v1/prices/{id}': ({ tx, params, id }) => {
    const price = getById(tx, 'price', id)
    const isActive = params.active ?? price.active
    if (!isActive && price.active && tx.get('product', price.product).default_price === id) {
      throw invalidRequest({
        message: 'This price cannot be archived because it is the default price of its product.',
        param: 'active',
      })
    }
    if (
      params.tax_behavior !== undefined &&
      price.tax_behavior !== 'unspecified' &&
      params.tax_behavior !== price.tax_behavior
    ) {
      throw invalidRequest({
        message: 'The tax behavior of a price cannot be changed once it is inclusive or exclusive.',
        param: 'tax_behavior',
      })
    }
    const lookupKey = params.lookup_key === undefined ? price.lookup_key : params.lookup_key
    if (isActive) claimLookupKey(tx, id, lookupKey, params.transfer_lookup_key ?? false)
    const options = params.currency_options
    const updated = tx.update('price', id, {
      active: isActive,
      lookup_key: lookupKey,
      metadata: mergeMetadata(price.metadata, params.metadata),
      nickname: params.nickname === undefined ? price.nickname : params.nickname,
      tax_behavior: params.tax_behavior ?? price.tax_behavior,
      ...(options === undefined
        ? {}
        : {
            inner: {
              ...price.inner,
              currencyOptions:
                options === null
                  ? {}
                  : { ...price.inner.currencyOptions, ...toCurrencyOptions(options) },
            },
          }),
    })
    tellPlanUpdate(tx, price, updated)
    return tx.present('price', id)
  },
}

function matchesRecurring(
  price: Documents['price'],
  wanted:
    | { interval?: string | undefined; meter?: string | undefined; usage_type?: string | undefined }
    | undefined,
): boolean {
  if (wanted === undefined) return true
  const { recurring } = price
  return (
    recurring !== null &&
    (wanted.interval === undefined || recurring.interval === wanted.interval) &&
    (wanted.meter === undefined || recurring.meter === wanted.meter) &&
    (wanted.usage_type === undefined || recurring.usage_type === wanted.usage_type)
  )
}
