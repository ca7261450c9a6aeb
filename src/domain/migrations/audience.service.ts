import type { Mode } from '../../kit/mode.ts'
import { roundToCharge } from '../billing/rating/rounding.ts'
import { notFound } from '../../errors.ts'
import { monthlyPrice } from '../catalog/monthly-price.ts'
import type { PlanVersion } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import type { Subscription } from '../subscriptions/subscription.ts'
import { isMeant } from './decide-member.ts'
import type { MigrationRequest } from './migration.ts'

const PAGE = 100

/** A subscriber who is meant, and what the move means for their recurring fees. */
export interface Meant {
  readonly subscription: Subscription
  readonly from: PlanVersion
  /** Recurring fees and agreed minimums per month, in minor units. */
  readonly monthlyBeforeMinor: bigint
  readonly monthlyAfterMinor: bigint
}

export type Audiences = ReturnType<typeof createAudiences>

/** Who a migration is about. */
export function createAudiences({
  catalog,
  subscriptions,
}: {
  readonly catalog: Catalog
  readonly subscriptions: Subscriptions
}) {
  return {
    async targetOf(mode: Mode, { planKey, toVersion }: MigrationRequest): Promise<PlanVersion> {
      if (toVersion === null) return catalog.getActive(mode, planKey)
      const versions = await catalog.versions(mode, planKey)
      const version = versions.find((candidate) => candidate.version === toVersion)
      if (version === undefined || version.state === 'draft') throw notFound('plan version')
      return version
    },

    /** In the order of their ids, page by page. */
    async *of(mode: Mode, to: PlanVersion, { audience }: MigrationRequest): AsyncGenerator<Meant> {
      const versions = new Map(
        (await catalog.versions(mode, to.planKey)).map((version) => [version.id, version]),
      )
      const filter = { planKey: to.planKey, isOpen: true }
      let cursor: string | undefined
      do {
        const page = await subscriptions.list(mode, filter, { limit: PAGE, cursor })
        for (const subscription of page.data) {
          const from = versions.get(subscription.planVersionId)
          if (from === undefined) continue
          const candidate = { subscription, version: from.version }
          if (isMeant(candidate, audience, to.version)) yield meant(subscription, from, to)
        }
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
    },
  }
}

export function meant(subscription: Subscription, from: PlanVersion, to: PlanVersion): Meant {
  const { currency } = subscription
  return {
    subscription,
    from,
    monthlyBeforeMinor: roundToCharge(monthlyPrice(from.definition, currency), currency),
    monthlyAfterMinor: roundToCharge(monthlyPrice(to.definition, currency), currency),
  }
}
