import { parseDecimal } from '../../kit/decimal.ts'
import { formatInstant } from '../../kit/instant.ts'
import { emitThin } from '../events/thin-events.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { triggerAlerts } from './alerts.ts'
import { MAX_AGE_SECONDS, MAX_LEAD_SECONDS } from './limits.ts'
import { seriesOf } from './usage.ts'

type MeterEvent = Documents['meter_event']
type Meter = Documents['billing.meter']

interface Problem {
  readonly event: MeterEvent
  /** Null when no meter has the event's name. */
  readonly meter: Meter | null
  readonly code: string
  readonly message: string
}

/** Looks at received events: those that make sense count from now on, the others end up in a report. */
export function processMeterEvents(tx: Transaction, ids: readonly string[]): void {
  const problems: Problem[] = []
  const grown = new Map<string, { readonly meter: string; readonly customer: string }>()
  for (const id of ids) {
    const event = tx.find('meter_event', id)
    if (event?.state !== 'pending') continue
    const result = judge(tx, event)
    if ('code' in result) {
      tx.update('meter_event', id, { state: 'rejected' })
      problems.push(result)
    } else {
      const { meter, customer, value } = result
      const series = seriesOf(meter, customer)
      tx.update('meter_event', id, { state: 'counted', series, value })
      grown.set(series, { meter, customer })
    }
  }
  for (const { meter, customer } of grown.values()) triggerAlerts(tx, meter, customer)
  report(tx, problems)
}

interface Counted {
  readonly meter: string
  readonly customer: string
  readonly value: string
}

const MAX_DIGITS = 15

function judge(tx: Transaction, event: MeterEvent): Problem | Counted {
  const meters = tx.where('billing.meter', 'event_name', event.eventName)
  const meter = meters.find(({ status }) => status === 'active') ?? meters[0]
  const refuse = (code: string, message: string): Problem => ({
    event,
    meter: meter ?? null,
    code,
    message,
  })
  if (meter === undefined) {
    return refuse('no_meter', `There is no meter with the event name '${event.eventName}'.`)
  }
  if (meter.status !== 'active') {
    return refuse('archived_meter', `The meter ${meter.id} is inactive.`)
  }
  const customerId = event.payload[meter.customer_mapping.event_payload_key]
  if (customerId === undefined || customerId === '') {
    return refuse(
      'meter_event_no_customer_defined',
      `The payload has no '${meter.customer_mapping.event_payload_key}'.`,
    )
  }
  const customer = tx.find('customer', customerId)
  if (customer === undefined || customer.inner.isDeleted) {
    return refuse('meter_event_customer_not_found', `There is no customer '${customerId}'.`)
  }
  const now = tx.now(customer.test_clock)
  if (event.timestamp < now - MAX_AGE_SECONDS) {
    return refuse('timestamp_too_far_in_past', 'The timestamp lies more than 35 days in the past.')
  }
  if (event.timestamp > now + MAX_LEAD_SECONDS) {
    return refuse('timestamp_in_future', 'The timestamp lies more than five minutes in the future.')
  }
  return judgeValue(event, meter, customer.id, refuse)
}

function judgeValue(
  event: MeterEvent,
  meter: Meter,
  customer: string,
  refuse: (code: string, message: string) => Problem,
): Problem | Counted {
  const key = meter.value_settings.event_payload_key
  const text = event.payload[key]
  const counted = (value: string): Counted => ({ meter: meter.id, customer, value })
  if (meter.default_aggregation.formula === 'count') return counted('1')
  if (text === undefined) {
    return refuse('meter_event_invalid_value', `The payload has no '${key}'.`)
  }
  const value = parseDecimal(text)
  const digits = text.replaceAll(/\D/g, '').replace(/^0+/, '').length
  if (digits > MAX_DIGITS) {
    return refuse(
      'meter_event_value_too_many_digits',
      `The value ${text} has more than ${MAX_DIGITS} digits.`,
    )
  }
  // Only sums can go down again: a correction subtracts, a last value or a count cannot.
  if (value === undefined || (value < 0n && meter.default_aggregation.formula !== 'sum')) {
    return refuse('meter_event_invalid_value', `The value '${text}' is no usable number.`)
  }
  return counted(text)
}

const MAX_SAMPLES = 5

/** Stripe tells of rejected events only by thin events, one for each meter and one for names nobody knows. */
function report(tx: Transaction, problems: readonly Problem[]): void {
  const byMeter = Map.groupBy(problems, ({ meter }) => meter?.id ?? null)
  for (const [meter, group] of byMeter) {
    const now = tx.now(null)
    const data = {
      developer_message_summary: `There ${group.length === 1 ? 'is 1 invalid event' : `are ${group.length} invalid events`}`,
      reason: {
        error_count: group.length,
        error_types: [...Map.groupBy(group, ({ code }) => code)].map(([code, same]) => ({
          code,
          error_count: same.length,
          sample_errors: same.slice(0, MAX_SAMPLES).map(({ event, message }) => ({
            error_message: message,
            request: { identifier: event.identifier },
          })),
        })),
      },
      validation_end: formatInstant(now * 1_000),
      validation_start: formatInstant(
        Math.min(now, ...group.map(({ event }) => event.receivedAt)) * 1_000,
      ),
    }
    if (meter === null) {
      emitThin(tx, { type: 'v1.billing.meter.no_meter_found', data, related: null })
    } else {
      emitThin(tx, {
        type: 'v1.billing.meter.error_report_triggered',
        data,
        related: { id: meter, type: 'billing.meter', url: `/v1/billing/meters/${meter}` },
      })
    }
  }
}
