import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { PlanVersion } from '../catalog/plan.ts'
import * as store from './store.ts'

export type InvitedPlans = ReturnType<typeof createInvitedPlans>

/** Which plans are open to a customer; beneath purchases and changes of plan, which ask. */
export function createInvitedPlans({ database }: { readonly database: Database }) {
  async function keys(
    mode: Mode,
    customerId: string,
    db: Db = database.db,
  ): Promise<ReadonlySet<string>> {
    return new Set(await store.listPlanKeys(db, mode, customerId))
  }

  return {
    keys,

    /** Public, or private with an invitation that was accepted. */
    async isOpenTo(
      mode: Mode,
      { planKey, definition }: PlanVersion,
      customerId: string,
      db: Db = database.db,
    ): Promise<boolean> {
      return definition.visibility === 'public' || (await keys(mode, customerId, db)).has(planKey)
    },
  }
}
