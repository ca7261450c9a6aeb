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
import type { PlanVersion } from './plan.ts'
import { decidePublish, type PricePlan, type PublishEffect } from './publish.ts'
import type { Catalog } from './service.ts'
import * as store from './store.ts'
import { validatePlan } from './validate-plan.ts'

/** What an operator confirms before anything happens. */
export interface PublishPreview {
  readonly version: PlanVersion
  readonly problems: readonly FieldError[]
  readonly effects: readonly PublishEffect[]
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
}

export type Publishing = ReturnType<typeof createPublishing>

export function createPublishing(deps: PublishingDeps) {
  const { database, clocks, audit, catalog, connections, accessChanges } = deps

  async function preview(mode: Mode, planKey: string): Promise<PublishPreview> {
    const versions = await catalog.versions(mode, planKey)
    const version = versions.find(({ state }) => state === 'draft')
    if (version === undefined) throw new AppError('no_draft', { plan: planKey })
    const [meters, features] = await Promise.all([catalog.meters(mode), catalog.features(mode)])
    const problems = validatePlan(version.definition, { meters, features: [...features.values()] })
    const subscribers = await store.countSubscribers(database.db, mode)
    const replaced = versions.find(({ state }) => state === 'active')
    const effects =
      problems.length > 0 || !(await isMirrored(mode, version))
        ? []
        : decidePublish({ mode, version, meters, features, mappings: await mappingsOf(mode) })
    return {
      version,
      problems,
      effects,
      subscribersStaying: replaced === undefined ? 0 : (subscribers.get(replaced.id) ?? 0),
    }
  }

  async function isMirrored(mode: Mode, version: PlanVersion): Promise<boolean> {
    return version.definition.engine === 'stripe_subscription' && connections.isConnected(mode)
  }

  async function mappingsOf(mode: Mode) {
    const { scope } = await connections.stripe(mode)
    const kinds = await Promise.all(
      (['plan', 'rate_card', 'meter'] as const).map((kind) => connections.mappings(scope, kind)),
    )
    return kinds.flat()
  }

  return {
    preview,

    /**
     * Mirrors the draft to Stripe, then makes it the plan's active version. Every step in Stripe is keyed by what it
     * makes, so publishing again after a crash continues where it stopped.
     */
    async publish(caller: Caller, planKey: string): Promise<PlanVersion> {
      const { mode } = caller
      const { version, problems, effects } = await preview(mode, planKey)
      if (problems.length > 0) throw invalidRequest(problems)
      if (await isMirrored(mode, version)) {
        const connected = await connections.stripe(mode)
        for (const effect of effects) await applyEffect(connected, planKey, effect)
      }
      await database.transaction(async (tx) => {
        await store.lockPlan(tx, mode, planKey)
        const current = await catalog.getVersion(mode, version.id, tx)
        const isUnchanged = current.state === 'draft' && current.revision === version.revision
        if (!isUnchanged) throw new AppError('draft_changed', { plan: planKey })
        const now = clocks.now(mode)
        const replaced = await catalog.findActive(mode, planKey, tx)
        if (replaced !== undefined)
          await store.setVersionState(tx, mode, replaced.id, 'archived', now)
        await store.setVersionState(tx, mode, version.id, 'active', now)
        await accessChanges.announceChange(tx, { kind: 'plan', mode, planVersionId: version.id })
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
        const key = `farebox:${scope.mode}:product:${planKey}`
        return save('plan', planKey, await api.catalog.createProduct(effect.product, key))
      }
      case 'update_product':
        return api.catalog.updateProduct(effect.stripeProductId, effect.product)
      case 'create_meter': {
        const { name, eventName, meterKey } = effect
        const found = await api.catalog.findMeterByEventName(eventName)
        const id =
          found ?? (await api.catalog.createMeter({ name, eventName }, `farebox:${eventName}`))
        return save('meter', meterKey, id, { eventName })
      }
      case 'create_price': {
        const { lookupKey } = effect.price
        const [found] = await api.catalog.findPricesByLookupKey([lookupKey])
        const input = found === undefined ? await complete(scope, planKey, effect.price) : undefined
        const id = input === undefined ? found?.id : await api.catalog.createPrice(input, lookupKey)
        return save('rate_card', effect.entityId, id ?? '')
      }
      case 'link_price':
        return save('rate_card', effect.entityId, effect.stripePriceId, { linked: 'true' })
      case 'restore_price':
        await api.catalog.setPriceActive(effect.stripePriceId, true)
        return save('rate_card', effect.entityId, effect.stripePriceId)
      case 'archive_price':
        await api.catalog.setPriceActive(effect.stripePriceId, false)
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
