import { formatInstant, parseInstant } from '../../kit/instant.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest, missingParameter, StripeError } from '../wire/errors.ts'
import { cancelMeterEvent, insertEvent, recordMeterEvent } from './intake.ts'

const SESSION_SECONDS = 15 * 60
const MAX_STREAM_EVENTS = 100

export const meterEventOperations: Handlers = {
  'POST /v1/billing/meter_events': ({ tx, params }) => {
    const event = recordMeterEvent(tx, {
      eventName: params.event_name,
      payload: params.payload,
      identifier: params.identifier ?? null,
      timestamp: params.timestamp ?? null,
    })
    return {
      object: 'billing.meter_event',
      created: event.receivedAt,
      event_name: event.eventName,
      identifier: event.identifier,
      livemode: tx.realm.isLive,
      payload: event.payload,
      timestamp: event.timestamp,
    }
  },

  'POST /v1/billing/meter_event_adjustments': ({ tx, params }) => {
    const identifier = params.cancel?.identifier
    if (typeof identifier !== 'string') throw missingParameter('cancel[identifier]')
    cancelMeterEvent(tx, params.event_name, identifier)
    return {
      object: 'billing.meter_event_adjustment',
      cancel: { identifier },
      event_name: params.event_name,
      livemode: tx.realm.isLive,
      status: 'pending',
      type: 'cancel',
    }
  },

  'POST /v2/billing/meter_events': ({ tx, params }) => {
    const event = recordMeterEvent(tx, {
      eventName: params.event_name,
      payload: params.payload,
      identifier: params.identifier ?? null,
      timestamp: readTime(params.timestamp, 'timestamp'),
    })
    return presentV2(tx, event)
  },

  'POST /v2/billing/meter_event_adjustments': ({ tx, params }) => {
    cancelMeterEvent(tx, params.event_name, params.cancel.identifier)
    return {
      id: tx.newId('mtr_event_adj'),
      object: 'v2.billing.meter_event_adjustment',
      cancel: { identifier: params.cancel.identifier },
      created: formatInstant(tx.now(null) * 1_000),
      event_name: params.event_name,
      livemode: tx.realm.isLive,
      status: 'pending',
      type: 'cancel',
    }
  },

  'POST /v2/billing/meter_event_session': ({ tx }) => {
    const now = tx.now(null)
    const mode = tx.realm.isLive ? 'live' : 'test'
    const token = `${tx.realm.accountId}.${mode}.${tx.newId('s', 40).slice(2)}`
    const session = tx.insert('meter_session', {
      id: tx.newId('mtr_event_session'),
      token,
      expiresAt: now + SESSION_SECONDS,
    })
    return {
      id: session.id,
      object: 'v2.billing.meter_event_session',
      authentication_token: token,
      created: formatInstant(now * 1_000),
      expires_at: formatInstant(session.expiresAt * 1_000),
      livemode: tx.realm.isLive,
    }
  },

  // Nothing is looked at before the answer, not even the timestamp; only the form has to be right.
  'POST /v2/billing/meter_event_stream': ({ tx, params }) => {
    if (params.events.length === 0 || params.events.length > MAX_STREAM_EVENTS) {
      throw invalidRequest({
        message: `A call can carry 1 to ${MAX_STREAM_EVENTS} events; got ${params.events.length}.`,
        param: 'events',
      })
    }
    for (const [index, event] of params.events.entries()) {
      const reported = {
        eventName: event.event_name,
        payload: event.payload,
        identifier: event.identifier ?? null,
        timestamp: null,
      }
      const at = readTime(event.timestamp, `events[${index}][timestamp]`) ?? tx.now(null)
      try {
        insertEvent(tx, reported, at)
      } catch (error) {
        // A repeated identifier is dropped silently: the caller retried a batch.
        if (!(error instanceof StripeError)) throw error
      }
    }
    return {}
  },
}

function readTime(text: string | null | undefined, param: string): number | null {
  if (text === undefined || text === null) return null
  const instant = parseInstant(text)
  if (instant === undefined) {
    throw invalidRequest({
      message: `Invalid timestamp: '${text}'. Use RFC 3339, such as 2026-12-01T00:00:00Z.`,
      param,
    })
  }
  return Math.floor(instant / 1_000)
}

function presentV2(tx: Transaction, event: Documents['meter_event']) {
  return {
    object: 'v2.billing.meter_event',
    created: formatInstant(event.receivedAt * 1_000),
    event_name: event.eventName,
    identifier: event.identifier,
    livemode: tx.realm.isLive,
    payload: event.payload,
    timestamp: formatInstant(event.timestamp * 1_000),
  }
}
