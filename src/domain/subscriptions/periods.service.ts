import { newId } from '../../kit/id.ts'
import { type Instant, SECOND_MS } from '../../kit/instant.ts'
import { boundary, duration, type Period, periodAt } from '../../kit/period.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Catalog } from '../catalog/service.ts'
import * as store from './store.ts'
import type { Subscription } from './subscription.ts'

/** Billing periods of subscriptions that no Stripe subscription stands behind. Callers hold the customer's lock. */
export function createPeriods({ catalog }: { readonly catalog: Catalog }) {
  async function rollOver(tx: Db, subscription: Subscription, now: Instant): Promise<void> {
    const { mode, id, billingAnchor, planVersionId } = subscription
    const version = await catalog.getVersion(mode, planVersionId, tx)
    const cadence = duration(version.definition.billingCadence)
    const current = periodAt(billingAnchor, cadence, now)
    for (;;) {
      const open = await store.openPeriod(tx, mode, id)
      if (open === undefined || open.ordinal >= current.ordinal) return
      await store.updatePeriod(tx, mode, open.id, { state: 'closed', closedAt: open.endsAt })
      await store.insertPeriod(tx, mode, {
        id: newId('period', now),
        subscriptionId: id,
        ordinal: open.ordinal + 1,
        startsAt: open.endsAt,
        endsAt: boundary(billingAnchor, cadence, open.ordinal + 2),
        planVersionId,
        state: 'open',
        closedAt: null,
      })
    }
  }

  async function openPeriod(
    tx: Db,
    { mode, id, planVersionId }: Subscription,
    { startsAt, endsAt }: Period,
    now: Instant,
    /** Whether usage of the one before is still handed over to Stripe, for its invoice of it. */
    isHandingOver = false,
  ): Promise<void> {
    const open = await store.openPeriod(tx, mode, id)
    if (open !== undefined && open.startsAt >= startsAt) {
      // It would have lasted no time at all.
      await store.updatePeriod(tx, mode, open.id, { startsAt, endsAt })
      return
    }
    if (open !== undefined) {
      const ended = isHandingOver
        ? ({ state: 'closing', endsAt: startsAt } as const)
        : ({ state: 'closed', closedAt: startsAt, endsAt: startsAt } as const)
      await store.updatePeriod(tx, mode, open.id, ended)
    }
    // After a pause none is open; the next one still comes after the last.
    const [latest] = await store.listPeriods(tx, mode, id)
    await store.insertPeriod(tx, mode, {
      id: newId('period', now),
      subscriptionId: id,
      ordinal: (latest?.ordinal ?? -1) + 1,
      startsAt,
      endsAt,
      planVersionId,
      state: 'open',
      closedAt: null,
    })
  }

  async function closeOpenPeriod(tx: Db, { mode, id }: Subscription, at: Instant): Promise<void> {
    const open = await store.openPeriod(tx, mode, id)
    if (open === undefined) return
    const endsAt = Math.max(at, open.startsAt + SECOND_MS)
    await store.updatePeriod(tx, mode, open.id, { state: 'closed', closedAt: at, endsAt })
  }

  return { rollOver, openPeriod, closeOpenPeriod }
}
