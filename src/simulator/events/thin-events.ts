import { formatInstant } from '../../kit/instant.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { addDelivery } from './fan-out.ts'

const KIND = 'v2.core.event'

interface ThinEvent {
  readonly type: string
  /** Not part of what is sent: whoever wants it fetches the event. */
  readonly data: unknown
  readonly related: { readonly id: string; readonly type: string; readonly url: string } | null
  readonly snapshot?: string
  readonly created?: number
  /** For one destination alone, whatever it subscribed to. */
  readonly only?: string
}

/** Writes an event that carries no object, and puts it into the outbox of every destination that wants it. */
export function emitThin(tx: Transaction, thin: ThinEvent): Documents['v2.core.event'] {
  const { id: requestId, idempotencyKey } = tx.request
  const event = tx.insert(KIND, {
    id: tx.newId('evt'),
    object: KIND,
    context: null,
    created: formatInstant((thin.created ?? tx.now(null)) * 1_000),
    ...(thin.data === undefined ? {} : { data: thin.data }),
    livemode: tx.realm.isLive,
    reason:
      requestId === null
        ? null
        : { type: 'request', request: { id: requestId, idempotency_key: idempotencyKey ?? '' } },
    ...(thin.related === null ? {} : { related_object: thin.related }),
    ...(thin.snapshot === undefined ? {} : { snapshot_event: thin.snapshot }),
    type: thin.type,
    inner: { recordedAt: tx.now(null) },
  })
  for (const destination of tx.oldestFirst('v2.core.event_destination')) {
    const isSubscribed =
      destination.event_payload === 'thin' &&
      (destination.enabled_events.includes(thin.type) || destination.enabled_events.includes('*'))
    const isMeant = thin.only === undefined ? isSubscribed : thin.only === destination.id
    const isWanted = destination.status === 'enabled' && isMeant
    if (!isWanted) continue
    addDelivery(tx, {
      event: event.id,
      eventKind: KIND,
      endpoint: destination.id,
      endpointKind: 'v2.core.event_destination',
      url: destination.inner.url,
    })
  }
  return event
}

/** What is sent: everything but the data. */
export function toNotification(document: Documents['v2.core.event']): unknown {
  const { inner: _inner, data: _data, ...notification } = document
  return notification
}
