import { AppError } from '../../errors.ts'
import type { Currency } from '../../kit/currency.ts'
import type { Db } from '../../platform/database/database.ts'
import type { PlanPhase, PlanVersion } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import { featureMeters, stripeItems } from '../catalog/stripe-items.ts'
import type { MappingScope } from '../connections/mapping.ts'
import type { Connections } from '../connections/service.ts'

/** One of the prices a Stripe subscription to a plan consists of. */
export interface PlanPrice {
  /** The id its Stripe price is mapped under. */
  readonly entityId: string
  readonly priceId: string
  readonly isMetered: boolean
  /** Charged once, not with each period. */
  readonly isOnce: boolean
}

export type StripePrices = ReturnType<typeof createStripePrices>

/** What a plan consists of in Stripe. */
export function createStripePrices({
  catalog,
  connections,
}: {
  readonly catalog: Catalog
  readonly connections: Connections
}) {
  return {
    /** Throws where a price has no counterpart: selling only a part of a plan would give the rest away. */
    async of(
      scope: MappingScope,
      { planKey, definition }: PlanVersion,
      phase: PlanPhase,
      currency: Currency,
      db?: Db,
    ): Promise<PlanPrice[]> {
      const features = await catalog.features(scope.mode, db)
      const measured = featureMeters(features, await catalog.meters(scope.mode, db))
      const prices: PlanPrice[] = []
      for (const item of stripeItems(planKey, definition, phase, currency, measured)) {
        const { entityId, transport } = item
        const priceId = await connections.externalId(scope, 'rate_card', entityId, db)
        if (priceId === undefined) throw new AppError('plan_not_mirrored', { plan: planKey })
        const { isMetered, interval } = transport
        prices.push({ entityId, priceId, isMetered, isOnce: interval === null })
      }
      return prices
    },
  }
}
