import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'

export function isSubscribedTo(enabledEvents: readonly string[], type: string): boolean {
  return enabledEvents.includes(type) || enabledEvents.includes('*')
}

/** Puts the event into the outbox of everybody who wants it, in the transaction that wrote the event. */
export function fanOut(tx: Transaction, event: Documents['event']): void {
  for (const endpoint of tx.oldestFirst('webhook_endpoint')) {
    if (endpoint.status !== 'enabled' || !isSubscribedTo(endpoint.enabled_events, event.type)) {
      continue
    }
    deliverSnapshot(tx, event.id, { id: endpoint.id, kind: 'webhook_endpoint', url: endpoint.url })
  }
  for (const destination of tx.oldestFirst('v2.core.event_destination')) {
    const isWanted =
      destination.status === 'enabled' &&
      destination.event_payload === 'snapshot' &&
      isSubscribedTo(destination.enabled_events, event.type)
    if (!isWanted) continue
    const { id, inner } = destination
    deliverSnapshot(tx, event.id, { id, kind: 'v2.core.event_destination', url: inner.url })
  }
}

interface Target {
  readonly id: string
  readonly kind: Documents['delivery']['endpointKind']
  readonly url: string
}

export function deliverSnapshot(tx: Transaction, event: string, target: Target): void {
  addDelivery(tx, {
    event,
    eventKind: 'event',
    endpoint: target.id,
    endpointKind: target.kind,
    url: target.url,
  })
}

export function addDelivery(
  tx: Transaction,
  given: Pick<Documents['delivery'], 'event' | 'eventKind' | 'endpoint' | 'endpointKind' | 'url'>,
  id = tx.newId('whd'),
): void {
  tx.insert('delivery', {
    id,
    ...given,
    state: 'pending',
    attempts: [],
    nextAttemptAt: tx.now(null),
  })
}
