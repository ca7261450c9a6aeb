import type { Mode } from '../../kit/mode.ts'
import type { Db } from '../../platform/database/database.ts'
import type { StripeCollection } from '../../stripe/invoices.ts'
import { isInvoiced, type PlanDefinition } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Settings } from '../settings/service.ts'
import type { Subscription } from '../subscriptions/subscription.ts'

const CHARGED: StripeCollection = { method: 'charge_automatically' }

interface DueDatesDeps {
  readonly catalog: Catalog
  readonly settings: Settings
}

export type DueDates = ReturnType<typeof createDueDates>

/** How invoices are collected, and in how many days those are due that are sent. */
export function createDueDates({ catalog, settings }: DueDatesDeps) {
  async function sent(
    mode: Mode,
    { daysUntilDue }: PlanDefinition,
    db?: Db,
  ): Promise<StripeCollection> {
    const days = daysUntilDue ?? Number(await settings.get(mode, 'invoices.due_days', db))
    return { method: 'send_invoice', daysUntilDue: days }
  }

  return {
    ofPlan: async (mode: Mode, definition: PlanDefinition, db?: Db): Promise<StripeCollection> =>
      isInvoiced(definition) ? sent(mode, definition, db) : CHARGED,

    /** Somebody may have changed in Stripe how this one is collected. */
    async ofSubscription(
      { mode, planVersionId, collection }: Subscription,
      db?: Db,
    ): Promise<StripeCollection> {
      if (collection === 'charge_automatically') return CHARGED
      const { definition } = await catalog.getVersion(mode, planVersionId, db)
      return sent(mode, definition, db)
    },
  }
}
