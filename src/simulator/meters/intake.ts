import type { Documents } from '../store/documents.ts'
import { settingsOf } from '../store/settings.ts'
import type { Transaction } from '../store/transaction.ts'
import { invalidRequest } from '../wire/errors.ts'
import { MAX_AGE_SECONDS, MAX_LEAD_SECONDS, UNIQUE_SECONDS } from './limits.ts'
import { processMeterEvents } from './processing.ts'

export interface ReportedEvent {
  readonly eventName: string
  readonly payload: Readonly<Record<string, string>>
  readonly identifier: string | null
  readonly timestamp: number | null
}

const MAX_KEYS = 10
const MAX_KEY_LENGTH = 100

/**
 * Takes an event without asking whether it will count: an unknown customer or meter is found later and reported by a
 * thin event, so a 200 here means "received", no more.
 */
export function recordMeterEvent(
  tx: Transaction,
  reported: ReportedEvent,
): Documents['meter_event'] {
  const now = tx.now(clockOfPayload(tx, reported))
  const timestamp = reported.timestamp ?? now
  checkPayload(reported.payload)
  if (timestamp < now - MAX_AGE_SECONDS || timestamp > now + MAX_LEAD_SECONDS) {
    throw invalidRequest({
      message:
        'The timestamp must be within the past 35 calendar days and at most five minutes in the future.',
      param: 'timestamp',
    })
  }
  return insertEvent(tx, reported, timestamp)
}

export function insertEvent(
  tx: Transaction,
  { eventName, payload, identifier }: ReportedEvent,
  timestamp: number,
): Documents['meter_event'] {
  const receivedAt = tx.now(null)
  const name = identifier ?? tx.newId('mev', 32).slice(4)
  const identifierKey = `${eventName}/${name}`
  const isRepeated = tx
    .where('meter_event', 'identifierKey', identifierKey)
    .some((event) => receivedAt - event.receivedAt < UNIQUE_SECONDS)
  if (isRepeated) {
    throw invalidRequest({
      code: 'duplicate_meter_event',
      message: `An event already exists with identifier ${name}.`,
      param: 'identifier',
    })
  }
  const event = tx.insert('meter_event', {
    id: tx.newId('mev'),
    identifierKey,
    identifier: name,
    eventName,
    payload,
    timestamp,
    receivedAt,
    requestId: tx.request.id,
    state: 'pending',
    series: '',
    value: '0',
  })
  if (settingsOf(tx).meterLagMs === 0) processMeterEvents(tx, [event.id])
  return event
}

/** On a test clock usage is reported in simulated time. */
function clockOfPayload(tx: Transaction, { eventName, payload }: ReportedEvent): string | null {
  const [meter] = tx.where('billing.meter', 'event_name', eventName)
  const key = meter?.customer_mapping.event_payload_key ?? 'stripe_customer_id'
  return tx.find('customer', payload[key] ?? '')?.test_clock ?? null
}

function checkPayload(payload: Readonly<Record<string, string>>): void {
  const keys = Object.keys(payload)
  if (keys.length > MAX_KEYS || keys.some((key) => key.length > MAX_KEY_LENGTH)) {
    throw invalidRequest({
      message: `A payload can have at most ${MAX_KEYS} keys of at most ${MAX_KEY_LENGTH} characters.`,
      param: 'payload',
    })
  }
}

export function cancelMeterEvent(tx: Transaction, eventName: string, identifier: string): void {
  const now = tx.now(null)
  const event = tx
    .where('meter_event', 'identifierKey', `${eventName}/${identifier}`)
    .findLast(({ state }) => state === 'pending' || state === 'counted')
  if (event === undefined) {
    throw invalidRequest({
      code: 'resource_missing',
      message: `No meter event '${eventName}' with identifier '${identifier}' was found.`,
      param: 'cancel[identifier]',
    })
  }
  if (now - event.receivedAt > UNIQUE_SECONDS) {
    throw invalidRequest({
      message: 'Meter events can only be canceled within 24 hours of being received.',
      param: 'cancel[identifier]',
    })
  }
  tx.update('meter_event', event.id, { state: 'canceled', series: '' })
}
