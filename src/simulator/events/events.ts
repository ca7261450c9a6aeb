import { DAY_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Event } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { exclusiveParameters } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'

/** Stripe keeps events 30 days. */
export const EVENT_LIFETIME_SECONDS = (30 * DAY_MS) / SECOND_MS

export const eventOperations: Handlers = {
  'GET /v1/events': ({ tx, params }) => {
    if (params.type !== undefined && params.types !== undefined) {
      throw exclusiveParameters('type', 'types')
    }
    const patterns = params.types ?? (params.type === undefined ? undefined : [params.type])
    return listPage(tx, 'event', {
      url: '/v1/events',
      params,
      matches: (event) =>
        event.inner.recordedAt >= tx.now(null) - EVENT_LIFETIME_SECONDS &&
        (patterns?.some((pattern) => matchesType(event.type, pattern)) ?? true) &&
        (params.delivery_success === undefined ||
          hasFailedDelivery(tx, event.id) !== params.delivery_success) &&
        isInRange(event.created, params.created),
    })
  },

  'GET /v1/events/{id}': ({ tx, id }) => tx.present('event', getById(tx, 'event', id).id),
}

export function presentEvent(
  tx: Transaction,
  { inner: _inner, ...event }: Documents['event'],
): Event {
  const pending = tx
    .where('delivery', 'event', event.id)
    .filter((delivery) => delivery.state === 'pending' || delivery.state === 'failed')
  return { ...event, pending_webhooks: pending.length }
}

function matchesType(type: string, pattern: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern
}

function hasFailedDelivery(tx: Transaction, event: string): boolean {
  return tx.where('delivery', 'event', event).some(({ state }) => state !== 'delivered')
}

/** Forgets events older than Stripe keeps them, their deliveries, and thin events. */
export function forgetOldEvents(tx: Transaction): void {
  const before = tx.now(null) - EVENT_LIFETIME_SECONDS
  for (const kind of ['event', 'v2.core.event'] as const) {
    const expired: string[] = []
    for (const event of tx.oldestFirst(kind)) {
      if (event.inner.recordedAt >= before) break
      expired.push(event.id)
    }
    for (const id of expired) {
      for (const delivery of tx.where('delivery', 'event', id)) tx.remove('delivery', delivery.id)
      tx.remove(kind, id)
    }
  }
}
