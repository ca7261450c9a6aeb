import { AppError } from '../../errors.ts'
import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS } from '../../kit/instant.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Connections } from '../connections/service.ts'
import type { Reporting } from '../reporting/service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import type { Inbox } from '../webhooks/service.ts'

/** The simulated Stripe's own clock, moved over its control interface. */
export interface SimulatedClock {
  /** Answers by how many milliseconds it is ahead of the machine's clock from then on. */
  advanceTo(to: Instant): Promise<number>
}

interface TimeTravelDeps {
  readonly clocks: Clocks
  readonly connections: Connections
  readonly inbox: Inbox
  readonly reporting: Reporting
  readonly subscriptions: Subscriptions
  readonly simulatedClock: SimulatedClock | undefined
  /** Everything the gateways counted is in the database. */
  readonly flushUsage: () => Promise<void>
  /** When money has something due next: a retry, a deadline, an expiry. */
  readonly nextDue: (after: Instant) => Promise<Instant | undefined>
  /** Runs what our own engines have due now. */
  readonly runDue: () => Promise<void>
}

/** Stripe leaves a renewal's invoice as a draft for an hour before it becomes final. */
const DRAFT_MS = HOUR_MS + MINUTE_MS
/**
 * Stripe forgets its events after thirty days. What happens there where we have no boundary, such as the end of a draft
 * whose beginning another process saw, is heard of at the end of the leg.
 */
const LONGEST_LEG_MS = 10 * DAY_MS
/** A year of daily periods, with room; a journey that needs more is a mistake. */
const MAX_STOPS = 2_000

const earliest = (times: readonly (Instant | undefined)[]): Instant | undefined =>
  times.reduce(
    (first, at) => (at !== undefined && (first === undefined || at < first) ? at : first),
    undefined,
  )

export type TimeTravel = ReturnType<typeof createTimeTravel>

/**
 * Advances test mode: the simulated Stripe, the gateways' quota windows and our own billing, together. The journey stops
 * at every boundary on the way, because in between usage must reach Stripe before an invoice is final, and what Stripe
 * then reports may open the next period.
 */
export function createTimeTravel(deps: TimeTravelDeps) {
  const { clocks, connections, inbox, reporting, subscriptions, simulatedClock } = deps

  async function settle(): Promise<void> {
    await inbox.drain()
    await deps.runDue()
    await inbox.drain()
  }

  async function moveTo(at: Instant): Promise<void> {
    if (simulatedClock === undefined) return
    // One offset for both: what Stripe says has begun must have begun for the gateways too.
    await clocks.setTestOffset(await simulatedClock.advanceTo(at))
    await settle()
  }

  return {
    /**
     * A process that died on a journey leaves the simulated Stripe further on than us. Whoever starts after it goes on from
     * there: Stripe takes nothing that is dated before its own time.
     */
    async catchUp(): Promise<void> {
      if (!(await connections.view('test')).isSimulated || simulatedClock === undefined) return
      await clocks.setTestOffset(await simulatedClock.advanceTo(clocks.now('test')))
    },

    /**
     * Moves test mode's time to `to`, or a little further where that is within the hour in which a renewal's invoice is
     * still a draft: who travels a month wants to see it paid. Answers the time it is then.
     */
    async advance(to: Instant): Promise<Instant> {
      if (!(await connections.view('test')).isSimulated || simulatedClock === undefined) {
        throw new AppError('clock_not_movable', {})
      }
      if (to <= clocks.now('test')) throw new AppError('clock_backwards', {})
      await deps.flushUsage()
      // Stripe forgets its events after thirty days, and the journey may be longer. What is due now is done now.
      await settle()
      /** When the invoices of the renewals passed so far are final, oldest first. */
      const finals: Instant[] = []
      // Time runs on during a stop, and boundaries pass in it: each is looked for from the stop before, not from now.
      let passed = clocks.now('test')
      for (let count = 0; count < MAX_STOPS; count++) {
        const boundary = await subscriptions.nextBoundary('test', null, passed)
        const due = await deps.nextDue(passed)
        const [final] = finals
        const stop = earliest([
          ...[boundary, due, passed + LONGEST_LEG_MS].filter((at) => at !== undefined && at <= to),
          final,
        ])
        if (stop === undefined) break
        const at = Math.max(stop, clocks.now('test'))
        if (stop === final) finals.shift()
        if (stop === boundary) finals.push(at + DRAFT_MS)
        await reporting.flush('test')
        await moveTo(at)
        // A draft waits for what was used in its period's last moments.
        if (stop === boundary) await reporting.flush('test')
        passed = stop
      }
      if (clocks.now('test') < to) await moveTo(to)
      return clocks.now('test')
    },
  }
}
