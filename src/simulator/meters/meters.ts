import { formatDecimal } from '../../kit/decimal.ts'
import { requireCustomer } from '../customers/require-customer.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { BillingMeterListEventSummariesParams } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest } from '../wire/errors.ts'
import { listPage, pageOf } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { measureUsage } from './usage.ts'

const KIND = 'billing.meter'

export const meterOperations: Handlers = {
  'POST /v1/billing/meters': ({ tx, params }) => {
    requireFreeName(tx, params.event_name)
    const id = tx.newId('mtr')
    const now = tx.now(null)
    tx.insert(KIND, {
      id,
      object: KIND,
      created: now,
      customer_mapping: {
        event_payload_key: params.customer_mapping?.event_payload_key ?? 'stripe_customer_id',
        type: 'by_id',
      },
      default_aggregation: { formula: params.default_aggregation.formula },
      display_name: params.display_name,
      event_name: params.event_name,
      event_time_window: params.event_time_window ?? null,
      livemode: tx.realm.isLive,
      status: 'active',
      status_transitions: { deactivated_at: null },
      updated: now,
      value_settings: { event_payload_key: params.value_settings?.event_payload_key ?? 'value' },
    })
    tx.emit('billing.meter.created', KIND, id)
    return tx.present(KIND, id)
  },

  'GET /v1/billing/meters': ({ tx, params }) =>
    listPage(tx, KIND, {
      url: '/v1/billing/meters',
      params,
      matches: (meter) => params.status === undefined || meter.status === params.status,
    }),

  'GET /v1/billing/meters/{id}': ({ tx, id }) => tx.present(KIND, getById(tx, KIND, id).id),

  'POST /v1/billing/meters/{id}': ({ tx, params, id }) => {
    const meter = getById(tx, KIND, id)
    tx.update(KIND, id, {
      display_name: params.display_name ?? meter.display_name,
      updated: tx.now(null),
    })
    return tx.present(KIND, id)
  },

  'POST /v1/billing/meters/{id}/deactivate': ({ tx, id }) => {
    const meter = getById(tx, KIND, id)
    if (meter.status !== 'active') {
      throw invalidRequest({ message: `The meter ${id} is already inactive.` })
    }
    const now = tx.now(null)
    tx.update(KIND, id, {
      status: 'inactive',
      status_transitions: { deactivated_at: now },
      updated: now,
    })
    tx.emit('billing.meter.deactivated', KIND, id)
    return tx.present(KIND, id)
  },

  'POST /v1/billing/meters/{id}/reactivate': ({ tx, id }) => {
    const meter = getById(tx, KIND, id)
    if (meter.status === 'active') {
      throw invalidRequest({ message: `The meter ${id} is already active.` })
    }
    requireFreeName(tx, meter.event_name)
    tx.update(KIND, id, {
      status: 'active',
      status_transitions: { deactivated_at: null },
      updated: tx.now(null),
    })
    tx.emit('billing.meter.reactivated', KIND, id)
    return tx.present(KIND, id)
  },

  'GET /v1/billing/meters/{id}/event_summaries': ({ tx, params, id }) => {
    const meter = getById(tx, KIND, id)
    const customer = requireCustomer(tx, params.customer)
    return pageOf(summarize(tx, meter, customer.id, params), {
      url: `/v1/billing/meters/${id}/event_summaries`,
      params,
    })
  },
}

function requireFreeName(tx: Transaction, eventName: string): void {
  const taken = tx.where(KIND, 'event_name', eventName).find(({ status }) => status === 'active')
  if (taken === undefined) return
  throw invalidRequest({
    code: 'resource_already_exists',
    message: `There is already an active meter with the event name '${eventName}': ${taken.id}.`,
    param: 'event_name',
  })
}

const SECONDS = { minute: 60, hour: 3_600, day: 86_400 }
const MAX_WINDOWS = 10_000

function summarize(
  tx: Transaction,
  meter: Documents['billing.meter'],
  customer: string,
  {
    start_time: start,
    end_time: end,
    value_grouping_window: window,
  }: BillingMeterListEventSummariesParams,
) {
  const unit = window ?? 'minute'
  for (const [param, value] of [
    ['start_time', start],
    ['end_time', end],
  ] as const) {
    if (value % SECONDS[unit] === 0) continue
    throw invalidRequest({
      message: `Invalid ${param}: ${value} must be aligned with ${unit === 'day' ? 'UTC day' : unit} boundaries.`,
      param,
    })
  }
  if (end <= start) {
    throw invalidRequest({ message: 'end_time must be after start_time.', param: 'end_time' })
  }
  const step = window === undefined ? end - start : SECONDS[window]
  if ((end - start) / step > MAX_WINDOWS) {
    throw invalidRequest({
      message: `At most ${MAX_WINDOWS} windows can be summarized at once; ask for a shorter time.`,
      param: 'start_time',
    })
  }
  const summaries = []
  for (let from = end - step; from >= start; from -= step) {
    const usage = measureUsage(tx, { meter: meter.id, customer, from, to: from + step })
    // Windows in which nothing happened are left out, except when there is only one.
    if (usage === 0n && window !== undefined) continue
    summaries.push({
      id: `mtrusg_${meter.id.slice(4, 12)}${from}`,
      object: 'billing.meter_event_summary' as const,
      aggregated_value: Number(formatDecimal(usage)),
      end_time: from + step,
      livemode: tx.realm.isLive,
      meter: meter.id,
      start_time: from,
    })
  }
  return summaries
}
