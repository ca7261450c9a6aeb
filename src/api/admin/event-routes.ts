import type { z } from 'zod'
import { formatInstant, parseInstant } from '../../kit/instant.ts'
import { findUnstorable } from '../../kit/storable.ts'
import {
  type EventResult,
  rejected,
  type StoredEvent,
  type UsageEvent,
} from '../../domain/ingest/usage-event.ts'
import { contract } from '../contract/contract.ts'
import { usageEvent } from '../contract/events.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'

/** Usage that happened elsewhere. */
export function eventRoutes({ ingest }: Services): Implementation[] {
  return [
    implement(contract.sendEvents, async ({ body, query }, { caller }) => {
      const payloads: readonly unknown[] = Array.isArray(body) ? body : [body]
      const events = payloads.map(readEvent)
      const results = await ingest.take(caller.mode, events, payloads, query.backfill === 'true')
      const howMany = (state: EventResult['state']) =>
        results.filter((result) => result.state === state).length
      return {
        counted: howMany('counted'),
        duplicates: howMany('duplicate'),
        unmatched: howMany('unmatched'),
        rejected: howMany('rejected'),
        results,
      }
    }),

    implement(contract.listEvents, async ({ query }, { caller }) => {
      const { data, nextCursor } = await ingest.list(caller.mode, query, query)
      return { data: data.map(eventToApi), nextCursor }
    }),

    implement(contract.listRejectedEvents, async ({ query }, { caller }) => {
      const { data, nextCursor } = await ingest.rejects(caller.mode, query)
      return {
        data: data.map((reject) => ({ ...reject, receivedAt: formatInstant(reject.receivedAt) })),
        nextCursor,
      }
    }),

    implement(contract.voidEvent, async ({ body }, { caller }) =>
      eventToApi(await ingest.void(caller, body.source, body.id, body.reason)),
    ),

    implement(contract.replaceEvent, async ({ body }, { caller }) => {
      const { source, id, by, reason } = body
      return eventToApi(await ingest.replace(caller, source, id, toEvent(by), reason))
    }),
  ]
}

/** One event of a batch: a broken one must not keep the others from counting. */
function readEvent(payload: unknown): UsageEvent | EventResult {
  const unstorable = findUnstorable(payload)
  if (unstorable !== undefined) {
    const { path, message } = unstorable
    return rejected('event_invalid', `${path.join('.') || 'the event'}: ${message}`)
  }
  const { success, data: event, error } = usageEvent.safeParse(payload)
  if (!success) {
    const problems = error.issues.map(({ path, message }) =>
      [path.join('.'), message].filter((part) => part !== '').join(': '),
    )
    return rejected('event_invalid', problems.join('; '))
  }
  return toEvent(event)
}

function toEvent(event: z.output<typeof usageEvent>): UsageEvent {
  const { source, id, type, time, subject, subscription, data } = event
  return {
    source,
    id,
    type,
    time: typeof time === 'string' ? (parseInstant(time) ?? null) : null,
    subject: subject ?? null,
    subscriptionId: subscription ?? null,
    data: data ?? {},
  }
}

function eventToApi({ mode: _mode, at, receivedAt, ...event }: StoredEvent) {
  return { ...event, at: formatInstant(at), receivedAt: formatInstant(receivedAt) }
}
