import { toCurrency } from '../catalog/amounts.ts'
import { requireCustomer } from '../customers/require-customer.ts'
import { requireAttached } from '../payments/payment-methods.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type {
  CheckoutSessionCreateParamsSubscriptionDataBillingCycleAnchorConfig,
  Subscription,
  SubscriptionCreateParams,
} from '../stripe.generated.ts'
import { exclusiveParameters, invalidRequest, missingParameter } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'
import { newMetadata } from '../wire/metadata.ts'
import { readOneTimeItem } from './one-time-items.ts'
import { approximateSeconds, oneIntervalAfter } from './periods.ts'
import type { NewSubscription } from './subscription-creation.ts'
import { type ItemSpec, readItem, recurrenceOf } from './subscription-items.ts'

const DAY = 86_400

/** `POST /v1/subscriptions` as the rules need it. */
export function readNewSubscription(
  tx: Transaction,
  params: SubscriptionCreateParams,
): NewSubscription {
  if (params.customer === undefined) throw missingParameter('customer')
  if (params.items === undefined || params.items.length === 0) throw missingParameter('items')
  const customer = requireCustomer(tx, params.customer)
  const now = tx.now(customer.test_clock)
  const items = params.items.map((item, index) => readItem(tx, item, `items[${index}]`))
  const [first] = items
  if (first === undefined) throw missingParameter('items')
  if (params.cancel_at !== undefined && params.cancel_at_period_end === true) {
    throw exclusiveParameters('cancel_at', 'cancel_at_period_end')
  }
  const start = readStart(params, now)
  return {
    customer,
    items,
    currency:
      params.currency === undefined
        ? tx.get('price', first.price).currency
        : toCurrency(params.currency),
    billingMode: readBillingMode(params.billing_mode, now),
    start,
    anchor: readAnchor(tx, params, items, start, now),
    anchorConfig: readAnchorConfig(params.billing_cycle_anchor_config),
    trialEnd: readTrialEnd(tx, params, items, now),
    trialSettings: readTrialSettings(params.trial_settings),
    prorationBehavior: params.proration_behavior ?? 'create_prorations',
    ...readCollection(params),
    cancelAt: readCancelAt(params.cancel_at, now),
    cancelAtPeriodEnd: params.cancel_at_period_end ?? false,
    defaultPaymentMethod: readMethod(tx, params.default_payment_method, customer),
    defaultSource: params.default_source ?? null,
    taxRates: readTaxRates(tx, params.default_tax_rates),
    description: params.description ?? null,
    discounts: params.discounts ?? [],
    metadata: newMetadata(params.metadata),
    paymentSettings: readPaymentSettings(params.payment_settings),
    invoiceSettings: readInvoiceSettings(params.invoice_settings),
    pendingInvoiceItemInterval: null,
    hasAutomaticTax: params.automatic_tax?.enabled ?? false,
    schedule: null,
    charge: {
      kind: 'attempt',
      behavior: readBehavior(params.payment_behavior),
      presence: params.off_session === true ? 'off_session' : 'on_session',
      oneTimeItems: (params.add_invoice_items ?? []).map((item, index) =>
        readOneTimeItem(tx, item, `add_invoice_items[${index}]`),
      ),
    },
  }
}

function readBehavior(behavior: SubscriptionCreateParams['payment_behavior']) {
  if (behavior !== 'pending_if_incomplete') return behavior ?? 'allow_incomplete'
  throw invalidRequest({
    message:
      '`pending_if_incomplete` is only used with updates and cannot be passed when creating a Subscription.',
    param: 'payment_behavior',
  })
}

export function readBillingMode(
  given: SubscriptionCreateParams['billing_mode'],
  now: number,
): Subscription['billing_mode'] {
  if (given?.type === 'classic') return { flexible: null, type: 'classic' }
  const discounts = given?.flexible?.proration_discounts ?? 'included'
  return { flexible: { proration_discounts: discounts }, type: 'flexible', updated_at: now }
}

function readStart(params: SubscriptionCreateParams, now: number): number {
  const start = params.backdate_start_date ?? now
  if (start <= now) return start
  throw invalidRequest({
    message: 'The `backdate_start_date` must be in the past.',
    param: 'backdate_start_date',
  })
}

function readAnchor(
  tx: Transaction,
  params: SubscriptionCreateParams,
  items: readonly ItemSpec[],
  start: number,
  now: number,
): number | null {
  if (
    params.billing_cycle_anchor !== undefined &&
    params.billing_cycle_anchor_config !== undefined
  ) {
    throw exclusiveParameters('billing_cycle_anchor', 'billing_cycle_anchor_config')
  }
  if (params.billing_cycle_anchor_config !== undefined) {
    return anchorFromConfig(params.billing_cycle_anchor_config, now)
  }
  const anchor = params.billing_cycle_anchor
  if (anchor === undefined) return null
  const shortest = items
    .map(({ price }) => recurrenceOf(tx, price))
    .toSorted((a, b) => approximateSeconds(a) - approximateSeconds(b))[0]
  const latest = shortest === undefined ? anchor : oneIntervalAfter(now, shortest)
  if (anchor > latest) {
    throw invalidRequest({
      message: `billing_cycle_anchor cannot be later than next natural billing date (${latest}) for plan`,
      param: 'billing_cycle_anchor',
    })
  }
  if (anchor < start) {
    throw invalidRequest({
      message:
        'billing_cycle_anchor cannot be in the past, unless backdate_start_date is before it.',
      param: 'billing_cycle_anchor',
    })
  }
  return anchor
}

/** The next instant that matches; a day the month does not have means its last. */
export function anchorFromConfig(
  config: CheckoutSessionCreateParamsSubscriptionDataBillingCycleAnchorConfig,
  now: number,
): number {
  const today = new Date(now * 1_000)
  const year = today.getUTCFullYear()
  const clock = [
    config.hour ?? today.getUTCHours(),
    config.minute ?? today.getUTCMinutes(),
    config.second ?? today.getUTCSeconds(),
  ] as const
  const inMonth = (offset: number): number => {
    const month = config.month === undefined ? today.getUTCMonth() + offset : config.month - 1
    const inYear = config.month === undefined ? year : year + offset
    const lastDay = new Date(Date.UTC(inYear, month + 1, 0)).getUTCDate()
    return Date.UTC(inYear, month, Math.min(config.day_of_month, lastDay), ...clock) / 1_000
  }
  return inMonth(0) >= now ? inMonth(0) : inMonth(1)
}

export function readAnchorConfig(
  config: CheckoutSessionCreateParamsSubscriptionDataBillingCycleAnchorConfig | undefined,
): Subscription['billing_cycle_anchor_config'] {
  if (config === undefined) return null
  return {
    day_of_month: config.day_of_month,
    hour: config.hour ?? null,
    minute: config.minute ?? null,
    month: config.month ?? null,
    second: config.second ?? null,
  }
}

const MAX_TRIAL_DAYS = 730

function readTrialEnd(
  tx: Transaction,
  params: SubscriptionCreateParams,
  items: readonly ItemSpec[],
  now: number,
): number | null {
  if (params.trial_end !== undefined && params.trial_period_days !== undefined) {
    throw exclusiveParameters('trial_end', 'trial_period_days')
  }
  if (params.trial_end === 'now') return null
  if (params.trial_end !== undefined) return checkTrialEnd(params.trial_end, now)
  if (params.trial_period_days !== undefined) {
    return checkTrialEnd(now + params.trial_period_days * DAY, now)
  }
  if (params.trial_from_plan !== true) return null
  const days = Math.max(
    0,
    ...items.map(({ price }) => tx.get('price', price).recurring?.trial_period_days ?? 0),
  )
  return days === 0 ? null : now + days * DAY
}

export function checkTrialEnd(end: number, now: number): number | null {
  if (end < now) {
    throw invalidRequest({
      message: 'Invalid timestamp: must be an integer Unix timestamp in the future.',
      param: 'trial_end',
    })
  }
  if (end > now + MAX_TRIAL_DAYS * DAY) {
    throw invalidRequest({
      message: `Invalid timestamp: can be no more than ${MAX_TRIAL_DAYS / 365} years in the future.`,
      param: 'trial_end',
    })
  }
  return end === now ? null : end
}

export function readTrialSettings(
  given: SubscriptionCreateParams['trial_settings'],
): Subscription['trial_settings'] {
  const behavior = given?.end_behavior
  return {
    end_behavior: {
      billing_cycle_anchor: behavior?.billing_cycle_anchor ?? null,
      missing_payment_method: behavior?.missing_payment_method ?? 'create_invoice',
    },
  }
}

function readCollection(params: SubscriptionCreateParams) {
  const collectionMethod = params.collection_method ?? 'charge_automatically'
  if (collectionMethod === 'send_invoice' && params.days_until_due === undefined) {
    throw missingParameter('days_until_due')
  }
  if (collectionMethod === 'charge_automatically' && params.days_until_due !== undefined) {
    throw invalidRequest({
      message: "`days_until_due` can only be set when `collection_method` is 'send_invoice'.",
      param: 'days_until_due',
    })
  }
  return { collectionMethod, daysUntilDue: params.days_until_due ?? null } as const
}

export function readCancelAt(
  given: SubscriptionCreateParams['cancel_at'] | null,
  now: number,
): number | 'min_period_end' | 'max_period_end' | null {
  if (given === undefined || given === null) return null
  if (given === 'max_billed_until') return 'max_period_end'
  if (typeof given === 'string') return given
  if (given > now) return given
  throw invalidRequest({
    message: 'Invalid timestamp: `cancel_at` must be in the future.',
    param: 'cancel_at',
  })
}

export function readMethod(
  tx: Transaction,
  id: string | null | undefined,
  customer: Documents['customer'],
): string | null {
  if (id === undefined || id === null) return null
  const method = getReferenced(tx, 'payment_method', id, 'default_payment_method')
  requireAttached(method, customer.id, 'default_payment_method')
  return method.id
}

export function readTaxRates(
  tx: Transaction,
  given: readonly string[] | null | undefined,
): readonly string[] {
  for (const rate of given ?? []) getReferenced(tx, 'tax_rate', rate, 'default_tax_rates')
  return given ?? []
}

export function readPaymentSettings(
  given: SubscriptionCreateParams['payment_settings'],
): Subscription['payment_settings'] {
  return {
    payment_method_options: null,
    payment_method_types: given?.payment_method_types ?? null,
    save_default_payment_method: given?.save_default_payment_method ?? 'off',
  }
}

export function readInvoiceSettings(
  given: SubscriptionCreateParams['invoice_settings'],
): Subscription['invoice_settings'] {
  return {
    account_tax_ids: null,
    custom_fields: given?.custom_fields ?? null,
    description: given?.description ?? null,
    footer: given?.footer ?? null,
    issuer: { type: 'self' },
  }
}
