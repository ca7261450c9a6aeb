import type { Clock } from '../../kit/clock.ts'
import { MINUTE_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { Connections } from '../connections/service.ts'
import type { Findings } from '../findings/service.ts'
import { type EventGroup, type EventLine, isNameless, sortEvents } from './event-groups.ts'
import { type LeasedEvent, nextAttemptAt } from './inbox-event.ts'
import { INBOX_CHANNEL } from './intake.service.ts'
import type { Route, Target } from './route.ts'
import * as store from './store.ts'
import type { SyncResult } from './sync.ts'

const LEASE_MS = MINUTE_MS
const CLAIM_COUNT = 100
/** Customers whose events are applied side by side. */
const LINES_AT_ONCE = 8
const POLL_MS = SECOND_MS
const MAX_DRAIN_ROUNDS = 10_000

interface WorkerDeps {
  readonly database: Database
  readonly connections: Connections
  readonly findings: Findings
  readonly clock: Clock
  readonly log: Log
  readonly routes: ReadonlyMap<string, Route>
}

/** What a look at one object brought: its current state, or that Stripe no longer has it. */
interface Look {
  readonly target: Target
  readonly fetched: unknown
}

/** Thrown inside the transaction that applies a group, so that nothing of it stays. */
class Parked extends Error {}

/**
 * Applies what is in the inbox. The content of an event is never trusted as state; it tells which objects to fetch.
 * Applying them and marking the events as processed are one transaction.
 */
export function createInboxWorker(deps: WorkerDeps) {
  const { database, connections, findings, clock, log, routes } = deps
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | undefined
  let isWantedAgain = false
  let isStopping = false
  let unsubscribe: (() => void) | undefined

  async function work(): Promise<number> {
    const now = clock.now()
    const events = await store.claim(database.db, now, now + LEASE_MS, CLAIM_COUNT)
    const { lines, idle } = sortEvents(events, routes)
    if (idle.length > 0) {
      const error = 'there is nothing to look at'
      await store.settle(database.db, idle, { state: 'ignored', error }, now)
    }
    await followLines(lines.filter((line) => !isNameless(line)))
    // Disputes and refunds do not say whose they are: what they refer to comes first.
    await followLines(lines.filter(isNameless))
    return events.length
  }

  async function followLines(lines: readonly EventLine[]): Promise<void> {
    const waiting = lines.toReversed()
    const workers = Array.from({ length: Math.min(LINES_AT_ONCE, lines.length) }, async () => {
      for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
        for (const group of line) await process(group)
      }
    })
    await Promise.all(workers)
  }

  async function process(group: EventGroup): Promise<void> {
    try {
      await follow(group)
    } catch (error) {
      if (error instanceof Parked) await retry(group.events, 'parked', error.message)
      else await fail(group.events, error)
    }
  }

  async function follow({ events, targets }: EventGroup): Promise<void> {
    const [first] = events
    if (first === undefined) return
    const connected = await connections.stripe(first.mode)
    const ticket = await connections.ticket()
    const looks = await Promise.all(
      targets.map(async (target): Promise<Look> => {
        return { target, fetched: await target.sync.fetch(connected, target.objectId) }
      }),
    )
    await database.transaction(async (tx) => {
      const results: SyncResult[] = []
      for (const { target, fetched } of looks) {
        const { sync, objectId } = target
        const result =
          fetched === undefined
            ? ((await sync.gone?.(tx, connected, objectId, ticket)) ?? GONE)
            : await sync.apply(tx, connected, fetched, ticket)
        if (result.kind === 'parked') throw new Parked(result.why)
        results.push(result)
      }
      const isApplied = results.some(({ kind }) => kind === 'applied')
      const ignored = results.find((result) => result.kind === 'ignored')
      const outcome = isApplied
        ? { state: 'processed' as const }
        : { state: 'ignored' as const, error: ignored?.why ?? null }
      const held = await store.settle(tx, events, outcome, clock.now())
      if (held < events.length) throw new Error('The lease of the event was lost')
      const customers = events.flatMap(({ stripeCustomerId }) => stripeCustomerId ?? [])
      if (isApplied) await store.unpark(tx, first.mode, [...new Set(customers)], clock.now())
    })
  }

  async function fail(events: readonly LeasedEvent[], error: unknown): Promise<void> {
    const [first] = events
    log.warn('webhook.failed', {
      eventId: first?.id,
      type: first?.type,
      attempt: first?.attempts,
      error,
    })
    const message = error instanceof Error ? error.message : String(error)
    await retry(events, 'failed', message.slice(0, 1000))
  }

  async function retry(
    events: readonly LeasedEvent[],
    state: 'parked' | 'failed',
    error: string,
  ): Promise<void> {
    const now = clock.now()
    for (const event of events) {
      const nextAt = nextAttemptAt(event, now)
      if (nextAt === undefined) await bury(event, error)
      else await store.settle(database.db, [event], { state, error, nextAt }, now)
    }
  }

  /** Given up: an operator has to look at it. */
  async function bury(event: LeasedEvent, error: string): Promise<void> {
    log.error('webhook.dead', { eventId: event.id, type: event.type, error })
    await database.transaction(async (tx) => {
      const held = await store.settle(tx, [event], { state: 'dead', error }, clock.now())
      if (held === 0) return
      await findings.report(tx, {
        mode: event.mode,
        category: 'webhook',
        subjectKind: 'stripe_event',
        subjectId: event.id,
        customerId: null,
        summary: `The event ${event.type} could not be applied for three days: ${error}`,
        ours: null,
        theirs: { type: event.type, objectId: event.objectId },
        dedupeKey: `webhook:${event.id}`,
      })
    })
  }

  function wake(): void {
    if (working !== undefined) {
      isWantedAgain = true
      return
    }
    working = workUntilIdle()
      .catch((error: unknown) => log.warn('inbox.interrupted', { error }))
      .finally(() => {
        working = undefined
        if (!isWantedAgain) return
        isWantedAgain = false
        if (!isStopping) wake()
      })
  }

  async function workUntilIdle(): Promise<void> {
    for (let round = 0; round < MAX_DRAIN_ROUNDS; round++) {
      if (isStopping || (await work()) === 0) return
    }
  }

  /** One round may begin while another ends. */
  async function underWay(): Promise<void> {
    for (let round = working; round !== undefined; round = working) await round
  }

  return {
    start(): void {
      isStopping = false
      unsubscribe = database.subscribe(INBOX_CHANNEL, wake)
      timer = setInterval(wake, POLL_MS)
      wake()
    },

    async stop(): Promise<void> {
      unsubscribe?.()
      clearInterval(timer)
      isStopping = true
      await working
    },

    /** Applies everything that is due. */
    async drain(): Promise<void> {
      // What is under way counts, too: it holds what would not be found here.
      await underWay()
      wake()
      await underWay()
    },
  }
}

const GONE: SyncResult = { kind: 'ignored', why: 'Stripe no longer has the object' }
