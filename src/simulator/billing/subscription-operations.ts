import { checkMinimum } from '../catalog/discounts.ts'
import { removeDiscounts } from './discount-removal.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { number, searchOperation, text } from '../wire/search.ts'
import { endSubscription } from './cancellation.ts'
import { licensedTotal } from './line-drafts.ts'
import { pauseSubscription, resumeSubscription } from './pausing.ts'
import { createSubscription } from './subscription-creation.ts'
import { updateSubscription } from './subscription-edit.ts'
import { readBillingMode, readNewSubscription } from './subscription-params.ts'
import { isEnded, itemsOf } from './subscription-work.ts'

export const subscriptionOperations: Handlers = {
  'POST /v1/subscriptions': ({ tx, params }) => {
    const given = readNewSubscription(tx, params)
    const { id, currency } = createSubscription(tx, given)
    const amount = licensedTotal(tx, { currency }, itemsOf(tx, id))
    checkMinimum(tx, given.discounts, { amount, currency })
    return tx.present('subscription', id)
  },

  'GET /v1/subscriptions': ({ tx, params }) =>
    listPage(tx, 'subscription', {
      url: '/v1/subscriptions',
      params,
      ...(params.customer !== undefined
        ? { among: tx.where('subscription', 'customer', params.customer) }
        : params.test_clock !== undefined
          ? { among: tx.where('subscription', 'test_clock', params.test_clock) }
          : {}),
      matches: (subscription) =>
        (params.customer !== undefined ||
          subscription.test_clock === (params.test_clock ?? null)) &&
        matchesStatus(subscription.status, params.status) &&
        (params.collection_method === undefined ||
          subscription.collection_method === params.collection_method) &&
        (params.price === undefined ||
          itemsOf(tx, subscription.id).some((item) => item.price === params.price)) &&
        isInRange(subscription.created, params.created) &&
        (params.current_period_end === undefined ||
          itemsOf(tx, subscription.id).some((item) =>
            isInRange(item.current_period_end, params.current_period_end),
          )) &&
        (params.current_period_start === undefined ||
          itemsOf(tx, subscription.id).some((item) =>
            isInRange(item.current_period_start, params.current_period_start),
          )),
    }),

  'GET /v1/subscriptions/search': searchOperation('subscription', '/v1/subscriptions/search', {
    created: number('created'),
    status: text('status'),
  }),

  'GET /v1/subscriptions/{id}': ({ tx, id }) =>
    tx.present('subscription', getById(tx, 'subscription', id).id),

  'POST /v1/subscriptions/{id}': ({ tx, params, id }) => {
    updateSubscription(tx, getById(tx, 'subscription', id).id, params)
    return tx.present('subscription', id)
  },

  'DELETE /v1/subscriptions/{id}': ({ tx, params, id }) => {
    const subscription = getById(tx, 'subscription', id)
    if (isEnded(subscription)) {
      throw invalidRequest({
        code: 'resource_missing',
        message: `No such subscription: '${id}'`,
        param: 'id',
      })
    }
    endSubscription(tx, id, {
      reason: 'cancellation_requested',
      comment: params.cancellation_details?.comment,
      feedback: params.cancellation_details?.feedback,
      invoicesNow: params.invoice_now,
      prorates: params.prorate,
    })
    return tx.present('subscription', id)
  },

  'DELETE /v1/subscriptions/{id}/discount': ({ tx, id }) =>
    removeDiscounts(tx, getById(tx, 'subscription', id).id),

  'POST /v1/subscriptions/{id}/migrate': ({ tx, params, id }) => {
    const subscription = getById(tx, 'subscription', id)
    if (subscription.billing_mode.flexible?.proration_discounts === 'itemized') {
      throw invalidRequest({
        message: 'This subscription already uses itemized proration discounts and cannot go back.',
        param: 'billing_mode',
      })
    }
    const now = tx.now(subscription.test_clock)
    tx.update('subscription', id, { billing_mode: readBillingMode(params.billing_mode, now) })
    return tx.present('subscription', id)
  },

  'POST /v1/subscriptions/{id}/pause': ({ tx, params, id }) => {
    getById(tx, 'subscription', id)
    const creditFrom = params.bill_for?.unused_time_from?.type ?? 'now'
    pauseSubscription(tx, id, {
      creditFrom: creditFrom === 'none' ? null : creditFrom,
      billsUsage: params.bill_for?.outstanding_usage_through?.type !== 'none',
      invoicesNow: params.invoicing_behavior === 'invoice',
    })
    return tx.present('subscription', id)
  },

  'POST /v1/subscriptions/{id}/resume': ({ tx, params, id }) => {
    getById(tx, 'subscription', id)
    resumeSubscription(tx, id, {
      resetsAnchor: params.billing_cycle_anchor?.type !== 'unchanged',
      prorationBehavior: params.proration_behavior ?? 'create_prorations',
      prorationDate: params.proration_date,
      waitsForPayment: params.payment_behavior === 'resume_on_payment_success',
    })
    return tx.present('subscription', id)
  },
}

/** Without a filter canceled subscriptions are left out; `all` has them, `ended` has only what is over. */
function matchesStatus(status: string, wanted: string | undefined): boolean {
  switch (wanted) {
    case undefined:
      return status !== 'canceled'
    case 'all':
      return true
    case 'ended':
      return status === 'canceled' || status === 'incomplete_expired'
    default:
      return status === wanted
  }
}
