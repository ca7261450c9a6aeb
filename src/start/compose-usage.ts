import type { Clock } from '../kit/clock.ts'
import type { Clocks } from '../domain/accounts/clocks.service.ts'
import type { Accounts } from '../domain/accounts/service.ts'
import type { Audit } from '../domain/audit/service.ts'
import type { Graces } from '../domain/billing/graces.service.ts'
import { createBudgetAlerts } from '../domain/budgets/alerts.service.ts'
import { createBudgets } from '../domain/budgets/service.ts'
import type { Catalog } from '../domain/catalog/service.ts'
import type { Credits } from '../domain/credits/service.ts'
import { withCredits } from '../domain/credits/spending/authority.ts'
import type { CreditSpending } from '../domain/credits/spending/service.ts'
import type { createAccessChanges } from '../domain/entitlements/access-changes.service.ts'
import { createAccessSource } from '../domain/entitlements/access.service.ts'
import { createQuotaAuthority } from '../domain/entitlements/quota-authority.service.ts'
import { createQuotaUsages } from '../domain/entitlements/quota-usage.service.ts'
import { createIngest } from '../domain/ingest/service.ts'
import type { Keys } from '../domain/keys/service.ts'
import { createReadings } from '../domain/metering/readings/readings.service.ts'
import type { Metering } from '../domain/metering/service.ts'
import type { Notifications } from '../domain/notifications/service.ts'
import type { Settings } from '../domain/settings/service.ts'
import type { Subscriptions } from '../domain/subscriptions/service.ts'
import type { Database } from '../platform/database/database.ts'

interface UsageParts {
  readonly database: Database
  readonly systemClock: Clock
  readonly accessChanges: ReturnType<typeof createAccessChanges>
  readonly accounts: Accounts
  readonly audit: Audit
  readonly catalog: Catalog
  readonly clocks: Clocks
  readonly credits: Credits
  readonly creditSpending: CreditSpending
  readonly keys: Keys
  readonly metering: Metering
  readonly notifications: Notifications
  readonly settings: Settings
  readonly graces: Graces
  readonly subscriptions: Subscriptions
}

/** What decides whether something may be used, and takes usage that happened elsewhere. */
export function composeUsage(parts: UsageParts) {
  const { database, systemClock, accessChanges, accounts, audit, catalog, clocks } = parts
  const { keys, metering, notifications, graces, settings, subscriptions } = parts
  const { creditSpending, credits } = parts
  const quotas = withCredits(createQuotaAuthority({ database, clock: systemClock }), creditSpending)
  const budgets = createBudgets({
    database,
    accounts,
    audit,
    accessChanges,
    catalog,
    keys,
    metering,
    subscriptions,
  })
  const budgetAlerts = createBudgetAlerts({ database, accounts, budgets, notifications })
  const ingest = createIngest({
    database,
    clock: systemClock,
    accounts,
    audit,
    budgets,
    catalog,
    creditUnits: credits.units,
    creditSpending,
    metering,
    quotas,
    readings: createReadings(),
    subscriptions,
  })
  const quotaUsages = createQuotaUsages({ accounts, catalog, metering })
  const access = createAccessSource({
    accounts,
    budgets,
    catalog,
    clocks,
    creditUnits: credits.units,
    keys,
    metering,
    graces,
    settings,
    subscriptions,
    news: accessChanges,
  })
  return { access, budgetAlerts, budgets, ingest, quotas, quotaUsages }
}
