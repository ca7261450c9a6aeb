import { createDiscount } from '../catalog/discounts.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { SubscriptionUpdateParams } from '../stripe.generated.ts'
import { changed, isUnset } from '../wire/changed.ts'
import { exclusiveParameters, invalidRequest } from '../wire/errors.ts'
import { mergeMetadata } from '../wire/metadata.ts'
import { type GivenItemChange, readItemChanges } from './item-changes.ts'
import { readOneTimeItem } from './one-time-items.ts'
import { checkTrialEnd, readCancelAt, readMethod, readTaxRates } from './subscription-params.ts'
import { changeSubscription, type SubscriptionChange } from './subscription-update.ts'
import { isEnded, itemsOf, planWork } from './subscription-work.ts'

type Subscription = Documents['subscription']

/** `POST /v1/subscriptions/{id}`: first what costs nothing, then what changes the bill. */
export function updateSubscription(
  tx: Transaction,
  id: string,
  params: SubscriptionUpdateParams,
): void {
  const subscription = tx.get('subscription', id)
  checkEditable(subscription, params)
  if (params.payment_behavior === 'pending_if_incomplete') checkPendingSupport(params)
  editFields(tx, subscription, params)
  placeCancellation(tx, id, params)
  planWork(tx, id)
  const change = readChange(tx, tx.get('subscription', id), params)
  if (change !== null) changeSubscription(tx, id, change)
}

/** What is over can still be described and explained, not changed. */
function checkEditable(subscription: Subscription, params: SubscriptionUpdateParams): void {
  if (!isEnded(subscription)) return
  const allowed = new Set(['metadata', 'cancellation_details', 'expand', 'description'])
  const refused = Object.keys(params).find((key) => !allowed.has(key))
  if (refused === undefined) return
  throw invalidRequest({
    message:
      'A canceled subscription can only update its cancellation_details, description and metadata.',
    param: refused,
  })
}

const PENDING_SUPPORT = new Set(
  `expand payment_behavior proration_behavior proration_date billing_cycle_anchor items trial_end trial_from_plan
  add_invoice_items off_session`.split(/\s+/),
)

function checkPendingSupport(params: SubscriptionUpdateParams): void {
  const refused = Object.keys(params).find((key) => !PENDING_SUPPORT.has(key))
  if (refused === undefined) return
  throw invalidRequest({
    message: `The parameter \`${refused}\` is not supported by pending updates: with \`payment_behavior=pending_if_incomplete\` only items, trials, the anchor and prorations can change.`,
    param: refused,
  })
}

function editFields(
  tx: Transaction,
  subscription: Subscription,
  params: SubscriptionUpdateParams,
): void {
  const customer = tx.get('customer', subscription.customer)
  const settings = params.invoice_settings
  const details = subscription.cancellation_details
  tx.update('subscription', subscription.id, {
    automatic_tax:
      params.automatic_tax === undefined
        ? subscription.automatic_tax
        : { ...subscription.automatic_tax, enabled: params.automatic_tax.enabled },
    cancellation_details: {
      comment: changed(params.cancellation_details?.comment, details?.comment ?? null),
      feedback: changed(params.cancellation_details?.feedback, details?.feedback ?? null),
      feedback_option: details?.feedback_option ?? null,
      reason: details?.reason ?? null,
    },
    collection_method: params.collection_method ?? subscription.collection_method,
    days_until_due: params.days_until_due ?? subscription.days_until_due,
    default_payment_method:
      params.default_payment_method === undefined
        ? subscription.default_payment_method
        : readMethod(tx, params.default_payment_method, customer),
    default_source: changed(params.default_source, subscription.default_source),
    description: changed(params.description, subscription.description),
    discounts: editDiscounts(tx, subscription, params.discounts),
    invoice_settings: {
      ...subscription.invoice_settings,
      custom_fields: changed(settings?.custom_fields, subscription.invoice_settings.custom_fields),
      description: changed(settings?.description, subscription.invoice_settings.description),
      footer: changed(settings?.footer, subscription.invoice_settings.footer),
    },
    metadata: mergeMetadata(subscription.metadata, params.metadata),
    pause_collection: editPause(subscription, params.pause_collection),
    payment_settings:
      params.payment_settings === undefined
        ? subscription.payment_settings
        : {
            payment_method_options: null,
            payment_method_types:
              params.payment_settings.payment_method_types ??
              subscription.payment_settings?.payment_method_types ??
              null,
            save_default_payment_method:
              params.payment_settings.save_default_payment_method ??
              subscription.payment_settings?.save_default_payment_method ??
              null,
          },
    trial_settings:
      params.trial_settings === undefined
        ? subscription.trial_settings
        : {
            end_behavior: {
              billing_cycle_anchor: params.trial_settings.end_behavior.billing_cycle_anchor ?? null,
              missing_payment_method:
                params.trial_settings.end_behavior.missing_payment_method ?? 'create_invoice',
            },
          },
    inner: {
      ...subscription.inner,
      taxRates:
        params.default_tax_rates === undefined
          ? subscription.inner.taxRates
          : readTaxRates(tx, params.default_tax_rates),
      cancelProration: params.proration_behavior ?? subscription.inner.cancelProration,
    },
  })
}

function editDiscounts(
  tx: Transaction,
  subscription: Subscription,
  given: SubscriptionUpdateParams['discounts'],
): readonly string[] {
  if (given === undefined) return subscription.discounts
  return (given ?? []).map((reference) =>
    createDiscount(tx, reference, {
      customer: subscription.customer,
      subscription: subscription.id,
      start: tx.now(subscription.test_clock),
    }),
  )
}

function editPause(
  subscription: Subscription,
  given: SubscriptionUpdateParams['pause_collection'],
): Subscription['pause_collection'] {
  if (given === undefined) return subscription.pause_collection
  if (given === null) return null
  return { behavior: given.behavior, resumes_at: given.resumes_at ?? null }
}

/** Canceling at the end of the period, at an instant, or no longer. */
function placeCancellation(tx: Transaction, id: string, params: SubscriptionUpdateParams): void {
  const { cancel_at: cancelAt, cancel_at_period_end: atPeriodEnd } = params
  if (cancelAt === undefined && atPeriodEnd === undefined) return
  if (!isUnset(cancelAt) && atPeriodEnd === true) {
    throw exclusiveParameters('cancel_at', 'cancel_at_period_end')
  }
  const subscription = tx.get('subscription', id)
  if (subscription.schedule !== null) {
    throw invalidRequest({
      message: `The subscription is managed by the subscription schedule \`${subscription.schedule}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`,
      param: atPeriodEnd === undefined ? 'cancel_at' : 'cancel_at_period_end',
    })
  }
  const now = tx.now(subscription.test_clock)
  const ends = itemsOf(tx, id).map((item) => item.current_period_end)
  const wanted = atPeriodEnd === true ? 'max_period_end' : readCancelAt(cancelAt, now)
  const at =
    wanted === 'max_period_end'
      ? Math.max(...ends)
      : wanted === 'min_period_end'
        ? Math.min(...ends)
        : wanted
  tx.update('subscription', id, {
    cancel_at: at,
    cancel_at_period_end: atPeriodEnd === true,
    canceled_at: at === null ? null : now,
    cancellation_details: {
      comment: null,
      feedback: null,
      feedback_option: null,
      ...tx.get('subscription', id).cancellation_details,
      reason: at === null ? null : 'cancellation_requested',
    },
  })
}

/** Null when the request changes neither items nor time. */
export function readChange(
  tx: Transaction,
  subscription: Subscription,
  params: Pick<
    SubscriptionUpdateParams,
    | 'add_invoice_items'
    | 'billing_cycle_anchor'
    | 'off_session'
    | 'payment_behavior'
    | 'proration_behavior'
    | 'proration_date'
    | 'trial_end'
  > & { readonly items?: readonly GivenItemChange[] | undefined },
): SubscriptionChange | null {
  const hasChange =
    (params.items?.length ?? 0) > 0 ||
    params.billing_cycle_anchor?.type === 'now' ||
    params.trial_end !== undefined ||
    (params.add_invoice_items?.length ?? 0) > 0
  if (!hasChange) return null
  if (subscription.schedule !== null && (params.items?.length ?? 0) > 0) {
    throw invalidRequest({
      message: `The subscription is managed by the subscription schedule \`${subscription.schedule}\`, and updating items directly is not allowed. Please update the schedule instead.`,
      param: 'items',
    })
  }
  const now = tx.now(subscription.test_clock)
  const trialEnd =
    typeof params.trial_end === 'number'
      ? (checkTrialEnd(params.trial_end, now) ?? ('now' as const))
      : params.trial_end
  return {
    items: readItemChanges(tx, subscription, params.items ?? []),
    resetsAnchor: params.billing_cycle_anchor?.type === 'now',
    trialEnd,
    prorationBehavior: params.proration_behavior ?? 'create_prorations',
    prorationDate: params.proration_date,
    paymentBehavior: params.payment_behavior ?? 'allow_incomplete',
    presence: params.off_session === true ? 'off_session' : 'on_session',
    oneTimeItems: (params.add_invoice_items ?? []).map((item, index) =>
      readOneTimeItem(tx, item, `add_invoice_items[${index}]`),
    ),
  }
}
