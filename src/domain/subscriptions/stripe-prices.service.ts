import { AppError } from '../../errors.ts'
import type { Currency } from '../../kit/currency.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { HeldAddOn } from '../catalog/add-ons.ts'
import type { PlanPhase, PlanVersion } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import { featureMeters, type StripeItem, stripeItems } from '../catalog/stripe-items.ts'
import type { MappingScope } from '../connections/mapping.ts'
import type { Connected, Connections } from '../connections/service.ts'

/** One of the prices a Stripe subscription to a plan consists of. */
export interface PlanPrice {
  /** The id its Stripe price is mapped under. */
  readonly entityId: string
  readonly priceId: string
  readonly isMetered: boolean
  /** How often it is charged; 1 for whatever is metered. */
  readonly quantity: number
  /** Charged once, not with each period. */
  readonly isOnce: boolean
}

/** A phase of a plan, and what is on top of it. */
export interface Purchasable {
  readonly version: PlanVersion
  readonly phase: PlanPhase
  readonly addOns?: readonly HeldAddOn[]
}

type WokenPrice = Pick<PlanPrice, 'priceId'> & { readonly entityId: string | null }

export type StripePrices = ReturnType<typeof createStripePrices>

/** What a plan consists of in Stripe. */
export function createStripePrices({
  catalog,
  connections,
  database,
}: {
  readonly catalog: Catalog
  readonly connections: Connections
  readonly database: Database
}) {
  async function itemsOf(
    mode: Mode,
    { planKey, definition }: PlanVersion,
    phase: PlanPhase,
    currency: Currency,
    db?: Db,
  ): Promise<StripeItem[]> {
    const features = await catalog.features(mode, db)
    const measured = featureMeters(features, await catalog.meters(mode, db))
    return stripeItems(planKey, definition, phase, currency, measured)
  }

  async function pricesOf(
    scope: MappingScope,
    version: PlanVersion,
    phase: PlanPhase,
    currency: Currency,
    quantity: number,
    db?: Db,
  ): Promise<PlanPrice[]> {
    const { planKey } = version
    const prices: PlanPrice[] = []
    for (const item of await itemsOf(scope.mode, version, phase, currency, db)) {
      const { entityId, transport } = item
      const priceId = await connections.externalId(scope, 'rate_card', entityId, db)
      if (priceId === undefined) throw new AppError('plan_not_mirrored', { plan: planKey })
      const { isMetered, interval } = transport
      prices.push({ entityId, priceId, isMetered, quantity, isOnce: interval === null })
    }
    return prices
  }

  return {
    /** What a phase has in Stripe, whether or not it is there. */
    itemsOf,

    /**
     * Publishing archives prices that nobody new can buy. Stripe schedules nothing for whoever still pays one, and nothing
     * that somebody will pay.
     */
    async wake({ api, scope }: Connected, prices: readonly WokenPrice[]): Promise<void> {
      for (const { priceId, entityId } of prices) {
        const price = await api.catalog.findPrice(priceId)
        if (price === undefined || price.isActive) continue
        await api.catalog.wakePrice(priceId)
        const mapping =
          entityId === null ? undefined : await connections.mapping(scope, 'rate_card', entityId)
        if (mapping?.externalId !== priceId) continue
        // Only that it is archived is over: one that was agreed is still on no shelf.
        const { archived: _, ...metadata } = mapping.metadata
        await connections.map(database.db, scope, { ...mapping, metadata })
      }
    },

    /** Throws where a price has no counterpart: selling only a part of a plan would give the rest away. */
    async of(
      scope: MappingScope,
      { version, phase, addOns = [] }: Purchasable,
      currency: Currency,
      db?: Db,
    ): Promise<PlanPrice[]> {
      const prices = await pricesOf(scope, version, phase, currency, 1, db)
      for (const { version: addOn, quantity } of addOns) {
        const [only] = addOn.definition.phases
        if (only === undefined) continue
        prices.push(...(await pricesOf(scope, addOn, only, currency, quantity, db)))
      }
      return prices
    },
  }
}
