import type { Mode } from '../../../kit/mode.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import * as store from './store.ts'

export type Purchases = ReturnType<typeof createPurchases>

/** Purchases under way. Callers hold the customer's lock. */
export function createPurchases({ database }: { readonly database: Database }) {
  return {
    insert: store.insert,
    update: store.update,
    find: (mode: Mode, id: string, db: Db = database.db) => store.find(db, mode, id),
    findOpen: (mode: Mode, customerId: string, db: Db = database.db) =>
      store.findOpen(db, mode, customerId),
  }
}
