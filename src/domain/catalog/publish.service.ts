import { AppError, type FieldError, invalidRequest } from '../../errors.ts'
import type { Currency } from '../../kit/currency.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Connections } from '../connections/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import { createMirror, NOTHING_KNOWN } from './mirror.service.ts'
import { type PricePins, pinPrices } from './pin-prices.ts'
import type { PlanPhase, PlanVersion } from './plan.ts'
import { planWarnings } from './plan-warnings.ts'
import { decideAgreed, decidePublish, type PublishEffect } from './publish.ts'
import type { Catalog } from './service.ts'
import * as store from './store.ts'
import { checkNature, validatePlan } from './validate-plan.ts'
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

export type Publishing = ReturnType<typeof createPublishing>

export function createPublishing(deps: PublishingDeps) {
  const { database, clocks, audit, catalog, accessChanges, linkedPrices } = deps
  const mirror = createMirror(deps)

  async function preview(mode: Mode, planKey: string): Promise<PublishPreview> {
    const versions = await catalog.versions(mode, planKey)
    const draft = versions.find(({ state }) => state === 'draft')
    if (draft === undefined) throw new AppError('no_draft', { plan: planKey })
    const examined = await examine(mode, draft, await contextOf(mode))
    const subscribers = await store.countSubscribers(database.db, mode)
    // Those of versions before the one on sale stay where they are, too.
    const subscribersStaying = versions.reduce((sum, { id }) => sum + (subscribers.get(id) ?? 0), 0)
    const problems = [...examined.problems, ...checkNature(versions, draft.definition)]
    return { ...examined, problems, subscribersStaying }
  }

  /** What a version may refer to today. */
  async function contextOf(mode: Mode): Promise<Omit<CatalogContext, 'linked'>> {
    const [meters, features] = [await catalog.meters(mode), await catalog.features(mode)]
    const plans = (await catalog.plans(mode)).flatMap(({ key, active }) =>
      active === null ? [] : [[key, active.definition] as const],
    )
    return { meters, features: [...features.values()], plans: new Map(plans) }
  }

  /** A version that may not be stored yet, over a catalog that may not be either. */
  async function examine(
    mode: Mode,
    unpinned: PlanVersion,
    context: Omit<CatalogContext, 'linked'>,
    isAskingStripe = true,
  ): Promise<Examined> {
    const { planKey } = unpinned
    const pinned = pinPrices(planKey, unpinned.definition, context, linkedPrices[mode])
    const version = { ...unpinned, definition: pinned.definition }
    const examined = await compare(mode, version, context, isAskingStripe)
    const problems = [...pinned.problems, ...examined.problems]
    if (problems.length > 0) return { ...examined, problems, warnings: [], effects: [] }
    return { ...examined, warnings: [...pinned.warnings, ...planWarnings(version.definition)] }
  }

  /** A version as it stands: what keeps it from being sold, and what Stripe lacks of it. */
  async function compare(
    mode: Mode,
    version: PlanVersion,
    context: Omit<CatalogContext, 'linked'>,
    isAskingStripe = true,
  ): Promise<Examined> {
    const { mappings, observed } = isAskingStripe ? await mirror.look(mode, version) : NOTHING_KNOWN
    const linked = observed && { prices: observed.prices, meters: observed.meters, mappings }
    const problems = validatePlan(version.definition, { ...context, ...(linked && { linked }) })
    if (problems.length > 0 || observed === undefined) {
      return { version, problems, warnings: [], effects: [] }
    }
    const features = new Map(context.features.map((feature) => [feature.key, feature]))
    const { meters } = context
    const facts = { mode, version, meters, features, mappings }
    return { version, problems, warnings: [], effects: decidePublish({ ...facts, observed }) }
  }

  return {
    preview,
    examine,

    retirement: mirror.retirement,

    /**
     * What Stripe lacks of the plan as it is on sale, or has of one that is not: somebody was at it there. Publishing the
     * same version again would do this.
     */
    async shortfall(mode: Mode, planKey: string): Promise<Examined | undefined> {
      const [newest] = await catalog.versions(mode, planKey)
      const active = await catalog.findActive(mode, planKey)
      if (active === undefined && newest !== undefined) {
        const effects = await mirror.retirement(mode, newest)
        return { version: newest, problems: [], warnings: [], effects }
      }
      // What it was added to may be off sale by now; that is no difference to Stripe.
      const { plans: _, ...context } = await contextOf(mode)
      return active && compare(mode, active, context)
    },

    /** Makes the prices in Stripe that a phase with overrides has. Asking again makes none twice. */
    async agree(
      mode: Mode,
      version: PlanVersion,
      phase: PlanPhase,
      currency: Currency,
    ): Promise<void> {
      const [meters, features] = await Promise.all([catalog.meters(mode), catalog.features(mode)])
      const { mappings, observed } = await mirror.look(mode, version)
      if (observed === undefined) return
      const definition = { ...version.definition, phases: [phase], currencies: [currency] }
      const agreed = { ...version, definition }
      const facts = { mode, version: agreed, meters, features, mappings, observed }
      await mirror.apply(mode, version.planKey, decideAgreed(facts))
    },

    /** Puts back in Stripe what `shortfall` says. */
    async restore(
      caller: Caller,
      planKey: string,
      effects: readonly PublishEffect[],
    ): Promise<void> {
      await mirror.apply(caller.mode, planKey, effects)
      await database.transaction((tx) =>
        audit.record(tx, caller, {
          action: 'plan.restored_in_stripe',
          targetKind: 'plan',
          targetId: planKey,
          after: { effects: effects.map(({ kind }) => kind) },
        }),
      )
    },

    /**
     * Mirrors the draft to Stripe, then makes it the plan's active version. Every step in Stripe is keyed by what it
     * makes, so publishing again after a crash continues where it stopped.
     */
    async publish(caller: Caller, planKey: string): Promise<PlanVersion> {
      const { mode } = caller
      const { version, problems, effects } = await preview(mode, planKey)
      if (problems.length > 0) throw invalidRequest(problems)
      await mirror.apply(mode, planKey, effects)
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
      const effects = newest === undefined ? [] : await mirror.retirement(mode, newest)
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
      await mirror.apply(mode, planKey, effects)
    },
  }
}
