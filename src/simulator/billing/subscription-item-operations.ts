import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest, missingParameter } from '../wire/errors.ts'
import { listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import type { GivenItemChange } from './item-changes.ts'
import { readChange } from './subscription-edit.ts'
import { changeSubscription } from './subscription-update.ts'
import { isEnded, itemsOf } from './subscription-work.ts'
import { isUnset } from '../wire/changed.ts'

/** The same changes as through the subscription, one item at a time. */
export const subscriptionItemOperations: Handlers = {
  'POST /v1/subscription_items': ({ tx, params }) => {
    const subscription = getReferenced(tx, 'subscription', params.subscription, 'subscription')
    const before = new Set(itemsOf(tx, subscription.id).map(({ id }) => id))
    const { price, plan, price_data, quantity, metadata, tax_rates, discounts } = params
    if (price === undefined && isUnset(plan) && price_data === undefined)
      throw missingParameter('price')
    change(tx, subscription, params, {
      price,
      plan,
      price_data,
      quantity,
      metadata,
      tax_rates,
      discounts,
    })
    const added = itemsOf(tx, subscription.id).find(({ id }) => !before.has(id))
    return tx.present('subscription_item', added?.id ?? '')
  },

  'GET /v1/subscription_items': ({ tx, params }) => {
    getReferenced(tx, 'subscription', params.subscription, 'subscription')
    return listPage(tx, 'subscription_item', {
      url: '/v1/subscription_items',
      params,
      among: tx.where('subscription_item', 'subscription', params.subscription),
    })
  },

  'GET /v1/subscription_items/{id}': ({ tx, id }) =>
    tx.present('subscription_item', getById(tx, 'subscription_item', id).id),

  'POST /v1/subscription_items/{id}': ({ tx, params, id }) => {
    const item = getById(tx, 'subscription_item', id)
    const { price, plan, price_data, quantity, metadata, tax_rates, discounts } = params
    change(tx, tx.get('subscription', item.subscription), params, {
      id,
      price,
      plan,
      price_data,
      quantity,
      metadata,
      tax_rates,
      discounts,
    })
    return tx.present('subscription_item', id)
  },

  'DELETE /v1/subscription_items/{id}': ({ tx, params, id }) => {
    const item = getById(tx, 'subscription_item', id)
    const subscription = tx.get('subscription', item.subscription)
    if (itemsOf(tx, subscription.id).length === 1) {
      throw invalidRequest({
        message: `A subscription must have at least one active item. Cancel the subscription ${subscription.id} instead.`,
      })
    }
    change(tx, subscription, params, { id, deleted: true, clear_usage: params.clear_usage })
    return { id, object: 'subscription_item', deleted: true }
  },
}

function change(
  tx: Transaction,
  subscription: Documents['subscription'],
  params: Omit<Parameters<typeof readChange>[2], 'items'>,
  item: GivenItemChange,
): void {
  if (isEnded(subscription)) {
    throw invalidRequest({
      message: `The subscription ${subscription.id} is over and cannot change.`,
    })
  }
  const { payment_behavior, proration_behavior, proration_date, off_session } = params
  const read = readChange(tx, subscription, {
    items: [item],
    payment_behavior,
    proration_behavior,
    proration_date,
    off_session,
  })
  if (read !== null) changeSubscription(tx, subscription.id, read)
}
