import { requireCurrency } from '../billing/subscription-creation.ts'
import { readBillingMode, readMethod } from '../billing/subscription-params.ts'
import { isEnded, itemsOf } from '../billing/subscription-work.ts'
import { requireCustomer } from '../customers/require-customer.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type {
  SubscriptionSchedule,
  SubscriptionScheduleCreateParams,
  SubscriptionScheduleCreateParamsDefaultSettings,
} from '../stripe.generated.ts'
import { changed } from '../wire/changed.ts'
import { exclusiveParameters, invalidRequest, missingParameter } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'
import { newMetadata } from '../wire/metadata.ts'
import type { StoredPhase } from './documents.ts'
import { planSchedule, turnPhaseAt } from './lifecycle.ts'
import { readPhases, toReference } from './phases.ts'

const KIND = 'subscription_schedule'
type Schedule = Documents[typeof KIND]
type Subscription = Documents['subscription']
type Settings = SubscriptionSchedule['default_settings']

export function createSchedule(
  tx: Transaction,
  params: SubscriptionScheduleCreateParams,
): Schedule {
  const schedule =
    params.from_subscription === undefined
      ? createFromPhases(tx, params)
      : createFromSubscription(tx, params.from_subscription, params)
  tx.emit('subscription_schedule.created', KIND, schedule.id)
  planSchedule(tx, schedule.id)
  turnPhaseAt(tx, schedule.id, tx.now(schedule.test_clock))
  return tx.get(KIND, schedule.id)
}

function createFromPhases(tx: Transaction, params: SubscriptionScheduleCreateParams): Schedule {
  if (params.customer === undefined) throw missingParameter('customer')
  if (params.phases === undefined) throw missingParameter('phases')
  const customer = requireCustomer(tx, params.customer)
  const now = tx.now(customer.test_clock)
  const start = typeof params.start_date === 'number' ? params.start_date : now
  const billingMode = readBillingMode(params.billing_mode, now)
  const phases = readPhases(tx, params.phases, start, {
    customer,
    now,
    isFlexible: billingMode.type === 'flexible',
  })
  const [first] = phases
  if (first !== undefined) requireCurrency(customer, first.currency)
  return insertSchedule(tx, {
    billing_mode: billingMode,
    current_phase: null,
    customer: customer.id,
    default_settings: readSettings(tx, customer, params.default_settings),
    end_behavior: readEndBehavior(params.end_behavior) ?? 'release',
    metadata: newMetadata(params.metadata),
    status: 'not_started',
    subscription: null,
    test_clock: customer.test_clock,
    inner: { phases },
  })
}

/** Takes a running subscription over as it is: one phase, from the start of its period to the end. */
function createFromSubscription(
  tx: Transaction,
  id: string,
  params: SubscriptionScheduleCreateParams,
): Schedule {
  const conflict = (
    ['customer', 'default_settings', 'end_behavior', 'phases', 'start_date'] as const
  ).find((name) => params[name] !== undefined)
  if (conflict !== undefined) throw exclusiveParameters('from_subscription', conflict)
  const subscription = getReferenced(tx, 'subscription', id, 'from_subscription')
  requireManageable(subscription)
  const phase = phaseOf(tx, subscription)
  const schedule = insertSchedule(tx, {
    billing_mode: subscription.billing_mode,
    current_phase: { start_date: phase.start_date, end_date: phase.end_date },
    customer: subscription.customer,
    default_settings: settingsOf(subscription),
    // A cancellation that is planned already stays planned.
    end_behavior: subscription.cancel_at === null ? 'release' : 'cancel',
    metadata: newMetadata(params.metadata),
    status: 'active',
    subscription: id,
    test_clock: subscription.test_clock,
    inner: { phases: [phase] },
  })
  tx.update('subscription', id, { schedule: schedule.id })
  return schedule
}

function requireManageable(subscription: Subscription): void {
  if (subscription.schedule !== null) {
    throw invalidRequest({
      message: `You cannot migrate a subscription that is already attached to a schedule: ${subscription.schedule}.`,
      param: 'from_subscription',
    })
  }
  if (!isEnded(subscription) && subscription.status !== 'incomplete') return
  throw invalidRequest({
    message: `You cannot create a schedule from a subscription that is ${subscription.status}.`,
    param: 'from_subscription',
  })
}

function phaseOf(tx: Transaction, subscription: Subscription): StoredPhase {
  const items = itemsOf(tx, subscription.id)
  const starts = items.map((item) => item.current_period_start)
  const ends = items.map((item) => item.current_period_end)
  const reference = (id: string) => toReference({ discount: id })
  return {
    application_fee_percent: null,
    automatic_tax: {
      disabled_reason: null,
      enabled: subscription.automatic_tax.enabled,
      liability: null,
    },
    billing_cycle_anchor: null,
    billing_thresholds: null,
    collection_method: subscription.collection_method,
    currency: subscription.currency,
    default_payment_method: subscription.default_payment_method,
    description: subscription.description,
    discounts: subscription.discounts.map(reference),
    end_date: subscription.cancel_at ?? Math.max(...ends),
    invoice_settings: null,
    items: items.map((item) => ({
      billing_thresholds: null,
      discounts: item.discounts.map(reference),
      metadata: item.metadata,
      plan: item.price,
      price: item.price,
      ...(item.quantity === undefined ? {} : { quantity: item.quantity }),
      taxRates: item.inner.taxRates,
    })),
    metadata: subscription.metadata,
    on_behalf_of: null,
    oneTimeItems: [],
    proration_behavior: 'create_prorations',
    start_date: Math.max(...starts),
    taxRates: subscription.inner.taxRates,
    transfer_data: null,
    trial_end: subscription.status === 'trialing' ? subscription.trial_end : null,
  }
}

function settingsOf(subscription: Subscription): Settings {
  return {
    application_fee_percent: null,
    automatic_tax: {
      disabled_reason: null,
      enabled: subscription.automatic_tax.enabled,
      liability: null,
    },
    billing_cycle_anchor: 'automatic',
    billing_thresholds: null,
    collection_method: subscription.collection_method,
    default_payment_method: subscription.default_payment_method,
    description: subscription.description,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: subscription.invoice_settings.custom_fields,
      days_until_due: subscription.days_until_due,
      description: subscription.invoice_settings.description,
      footer: subscription.invoice_settings.footer,
      issuer: { type: 'self' },
    },
    on_behalf_of: null,
    transfer_data: null,
  }
}

export function readSettings(
  tx: Transaction,
  customer: Documents['customer'],
  given: SubscriptionScheduleCreateParamsDefaultSettings | undefined,
  current?: Settings,
): Settings {
  const invoice = given?.invoice_settings
  const before = current?.invoice_settings
  const method = given?.default_payment_method
  return {
    application_fee_percent: null,
    automatic_tax: {
      disabled_reason: null,
      enabled: given?.automatic_tax?.enabled ?? current?.automatic_tax?.enabled ?? false,
      liability: null,
    },
    billing_cycle_anchor:
      given?.billing_cycle_anchor ?? current?.billing_cycle_anchor ?? 'automatic',
    billing_thresholds: null,
    collection_method:
      given?.collection_method ?? current?.collection_method ?? 'charge_automatically',
    default_payment_method:
      method === undefined
        ? (current?.default_payment_method ?? null)
        : readMethod(tx, method, customer),
    description: changed(given?.description, current?.description ?? null),
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: changed(invoice?.custom_fields, before?.custom_fields ?? null),
      days_until_due: changed(invoice?.days_until_due, before?.days_until_due ?? null),
      description: changed(invoice?.description, before?.description ?? null),
      footer: changed(invoice?.footer, before?.footer ?? null),
      issuer: { type: 'self' },
    },
    on_behalf_of: null,
    transfer_data: null,
  }
}

export function readEndBehavior(
  given: SubscriptionScheduleCreateParams['end_behavior'],
): 'cancel' | 'release' | undefined {
  if (given === undefined || given === 'cancel' || given === 'release') return given
  throw invalidRequest({
    message: `\`end_behavior\` must be release or cancel; ${given} is no longer supported.`,
    param: 'end_behavior',
  })
}

function insertSchedule(
  tx: Transaction,
  given: Pick<
    Schedule,
    | 'billing_mode'
    | 'current_phase'
    | 'customer'
    | 'default_settings'
    | 'end_behavior'
    | 'metadata'
    | 'status'
    | 'subscription'
    | 'test_clock'
    | 'inner'
  >,
): Schedule {
  return tx.insert(KIND, {
    id: tx.newId('sub_sched'),
    object: KIND,
    application: null,
    canceled_at: null,
    completed_at: null,
    created: tx.now(given.test_clock),
    customer_account: null,
    livemode: tx.realm.isLive,
    pause_schedules: [],
    released_at: null,
    released_subscription: null,
    ...given,
  })
}
