import { formatDecimal } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import type { LimitMode } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Metering } from '../metering/service.ts'
import { isUsable, lifecycleAt, type Subscription } from '../subscriptions/subscription.ts'
import { grantsOf, windowAt } from './grants.ts'

/** A quota and how much of it is used up, for people to look at. */
export interface QuotaUsage {
  readonly featureKey: string
  readonly featureName: string
  readonly meterKey: string
  readonly unit: string
  /** Null: unlimited. */
  readonly limit: string | null
  readonly used: string
  readonly onLimit: LimitMode
  readonly startsAt: Instant
  readonly resetsAt: Instant
}

interface QuotaUsagesDeps {
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly metering: Metering
}

export type QuotaUsages = ReturnType<typeof createQuotaUsages>

export function createQuotaUsages({ accounts, catalog, metering }: QuotaUsagesDeps) {
  return {
    /** The current windows of a subscription's quotas; none once it has ended. */
    async of(customer: Customer, subscription: Subscription): Promise<QuotaUsage[]> {
      const { mode } = customer
      const now = accounts.now(customer)
      if (!isUsable(lifecycleAt(subscription, now))) return []
      const [{ definition }, features, meters] = await Promise.all([
        catalog.soldTo(subscription),
        catalog.features(mode),
        catalog.meters(mode),
      ])
      const phase = definition.phases.find(({ key }) => key === subscription.phaseKey)
      if (phase === undefined) return []
      const { quotas } = grantsOf(phase, definition, subscription, features, customer.timeZone)
      return Promise.all(
        quotas.map(async ({ featureKey, meterKey, limit, onLimit, window }) => {
          const { startsAt, endsAt } = windowAt(window, now)
          const used = await metering.total(mode, subscription.id, meterKey, { startsAt, endsAt })
          return {
            featureKey,
            featureName: features.get(featureKey)?.name ?? featureKey,
            meterKey,
            unit: meters.find(({ key }) => key === meterKey)?.unit ?? 'unit',
            limit: limit === null ? null : formatDecimal(limit),
            used: formatDecimal(used),
            onLimit,
            startsAt,
            resetsAt: endsAt,
          }
        }),
      )
    },
  }
}
