import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { PlanCreateParams } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest, missingParameter, missingResource } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { mergeMetadata } from '../wire/metadata.ts'
import { tellPlanUpdate, toPlan } from './plan-view.ts'
import { createPrice } from './price-creation.ts'
import { createProduct } from './product-creation.ts'

/** Recurring prices by their older name. Every plan is a price and can be used as one. */
export const planOperations: Handlers = {
  'POST /v1/plans': ({ tx, params }) => toPlan(createPlan(tx, params)),

  'GET /v1/plans': ({ tx, params }) =>
    listPage(tx, 'price', {
      url: '/v1/plans',
      params,
      matches: (price) =>
        price.recurring !== null &&
        (params.active === undefined || price.active === params.active) &&
        (params.product === undefined || price.product === params.product) &&
        isInRange(price.created, params.created),
      show: toPlan,
    }),

  'GET /v1/plans/{id}': ({ tx, id }) => toPlan(getPlan(tx, id)),

  'POST /v1/plans/{id}': ({ tx, params, id }) => {
    const before = getPlan(tx, id)
    const { recurring } = before
    if (params.product !== undefined) getReferenced(tx, 'product', params.product, 'product')
    const after = tx.update('price', id, {
      active: params.active ?? before.active,
      metadata: mergeMetadata(before.metadata, params.metadata),
      nickname: params.nickname === undefined ? before.nickname : params.nickname,
      product: params.product ?? before.product,
      ...(recurring === null || params.trial_period_days === undefined
        ? {}
        : { recurring: { ...recurring, trial_period_days: params.trial_period_days } }),
    })
    tellPlanUpdate(tx, before, after)
    return toPlan(after)
  },

  'DELETE /v1/plans/{id}': ({ tx, id }) => {
    const price = getPlan(tx, id)
    tx.emit('plan.deleted', 'price', id, { object: toPlan(price) })
    tx.emit('price.deleted', 'price', id)
    // Those who subscribe to it go on.
    tx.update('price', id, { active: false, inner: { ...price.inner, isDeleted: true } })
    return { id, object: 'plan', deleted: true }
  },
}

function getPlan(tx: Transaction, id: string): Documents['price'] {
  const price = getById(tx, 'price', id)
  if (price.recurring === null) throw missingResource('plan', id)
  return price
}

function createPlan(tx: Transaction, params: PlanCreateParams): Documents['price'] {
  const { id, product } = params
  if (id !== undefined && tx.find('price', id) !== undefined) {
    throw invalidRequest({
      code: 'resource_already_exists',
      message: `Plan already exists.`,
      param: 'id',
    })
  }
  if (product === undefined) throw missingParameter('product')
  return createPrice(
    tx,
    {
      ...(params.active === undefined ? {} : { active: params.active }),
      billing_scheme: params.billing_scheme,
      currency: params.currency,
      metadata: params.metadata ?? {},
      nickname: params.nickname,
      product: typeof product === 'string' ? product : createProduct(tx, product).id,
      recurring: {
        interval: params.interval,
        interval_count: params.interval_count,
        meter: params.meter,
        trial_period_days: params.trial_period_days,
        usage_type: params.usage_type,
      },
      tiers: params.tiers,
      tiers_mode: params.tiers_mode,
      transform_quantity: params.transform_usage,
      unit_amount: params.amount,
      unit_amount_decimal: params.amount_decimal,
    },
    { id: id ?? tx.newId('plan') },
  )
}
