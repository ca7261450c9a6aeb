import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Connections } from '../connections/service.ts'
import type { Settings } from '../settings/service.ts'
import type { Intake } from './intake.service.ts'

/** Stripe stamps whole seconds and lists with a delay; looking back a little costs nothing, duplicates are free. */
const OVERLAP_MS = 2 * MINUTE_MS
/** Stripe keeps events for 30 days; what is older has to be found by comparing. */
const MAX_BACK_MS = 30 * DAY_MS
/** How far the first look of a new connection reaches: what was before us is not ours. */
const FIRST_LOOK_MS = HOUR_MS
/** Thin events are few and have no place of their own to go on from. */
const THIN_LOOK_MS = DAY_MS

interface PollerDeps {
  readonly database: Database
  readonly clocks: Clocks
  readonly connections: Connections
  readonly settings: Settings
  readonly intake: Intake
  readonly log: Log
  readonly thinTypes: readonly string[]
}

/** Asks Stripe for its events, and so finds what webhooks missed while we were down or unreachable. */
export function createPoller(deps: PollerDeps) {
  const { database, clocks, connections, settings, intake, log, thinTypes } = deps

  async function fetchSince(
    mode: Mode,
    since: Instant,
  ): Promise<{ found: number; latest: Instant }> {
    const { api } = await connections.stripe(mode)
    let found = 0
    let latest = since
    for await (const page of api.events.pagesSince(since)) {
      const isNew = await Promise.all(page.map((event) => intake.keep(event, 'poll')))
      found += isNew.filter(Boolean).length
      latest = Math.max(latest, ...page.map(({ occurredAt }) => occurredAt))
    }
    return { found, latest }
  }

  async function fetchThin(mode: Mode, since: Instant): Promise<number> {
    const { api } = await connections.stripe(mode)
    let found = 0
    for await (const page of api.events.thinPagesSince(since, thinTypes)) {
      const isNew = await Promise.all(page.map((event) => intake.keep(event, 'poll')))
      found += isNew.filter(Boolean).length
    }
    return found
  }

  return {
    /** What came since the last time. The place is moved only when all of it is stored. */
    async poll(mode: Mode): Promise<number> {
      if (!(await connections.isConnected(mode))) return 0
      const cursor = await settings.get(mode, 'payment.stripe.events_cursor')
      const since =
        cursor === null ? clocks.now(mode) - FIRST_LOOK_MS : Number(cursor) * SECOND_MS - OVERLAP_MS
      const { found, latest } = await fetchSince(mode, since)
      const next = String(Math.floor(latest / SECOND_MS))
      if (next !== cursor) {
        await settings.write(database.db, mode, 'payment.stripe.events_cursor', next)
      }
      // A restricted key may be allowed the one list and not the other.
      const thin = await fetchThin(mode, clocks.now(mode) - THIN_LOOK_MS).catch(
        (error: unknown) => {
          log.warn('stripe.thin_poll_failed', { mode, error })
          return 0
        },
      )
      return found + thin
    },

    /** Everything since an instant, for an operator; at most what Stripe keeps. */
    async pollSince(mode: Mode, since: Instant): Promise<number> {
      const oldest = clocks.now(mode) - MAX_BACK_MS
      const from = Math.max(since, oldest)
      const { found } = await fetchSince(mode, from)
      return found + (await fetchThin(mode, from))
    },
  }
}
