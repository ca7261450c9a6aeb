import type { Instant } from '../../kit/instant.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Settings } from '../settings/service.ts'
import type { Subscription } from '../subscriptions/subscription.ts'
import { graceEndsAt, resolveGrace } from './payment-status.ts'
import type { Billing } from './service.ts'

interface GracesDeps {
  readonly accounts: Accounts
  readonly billing: Pick<Billing, 'standings'>
  readonly catalog: Catalog
  readonly settings: Settings
}

export type Graces = ReturnType<typeof createGraces>

/** When access ends for want of payment: what gateways block by is what customers are told. */
export function createGraces({ accounts, billing, catalog, settings }: GracesDeps) {
  return {
    async endsAt(
      customer: Customer,
      { mode, id, planVersionId }: Subscription,
      db?: Db,
    ): Promise<Instant | null> {
      const { definition } = await catalog.getVersion(mode, planVersionId, db)
      const days = await settings.get(mode, 'payment.max_overdue_days', db)
      const grace = resolveGrace(customer, definition, { maxPaymentOverdueDays: days })
      const invoices = await billing.standings(mode, id, db)
      return graceEndsAt(invoices, grace, { pauseWhileProcessing: true }, accounts.now(customer))
    },
  }
}
