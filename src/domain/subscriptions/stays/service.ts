import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Stay, StayInput } from './stay.ts'
import * as store from './store.ts'

export type Stays = ReturnType<typeof createStays>

/** The history of subscriptions. Callers hold the customer's lock. */
export function createStays({ database }: { readonly database: Database }) {
  return {
    list: (mode: Mode, subscriptionId: string, db: Db = database.db): Promise<readonly Stay[]> =>
      store.list(db, mode, subscriptionId),

    /** Of many subscriptions at once, for reports. */
    async ofMany(mode: Mode, ids: readonly string[]): Promise<ReadonlyMap<string, Stay[]>> {
      const all = await store.listOf(database.db, mode, ids)
      return Map.groupBy(all, ({ subscriptionId }) => subscriptionId)
    },

    /** Ends the current stay where the next one begins. One that would last no time at all leaves no trace. */
    async begin(tx: Db, mode: Mode, next: StayInput): Promise<void> {
      const before = await store.list(tx, mode, next.subscriptionId)
      const last = before.at(-1)
      if (last !== undefined && last.startsAt >= next.startsAt) await store.remove(tx, mode, last)
      else if (last !== undefined) {
        // What was paused ended then, and not where it goes on.
        if (last.endsBy !== 'pause') {
          const isAnother = next.startsBy === 'subscribe' || next.startsBy === 'resume'
          const endsBy = isAnother ? 'change' : next.startsBy
          await store.update(tx, mode, last, { endsAt: next.startsAt, endsBy })
        }
      }
      const ordinal = (last?.ordinal ?? -1) + 1
      await store.insert(tx, mode, { ...next, ordinal, endsAt: null, endsBy: null })
    },

    /** The subscription is over; with null it goes on after all. */
    async end(tx: Db, mode: Mode, subscriptionId: string, endsAt: Instant | null): Promise<void> {
      const last = (await store.list(tx, mode, subscriptionId)).at(-1)
      if (last === undefined || last.endsBy === 'pause') return
      const at = endsAt === null ? null : Math.max(endsAt, last.startsAt)
      if (last.endsAt === at) return
      await store.update(tx, mode, last, { endsAt: at, endsBy: at === null ? null : 'cancel' })
    },

    /** Nothing is sold until it goes on with the next stay. */
    async pause(tx: Db, mode: Mode, subscriptionId: string, at: Instant): Promise<void> {
      const last = (await store.list(tx, mode, subscriptionId)).at(-1)
      if (last === undefined || last.endsAt !== null) return
      const endsAt = Math.max(at, last.startsAt)
      await store.update(tx, mode, last, { endsAt, endsBy: 'pause' })
    },

    /**
     * What Stripe counts by: its anchor, and the end of a trial as it knows it. An anchor that lies ahead begins the paid
     * periods of a trial or of the calendar, which the plan says itself; a trial that was over before is none of this one.
     */
    async follow(
      tx: Db,
      mode: Mode,
      subscriptionId: string,
      told: { readonly billingAnchor: Instant; readonly trialEndsAt: Instant | null },
    ): Promise<void> {
      const last = (await store.list(tx, mode, subscriptionId)).at(-1)
      if (last === undefined || last.endsBy === 'pause') return
      const { startsAt } = last
      const { trialEndsAt } = told
      const isAhead = told.billingAnchor > startsAt
      // One that Stripe ended in its first second was none, and must not be taken for the plan's.
      const isOver = last.startsBy === 'subscribe' && trialEndsAt === startsAt
      const isOfThisStay = trialEndsAt !== null && (trialEndsAt > startsAt || isOver)
      // What Stripe knows nothing of: the rest of a phase that had begun before this stay did.
      const goesOn = last.startsBy !== 'subscribe' && last.startsBy !== 'change'
      const known = goesOn ? last.phaseEndsAt : null
      const counted = {
        // Where we billed the first period, the next one is where Stripe begins to count, and not where we did.
        billingAnchor: isAhead
          ? last.isOpenedHere
            ? last.billingAnchor
            : null
          : told.billingAnchor,
        phaseEndsAt: isOfThisStay ? trialEndsAt : known,
      }
      const isSame =
        last.billingAnchor === counted.billingAnchor && last.phaseEndsAt === counted.phaseEndsAt
      if (!isSame) await store.update(tx, mode, last, counted)
    },
  }
}
