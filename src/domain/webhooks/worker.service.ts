import type { Clock } from '../../kit/clock.ts'
import { MINUTE_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Connections } from '../connections/service.ts'
import type { Findings } from '../findings/service.ts'
import { createApplier, Parked } from './apply.service.ts'
import { createBursts } from './bursts.ts'
import { type EventLine, isNameless, sortEvents } from './event-groups.ts'
import { type LeasedEvent, nextAttemptAt } from './inbox-event.ts'
import { INBOX_CHANNEL } from './intake.service.ts'
import type { Route } from './route.ts'
import * as store from './store.ts'
import { createTurns } from './turns.ts'

const LEASE_MS = 2 * MINUTE_MS
/** Claimed together, so that the events of a burst are found together. */
const CLAIM_COUNT = 300
/** More would keep a customer locked for long. */
const GROUPS_AT_ONCE = 10
/** Customers whose events are applied in one transaction. More would keep them all locked for long. */
const LINES_TOGETHER = 16
/** One fetches while another writes. */
const TOGETHER_AT_ONCE = 2
/** Customers whose events have transactions of their own, side by side. */
const ALONE_AT_ONCE = 8
const POLL_MS = SECOND_MS
const MAX_DRAIN_ROUNDS = 10_000

interface WorkerDeps {
  readonly accounts: Pick<Accounts, 'lockFree'>
  readonly database: Database
  readonly connections: Connections
  readonly findings: Findings
  readonly clock: Clock
  readonly log: Log
  readonly routes: ReadonlyMap<string, Route>
}

/**
 * Applies what is in the inbox. The content of an event is never trusted as state; it tells which objects to fetch.
 * Applying them and marking the events as processed are one transaction.
 */
export function createInboxWorker(deps: WorkerDeps) {
  const { database, findings, clock, log, routes } = deps
  const applier = createApplier({ ...deps, setAside })
  const bursts = createBursts(wake)
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
    await inTurns(lines.filter(isNameless), ALONE_AT_ONCE, applyInPieces)
    return events.length
  }

  /** Those of one mode together, several at once; what was tried before goes by itself, so that it fails by itself. */
  async function followLines(lines: readonly EventLine[]): Promise<void> {
    const isAlone = (line: EventLine) => line.length > GROUPS_AT_ONCE || wasTried(line)
    const alone = lines.filter(isAlone).map((line) => [line])
    const byMode = Map.groupBy(
      lines.filter((line) => !isAlone(line)),
      (line) => line[0]?.events[0]?.mode,
    )
    const together = [...byMode.values()].flatMap((ofMode) => chunksOf(ofMode, LINES_TOGETHER))
    await inTurns(together, TOGETHER_AT_ONCE, (chunk) => applier.apply(chunk))
    await inTurns(alone, ALONE_AT_ONCE, ([line]) => applyInPieces(line ?? []))
  }

  async function applyInPieces(line: EventLine): Promise<void> {
    for (const piece of chunksOf(line, GROUPS_AT_ONCE)) await applier.apply([piece])
  }

  async function setAside(events: readonly LeasedEvent[], error: unknown): Promise<void> {
    if (error instanceof Parked) await retry(events, 'parked', error.message)
    else await fail(events, error)
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
      // What arrives meanwhile is the rest of a burst, which is better applied when it is complete.
      if (isStopping || bursts.isWaiting() || (await work()) === 0) return
    }
  }

  /** One round may begin while another ends. */
  async function underWay(): Promise<void> {
    for (let round = working; round !== undefined; round = working) await round
  }

  return {
    start(): void {
      isStopping = false
      unsubscribe = database.subscribe(INBOX_CHANNEL, bursts.hear)
      timer = setInterval(() => {
        if (!bursts.isWaiting()) wake()
      }, POLL_MS)
      wake()
    },

    async stop(): Promise<void> {
      unsubscribe?.()
      clearInterval(timer)
      bursts.end()
      isStopping = true
      await working
    },

    /** Applies everything that is due. */
    async drain(): Promise<void> {
      bursts.end()
      // What is under way counts, too: it holds what would not be found here.
      await underWay()
      wake()
      await underWay()
    },
  }
}

function wasTried(line: EventLine): boolean {
  return line.some(({ events }) => events.some(({ attempts }) => attempts > 1))
}

function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  )
}

async function inTurns<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const inTurn = createTurns(atOnce)
  await Promise.all(items.map((item) => inTurn(() => work(item))))
}
