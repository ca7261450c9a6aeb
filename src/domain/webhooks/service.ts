import { notFound } from '../../errors.ts'
import type { Clock } from '../../kit/clock.ts'
import { DAY_MS } from '../../kit/instant.ts'
import { type Mode, MODES } from '../../kit/mode.ts'
import type { Page, PageRequest, TimePage } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Connections } from '../connections/service.ts'
import type { Findings } from '../findings/service.ts'
import type { Settings } from '../settings/service.ts'
import type { InboxEvent } from './inbox-event.ts'
import { createIntake, INBOX_CHANNEL } from './intake.service.ts'
import { createPoller } from './poller.service.ts'
import type { Route } from './route.ts'
import * as store from './store.ts'
import { STRANGER } from './sync.ts'
import { createInboxWorker } from './worker.service.ts'

const KEEP_BODIES_MS = 90 * DAY_MS
const MAX_EMPTIED_PER_RUN = 10_000

interface InboxDeps {
  readonly accounts: Pick<Accounts, 'lockFree'>
  readonly database: Database
  readonly audit: Audit
  readonly clocks: Clocks
  readonly connections: Connections
  readonly findings: Findings
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Log
  /** By event type; types without an entry are stored and ignored. */
  readonly routes: ReadonlyMap<string, Route>
}

export type Inbox = ReturnType<typeof createInbox>

/** Stripe's events: verified, stored, answered, and only then applied. */
export function createInbox(deps: InboxDeps) {
  const { database, audit, clock, routes } = deps
  const intake = createIntake({ ...deps, hasRoute: (type) => routes.has(type) })
  const worker = createInboxWorker(deps)
  const thinTypes = [...routes.keys()].filter(isThin)
  const poller = createPoller({ ...deps, intake, thinTypes })

  return {
    receive: intake.receive,
    poll: poller.poll,
    pollSince: poller.pollSince,
    start: worker.start,
    stop: worker.stop,

    list(mode: Mode, filter: store.InboxFilter, page: PageRequest): Promise<Page<InboxEvent>> {
      return store.list(database.db, mode, filter, page)
    },

    ofCustomer: (mode: Mode, stripeCustomerId: string, page: TimePage) =>
      store.listOfCustomer(database.db, mode, stripeCustomerId, page),

    async get(mode: Mode, id: string): Promise<InboxEvent & { body: unknown }> {
      const event = await store.find(database.db, mode, id)
      if (event === undefined) throw notFound('event')
      return event
    },

    backlog: (mode: Mode) => store.backlog(database.db, mode),

    async replay(caller: Caller, id: string): Promise<void> {
      await database.transaction(async (tx) => {
        if (!(await store.replay(tx, caller.mode, id, clock.now()))) throw notFound('event')
        const target = { targetKind: 'stripe_event', targetId: id }
        await audit.record(tx, caller, { action: 'webhook.replayed', ...target })
        await database.publish(tx, INBOX_CHANNEL, '')
      })
    },

    /** A Stripe customer became one of ours: events about it that came before are looked at. */
    async welcome(tx: Db, mode: Mode, stripeCustomerId: string): Promise<void> {
      await store.revive(tx, mode, stripeCustomerId, STRANGER.why, clock.now())
      await database.publish(tx, INBOX_CHANNEL, '')
    },

    /** The types to subscribe an endpoint to: what is not handled is not asked for. */
    eventTypes: (): string[] => [...routes.keys()].filter((type) => !isThin(type)),

    /** Types that exist only as thin events, which go to a destination of their own. */
    thinEventTypes: (): readonly string[] => thinTypes,

    /** Forgets the content of events long settled. */
    async prune(): Promise<void> {
      await store.emptyBodies(database.db, clock.now() - KEEP_BODIES_MS, MAX_EMPTIED_PER_RUN)
    },

    /** Applies what was delivered and is due, without asking Stripe what else there is. */
    apply: worker.drain,

    /** Applies everything that is due, polled or delivered; for the test clock and for tests. */
    async drain(): Promise<void> {
      for (const mode of MODES) await poller.poll(mode)
      await worker.drain()
    },
  }
}

function isThin(type: string): boolean {
  return type.startsWith('v1.')
}
