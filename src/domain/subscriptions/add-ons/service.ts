import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { HeldAddOn } from '../../catalog/add-ons.ts'
import type { Catalog } from '../../catalog/service.ts'
import type { AddOnChoice } from '../subscription.ts'
import * as store from './store.ts'
import type { AddOnStay } from './store.ts'

/** An add-on from when until when; null is until further notice. */
export interface AddOnHolding extends HeldAddOn {
  readonly startsAt: Instant
  readonly endsAt: Instant | null
}

export type AddOns = ReturnType<typeof createAddOns>

/** The history of what subscriptions have on top of their plans. Callers hold the customer's lock. */
export function createAddOns({
  catalog,
  database,
}: {
  readonly catalog: Catalog
  readonly database: Database
}) {
  return {
    async history(
      mode: Mode,
      subscriptionId: string,
      db: Db = database.db,
    ): Promise<AddOnHolding[]> {
      const holdings: AddOnHolding[] = []
      for (const { versionId, ...stay } of await store.list(db, mode, subscriptionId)) {
        holdings.push({ ...stay, version: await catalog.getVersion(mode, versionId, db) })
      }
      return holdings
    },

    /** Of many subscriptions at once, for reports; whoever asks knows the versions. */
    async ofMany(mode: Mode, ids: readonly string[]): Promise<ReadonlyMap<string, AddOnStay[]>> {
      const all = await store.listOf(database.db, mode, ids)
      return Map.groupBy(all, ({ subscriptionId }) => subscriptionId)
    },

    /** What there is from an instant on; what stays the same goes on as it began. */
    async put(
      tx: Db,
      mode: Mode,
      subscriptionId: string,
      wanted: readonly AddOnChoice[],
      at: Instant,
    ): Promise<void> {
      const held = (await store.list(tx, mode, subscriptionId)).filter(
        ({ endsAt }) => endsAt === null,
      )
      for (const stay of held) {
        if (!wanted.some((choice) => isSameChoice(choice, stay))) {
          await store.end(tx, mode, subscriptionId, stay, at)
        }
      }
      for (const choice of wanted) {
        if (!held.some((stay) => isSameChoice(choice, stay))) {
          await store.insert(tx, mode, subscriptionId, choice, at)
        }
      }
    },
  }
}

export function isSameChoice(a: AddOnChoice, b: AddOnChoice): boolean {
  return a.versionId === b.versionId && a.quantity === b.quantity
}
