import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { PriceCreateParams } from '../stripe.generated.ts'
import { exclusiveParameters, invalidRequest, missingParameter } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'
import { newMetadata } from '../wire/metadata.ts'
import { NO_UNIT_AMOUNT, toCurrency, toUnitAmount } from './amounts.ts'
import { toPlan } from './plan-view.ts'
import { checkRecurring, toCurrencyOptions, toTiers } from './price-terms.ts'
import { createProduct } from './product-creation.ts'

export function createPrice(
  tx: Transaction,
  params: PriceCreateParams,
  /** The old plans endpoint chooses its own ids. */
  options: { readonly id?: string } = {},
): Documents['price'] {
  const currency = toCurrency(params.currency)
  const isTiered = params.billing_scheme === 'tiered'
  checkScheme(params, isTiered)
  if (params.recurring !== undefined) checkRecurring(tx, params.recurring)
  const product = productFor(tx, params)
  const id = options.id ?? tx.newId('price')
  claimLookupKey(tx, id, params.lookup_key ?? null, params.transfer_lookup_key ?? false)
  const { recurring } = params
  const price = tx.insert('price', {
    id,
    object: 'price',
    active: params.active ?? true,
    billing_scheme: params.billing_scheme ?? 'per_unit',
    created: tx.now(null),
    currency,
    custom_unit_amount:
      params.custom_unit_amount?.enabled === true
        ? {
            maximum: params.custom_unit_amount.maximum ?? null,
            minimum: params.custom_unit_amount.minimum ?? null,
            preset: params.custom_unit_amount.preset ?? null,
          }
        : null,
    livemode: tx.realm.isLive,
    lookup_key: params.lookup_key ?? null,
    metadata: newMetadata(params.metadata),
    nickname: params.nickname ?? null,
    product,
    recurring:
      recurring === undefined
        ? null
        : {
            interval: recurring.interval,
            interval_count: recurring.interval_count ?? 1,
            meter: recurring.meter ?? null,
            trial_period_days: recurring.trial_period_days ?? null,
            usage_type: recurring.usage_type ?? 'licensed',
          },
    tax_behavior: params.tax_behavior ?? 'unspecified',
    tiers_mode: isTiered ? (params.tiers_mode ?? null) : null,
    transform_quantity: readTransform(params.transform_quantity),
    type: recurring === undefined ? 'one_time' : 'recurring',
    ...(isTiered ? NO_UNIT_AMOUNT : toUnitAmount(params)),
    inner: {
      isDeleted: false,
      tiers: isTiered ? toTiers(params.tiers ?? []) : null,
      currencyOptions: toCurrencyOptions(params.currency_options ?? {}),
    },
  })
  if (recurring !== undefined) {
    tx.emit('plan.created', 'price', id, { object: toPlan(price) })
  }
  tx.emit('price.created', 'price', id)
  return price
}

/** The terms that exclude or require each other. */
function checkScheme(params: PriceCreateParams, isTiered: boolean): void {
  const hasAmount = params.unit_amount !== undefined || params.unit_amount_decimal !== undefined
  if (isTiered) {
    if (params.tiers === undefined) throw missingParameter('tiers')
    if (params.tiers_mode === undefined) throw missingParameter('tiers_mode')
    if (hasAmount) {
      throw invalidRequest({
        message: 'You cannot set `unit_amount` when `billing_scheme` is `tiered`; price the tiers.',
        param: 'unit_amount',
      })
    }
    if (params.transform_quantity !== undefined) {
      throw exclusiveParameters('transform_quantity', 'tiers')
    }
    return
  }
  if (params.tiers !== undefined || params.tiers_mode !== undefined) {
    throw invalidRequest({
      message: 'Tiers need `billing_scheme` to be `tiered`.',
      param: params.tiers === undefined ? 'tiers_mode' : 'tiers',
    })
  }
  const isCustom = params.custom_unit_amount?.enabled === true
  if (isCustom && params.recurring !== undefined) {
    throw exclusiveParameters('custom_unit_amount', 'recurring')
  }
  if (isCustom && hasAmount) throw exclusiveParameters('custom_unit_amount', 'unit_amount')
  if (!isCustom && !hasAmount) throw missingParameter('unit_amount')
}

function productFor(tx: Transaction, params: PriceCreateParams): string {
  if (params.product !== undefined && params.product_data !== undefined) {
    throw exclusiveParameters('product', 'product_data')
  }
  if (params.product !== undefined) {
    return getReferenced(tx, 'product', params.product, 'product').id
  }
  if (params.product_data === undefined) throw missingParameter('product')
  return createProduct(tx, params.product_data).id
}

/** A lookup key names one active price; `transfer_lookup_key` takes it away from the one that has it. */
export function claimLookupKey(
  tx: Transaction,
  id: string,
  key: string | null,
  mayTake: boolean,
): void {
  if (key === null) return
  const owner = tx
    .where('price', 'lookup_key', key)
    .find((price) => price.active && price.id !== id && !price.inner.isDeleted)
  if (owner === undefined) return
  if (!mayTake) {
    throw invalidRequest({
      message: `A price (\`${owner.id}\`) already uses that lookup key.`,
      param: 'lookup_key',
    })
  }
  tx.update('price', owner.id, { lookup_key: null })
}

function readTransform(given: PriceCreateParams['transform_quantity']) {
  if (given !== undefined && given.divide_by < 1) {
    throw invalidRequest({
      code: 'parameter_invalid_integer',
      message: 'This value must be greater than or equal to 1.',
      param: 'transform_quantity[divide_by]',
    })
  }
  return given ?? null
}
