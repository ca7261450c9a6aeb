import { assertNever } from '../../kit/assert.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { StripePriceInput } from '../../stripe/catalog.ts'
import type { Mapping } from '../connections/mapping.ts'
import type { Connected, Connections } from '../connections/service.ts'
import { observe } from './observe.service.ts'
import type { Observed } from './observed.ts'
import type { PlanDefinition, PlanVersion } from './plan.ts'
import { decideRetire, type PricePlan, type PublishEffect } from './publish.ts'

interface MirrorDeps {
  readonly database: Database
  readonly connections: Connections
}

/** What Stripe has of a plan. */
interface LookedAt {
  readonly mappings: readonly Mapping[]
  /** Undefined where nobody looked. */
  readonly observed: Observed | undefined
}

export const NOTHING_KNOWN: LookedAt = { mappings: [], observed: undefined }
const NOTHING_OBSERVED: Observed = { products: new Map(), prices: new Map(), meters: new Map() }

/** Plans as Stripe has them: looked at, and made what was decided. */
export function createMirror({ database, connections }: MirrorDeps) {
  /** Nothing is known of Stripe where none is connected. */
  async function look(mode: Mode, { planKey, definition }: PlanVersion): Promise<LookedAt> {
    if (!(await connections.isConnected(mode))) return NOTHING_KNOWN
    const connected = await connections.stripe(mode)
    const mappings = await mappingsOf(connected, planKey)
    const isMirrored =
      definition.engine === 'stripe_subscription' ||
      mappings.some(({ entityKind }) => entityKind === 'plan')
    return {
      mappings,
      observed: isMirrored
        ? await observe(connected, mappings, linkedPriceIds(definition))
        : NOTHING_OBSERVED,
    }
  }

  async function mappingsOf({ scope }: Connected, planKey: string): Promise<Mapping[]> {
    const [plans, prices, meters] = await Promise.all([
      connections.mappings(scope, 'plan'),
      connections.mappings(scope, 'rate_card'),
      connections.mappings(scope, 'meter'),
    ])
    return [
      ...plans.filter(({ entityId }) => entityId === planKey),
      ...prices.filter(({ entityId }) => entityId.startsWith(`${planKey}/`)),
      ...meters,
    ]
  }

  /** What taking a plan off sale does in Stripe. */
  async function retirement(mode: Mode, version: PlanVersion): Promise<PublishEffect[]> {
    if (!(await connections.isConnected(mode))) return []
    const connected = await connections.stripe(mode)
    const mappings = await mappingsOf(connected, version.planKey)
    const isMirrored = mappings.some(({ entityKind }) => entityKind === 'plan')
    if (!isMirrored) return []
    return decideRetire(version, { mappings, observed: await observe(connected, mappings) })
  }

  async function apply(
    mode: Mode,
    planKey: string,
    effects: readonly PublishEffect[],
  ): Promise<void> {
    if (effects.length === 0) return
    const connected = await connections.stripe(mode)
    for (const effect of effects) await applyEffect(connected, planKey, effect)
  }

  async function applyEffect(
    { api, scope }: Connected,
    planKey: string,
    effect: PublishEffect,
  ): Promise<void> {
    const save = (
      entityKind: 'plan' | 'meter' | 'rate_card',
      entityId: string,
      externalId: string,
      metadata: Readonly<Record<string, string>> = {},
    ) => connections.map(database.db, scope, { entityKind, entityId, externalId, metadata })

    switch (effect.kind) {
      case 'create_product': {
        const key = again(`farebox:${scope.mode}:product:${planKey}`, effect.replaces)
        return save('plan', planKey, await api.catalog.createProduct(effect.product, key))
      }
      case 'update_product':
        await api.catalog.updateProduct(effect.stripeProductId, effect.product)
        return save('plan', planKey, effect.stripeProductId)
      case 'archive_product':
        await api.catalog.archiveProduct(effect.stripeProductId)
        return save('plan', planKey, effect.stripeProductId, { archived: 'true' })
      case 'create_meter': {
        const { name, eventName, meterKey } = effect
        const found = await api.catalog.findMeterByEventName(eventName)
        const id =
          found ?? (await api.catalog.createMeter({ name, eventName }, `farebox:${eventName}`))
        return save('meter', meterKey, id, { eventName })
      }
      case 'update_meter': {
        const { stripeMeterId, name, isInactive } = effect
        if (isInactive) await api.catalog.reactivateMeter(stripeMeterId)
        return api.catalog.renameMeter(stripeMeterId, name)
      }
      case 'link_meter': {
        const { meterKey, stripeMeterId, eventName } = effect
        return save('meter', meterKey, stripeMeterId, { eventName, linked: 'true' })
      }
      case 'create_price': {
        const { price, entityId, replaces } = effect
        const { lookupKey } = price
        const [found] = await api.catalog.findPricesByLookupKey([lookupKey])
        if (found !== undefined) {
          if (!found.isActive) await api.catalog.restorePrice(found.id, price)
          return save('rate_card', entityId, found.id, markOf(effect))
        }
        const input = await complete(scope, planKey, price)
        const id = await api.catalog.createPrice(input, again(lookupKey, replaces))
        return save('rate_card', entityId, id, markOf(effect))
      }
      case 'link_price':
        return save('rate_card', effect.entityId, effect.stripePriceId, { linked: 'true' })
      case 'restore_price':
        await api.catalog.restorePrice(effect.stripePriceId, effect.price)
        return save('rate_card', effect.entityId, effect.stripePriceId, markOf(effect))
      case 'wake_price':
        return api.catalog.wakePrice(effect.stripePriceId)
      case 'archive_price':
        await api.catalog.archivePrice(effect.stripePriceId)
        return save('rate_card', effect.entityId, effect.stripePriceId, { archived: 'true' })
      case 'keep_price':
      case 'rate_here':
        return
      default:
        return assertNever(effect)
    }
  }

  /** Products and meters are made before the prices that name them, so their ids are known by now. */
  async function complete(
    scope: Connected['scope'],
    planKey: string,
    { interval, meterKey, ...price }: PricePlan,
  ): Promise<StripePriceInput> {
    const productId = await connections.externalId(scope, 'plan', planKey)
    const meterId =
      meterKey === null ? null : await connections.externalId(scope, 'meter', meterKey)
    return {
      ...price,
      productId: productId ?? '',
      recurring: interval && { ...interval, meterId: meterId ?? null },
    }
  }

  return { look, retirement, apply }
}

/** Publishing leaves alone what is agreed with single customers. */
function markOf({ isAgreed }: { readonly isAgreed?: true }): Readonly<Record<string, string>> {
  return isAgreed === true ? { agreed: 'true' } : {}
}

/** Stripe remembers what a key made for a day; what replaces something deleted needs another. */
function again(key: string, replaces: string | null): string {
  return replaces === null ? key : `${key}:${replaces}`
}

function linkedPriceIds({ phases }: PlanDefinition): string[] {
  const cards = phases.flatMap(({ rateCards }) => rateCards)
  return cards.flatMap(({ providerPrice }) =>
    providerPrice.kind === 'linked' ? Object.values(providerPrice.stripePriceIds) : [],
  )
}
