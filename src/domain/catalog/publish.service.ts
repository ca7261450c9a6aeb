import { AppError, type FieldError, invalidRequest } from '../../errors.ts'
import { assertNever } from '../../kit/assert.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { StripePriceInput } from '../../stripe/catalog.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import type { Mapping } from '../connections/mapping.ts'
import { observe } from './observe.service.ts'
import type { Observed } from './observed.ts'
import { type PricePins, pinPrices } from './pin-prices.ts'
import type { PlanDefinition, PlanVersion } from './plan.ts'
import { planWarnings } from './plan-warnings.ts'
import { decidePublish, decideRetire, type PricePlan, type PublishEffect } from './publish.ts'
import type { Catalog } from './service.ts'
import * as store from './store.ts'
import { validatePlan } from './validate-plan.ts'
import type { CatalogContext } from './validation/rate-card.ts'

/** A version with what publishing it means. */
export interface Examined {
  /** With the prices that the environment names. */
  readonly version: PlanVersion
  readonly problems: readonly FieldError[]
  readonly warnings: readonly FieldError[]
  readonly effects: readonly PublishEffect[]
}

/** What an operator confirms before anything happens. */
export interface PublishPreview extends Examined {
  /** Subscriptions on the version that is replaced; they stay on it. */
  readonly subscribersStaying: number
}

interface PublishingDeps {
  readonly database: Database
  readonly clocks: Clocks
  readonly audit: Audit
  readonly catalog: Catalog
  readonly connections: Connections
  readonly accessChanges: AccessChanges
  /** What the environment names, of each mode. */
  readonly linkedPrices: Readonly<Record<Mode, PricePins>>
}

interface LookedAt {
  readonly mappings: readonly Mapping[]
  /** Undefined where nobody looked. */
  readonly observed: Observed | undefined
}

const NOTHING_KNOWN: LookedAt = { mappings: [], observed: undefined }
const NOTHING_OBSERVED: Observed = { products: new Map(), prices: new Map(), meters: new Map() }

export type Publishing = ReturnType<typeof createPublishing>

export function createPublishing(deps: PublishingDeps) {
  const { database, clocks, audit, catalog, connections, accessChanges, linkedPrices } = deps

  async function preview(mode: Mode, planKey: string): Promise<PublishPreview> {
    const versions = await catalog.versions(mode, planKey)
    const draft = versions.find(({ state }) => state === 'draft')
    if (draft === undefined) throw new AppError('no_draft', { plan: planKey })
    const [meters, features] = await Promise.all([catalog.meters(mode), catalog.features(mode)])
    const examined = await examine(mode, draft, { meters, features: [...features.values()] })
    const subscribers = await store.countSubscribers(database.db, mode)
    const replaced = versions.find(({ state }) => state === 'active')
    const subscribersStaying = replaced === undefined ? 0 : (subscribers.get(replaced.id) ?? 0)
    return { ...examined, subscribersStaying }
  }

  /** A version that may not be stored yet, over a catalog that may not be either. */
  async function examine(
    mode: Mode,
    unpinned: PlanVersion,
    context: Pick<CatalogContext, 'meters' | 'features'>,
    isAskingStripe = true,
  ): Promise<Examined> {
    const { planKey } = unpinned
    const pinned = pinPrices(planKey, unpinned.definition, context, linkedPrices[mode])
    const version = { ...unpinned, definition: pinned.definition }
    const { mappings, observed } = isAskingStripe
      ? await lookAtStripe(mode, version)
      : NOTHING_KNOWN
    const linked = observed && { prices: observed.prices, meters: observed.meters, mappings }
    const problems = [
      ...pinned.problems,
      ...validatePlan(version.definition, { ...context, ...(linked && { linked }) }),
    ]
    if (problems.length > 0) return { version, problems, warnings: [], effects: [] }
    const warnings = [...pinned.warnings, ...planWarnings(version.definition)]
    const features = new Map(context.features.map((feature) => [feature.key, feature]))
    const { meters } = context
    const facts = { mode, version, meters, features, mappings }
    const effects = observed === undefined ? [] : decidePublish({ ...facts, observed })
    return { version, problems, warnings, effects }
  }

  /** Nothing is known of Stripe where none is connected. */
  async function lookAtStripe(mode: Mode, { planKey, definition }: PlanVersion): Promise<LookedAt> {
    if (!(await connections.isConnected(mode))) return NOTHING_KNOWN
    const connected = await connections.stripe(mode)
    const mappings = await mappingsOf(connected, planKey)
    const isMirrored = definition.engine === 'stripe_subscription'
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

  return {
    preview,
    examine,

    /** What taking a plan off sale does in Stripe. */
    async retirement(mode: Mode, version: PlanVersion): Promise<PublishEffect[]> {
      if (!(await connections.isConnected(mode))) return []
      const connected = await connections.stripe(mode)
      return decideRetire(version, await mappingsOf(connected, version.planKey))
    },

    /**
     * Mirrors the draft to Stripe, then makes it the plan's active version. Every step in Stripe is keyed by what it
     * makes, so publishing again after a crash continues where it stopped.
     */
    async publish(caller: Caller, planKey: string): Promise<PlanVersion> {
      const { mode } = caller
      const { version, problems, effects } = await preview(mode, planKey)
      if (problems.length > 0) throw invalidRequest(problems)
      await apply(mode, planKey, effects)
      await database.transaction(async (tx) => {
        await store.lockPlan(tx, mode, planKey)
        const { id, revision, definition } = version
        const now = clocks.now(mode)
        // What the environment pins is part of what was sold from here on, whatever the environment says later.
        const isUnchanged = await store.updateDraft(tx, mode, id, revision, definition, now)
        if (!isUnchanged) throw new AppError('draft_changed', { plan: planKey })
        const replaced = await catalog.findActive(mode, planKey, tx)
        if (replaced !== undefined)
          await store.setVersionState(tx, mode, replaced.id, 'archived', now)
        await store.setVersionState(tx, mode, id, 'active', now)
        await accessChanges.announceChange(tx, { kind: 'plan', mode, planVersionId: id })
        await audit.record(tx, caller, {
          action: 'plan.published',
          targetKind: 'plan',
          targetId: planKey,
          before: replaced && { version: replaced.version },
          after: { version: version.version, effects: effects.map(({ kind }) => kind) },
        })
      })
      return catalog.getVersion(mode, version.id)
    },

    /**
     * Takes a plan off sale: here first, so that nobody chooses it any more, then in Stripe. Archiving again finishes what
     * Stripe did not hear of. Subscriptions that have it keep it.
     */
    async archive(caller: Caller, planKey: string): Promise<void> {
      const { mode } = caller
      const [newest] = await catalog.versions(mode, planKey)
      const effects = newest === undefined ? [] : await this.retirement(mode, newest)
      await database.transaction(async (tx) => {
        const plan = await store.lockPlan(tx, mode, planKey)
        const active = await catalog.findActive(mode, planKey, tx)
        if (active === undefined && effects.length > 0) return
        if (active === undefined) throw new AppError('plan_not_available', { plan: planKey })
        if (plan?.isDefault === true) throw new AppError('plan_is_default', { plan: planKey })
        await store.setVersionState(tx, mode, active.id, 'archived', clocks.now(mode))
        await audit.record(tx, caller, {
          action: 'plan.archived',
          targetKind: 'plan',
          targetId: planKey,
          before: { version: active.version },
          after: { effects: effects.map(({ kind }) => kind) },
        })
      })
      await apply(mode, planKey, effects)
    },
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
          return save('rate_card', entityId, found.id)
        }
        const input = await complete(scope, planKey, price)
        const id = await api.catalog.createPrice(input, again(lookupKey, replaces))
        return save('rate_card', entityId, id)
      }
      case 'link_price':
        return save('rate_card', effect.entityId, effect.stripePriceId, { linked: 'true' })
      case 'restore_price':
        await api.catalog.restorePrice(effect.stripePriceId, effect.price)
        return save('rate_card', effect.entityId, effect.stripePriceId)
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
