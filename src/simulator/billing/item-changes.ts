import { createDiscount, type DiscountReference } from '../catalog/discounts.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { invalidRequest } from '../wire/errors.ts'
import { mergeMetadata } from '../wire/metadata.ts'
import { type ItemSpec, readItem, readPrice } from './subscription-items.ts'
import { itemsOf } from './subscription-work.ts'
import { isUnset } from '../wire/changed.ts'

type Item = Documents['subscription_item']

/** One entry of `items` in an update, as it came. */
export interface GivenItemChange {
  readonly id?: string | undefined
  readonly price?: string | undefined
  readonly plan?: string | null | undefined
  readonly price_data?: Parameters<typeof readItem>[1]['price_data']
  readonly quantity?: number | undefined
  readonly deleted?: boolean | undefined
  readonly clear_usage?: boolean | undefined
  readonly metadata?: Readonly<Record<string, string>> | null | undefined
  readonly tax_rates?: readonly string[] | null | undefined
  readonly discounts?: readonly DiscountReference[] | null | undefined
}

/** What becomes of an item. */
export type ItemChange =
  | { readonly kind: 'add'; readonly spec: ItemSpec }
  | { readonly kind: 'remove'; readonly item: Item; readonly clearsUsage: boolean }
  | {
      readonly kind: 'change'
      readonly item: Item
      readonly next: Item
      readonly clearsUsage: boolean
      /** Price or quantity: what costs money. Metadata alone does not. */
      readonly isRepriced: boolean
    }

/** Reads the changes against the items there are. Items nobody mentions stay as they are. */
export function readItemChanges(
  tx: Transaction,
  subscription: Documents['subscription'],
  given: readonly GivenItemChange[],
): readonly ItemChange[] {
  const items = itemsOf(tx, subscription.id)
  return given.map((entry, index) => {
    const path = `items[${index}]`
    const item = entry.id === undefined ? undefined : items.find(({ id }) => id === entry.id)
    if (entry.id !== undefined && item === undefined) {
      throw invalidRequest({
        code: 'resource_missing',
        message: `No such subscription item: '${entry.id}'`,
        param: `${path}[id]`,
      })
    }
    if (item === undefined) return { kind: 'add', spec: readItem(tx, entry, path) }
    const clearsUsage = entry.clear_usage ?? false
    if (entry.deleted === true) return { kind: 'remove', item, clearsUsage }
    return changeOf(tx, subscription, item, entry, path)
  })
}

function changeOf(
  tx: Transaction,
  subscription: Documents['subscription'],
  item: Item,
  given: GivenItemChange,
  path: string,
): ItemChange {
  const hasPrice =
    given.price !== undefined || !isUnset(given.plan) || given.price_data !== undefined
  // An item may keep a price that has been archived since.
  const isSame = given.price === item.price
  const price = hasPrice && !isSame ? readPrice(tx, given, path).id : item.price
  const isMetered = tx.get('price', price).recurring?.usage_type === 'metered'
  if (isMetered && given.quantity !== undefined) {
    throw invalidRequest({
      message: `Quantity should not be specified where usage_type is \`metered\`. Remove quantity from \`${path}\`.`,
      param: `${path}[quantity]`,
    })
  }
  // The quantity stays when only the price changes.
  const quantity = isMetered ? undefined : (given.quantity ?? item.quantity ?? 1)
  const { quantity: _quantity, ...rest } = item
  const next: Item = {
    ...rest,
    ...(quantity === undefined ? {} : { quantity }),
    price,
    metadata: mergeMetadata(item.metadata, given.metadata),
    discounts:
      given.discounts === undefined
        ? item.discounts
        : (given.discounts ?? []).map((reference) =>
            createDiscount(tx, reference, {
              customer: subscription.customer,
              subscription: subscription.id,
              subscriptionItem: item.id,
              start: tx.now(subscription.test_clock),
            }),
          ),
    inner: {
      ...item.inner,
      taxRates: given.tax_rates === undefined ? item.inner.taxRates : given.tax_rates,
    },
  }
  return {
    kind: 'change',
    item,
    next,
    clearsUsage: given.clear_usage ?? false,
    isRepriced: price !== item.price || quantity !== item.quantity,
  }
}

/** The prices there will be. */
export function pricesAfter(
  tx: Transaction,
  subscription: string,
  changes: readonly ItemChange[],
): readonly string[] {
  const touched = new Map(
    changes.flatMap((change) => (change.kind === 'add' ? [] : [[change.item.id, change] as const])),
  )
  const kept = itemsOf(tx, subscription).flatMap((item) => {
    const change = touched.get(item.id)
    if (change === undefined) return [item.price]
    return change.kind === 'change' ? [change.next.price] : []
  })
  return [
    ...kept,
    ...changes.flatMap((change) => (change.kind === 'add' ? [change.spec.price] : [])),
  ]
}
