import { AppError, invalidRequest, notFound } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import { grantedPlan, type SubscriptionOverrides } from '../subscriptions/overrides.ts'
import type { HeldAddOn } from './add-ons.ts'
import { createMeasurables } from './measurables.service.ts'
import { isAddOn, type PlanDefinition, type PlanVersion } from './plan.ts'
import * as store from './store.ts'

/** A plan with what an operator wants to see at a glance. */
export interface PlanView {
  readonly key: string
  readonly position: number
  readonly isDefault: boolean
  /** Of the version on sale, the draft, or the last one that was. */
  readonly name: string
  readonly active: PlanVersion | null
  readonly draft: PlanVersion | null
  /** Open subscriptions over all versions. */
  readonly subscriberCount: number
}

/** What a subscription says about what it is to. */
export interface Sold {
  readonly mode: Mode
  readonly planVersionId: string
  readonly overrides: SubscriptionOverrides
  readonly addOns: readonly { readonly versionId: string; readonly quantity: number }[]
}

interface CatalogDeps {
  readonly database: Database
  readonly clocks: Clocks
  readonly audit: Audit
}

export type Catalog = ReturnType<typeof createCatalog>

export function createCatalog({ database, clocks, audit }: CatalogDeps) {
  async function getVersion(mode: Mode, id: string, db: Db = database.db): Promise<PlanVersion> {
    const version = await store.findVersion(db, mode, id)
    if (version === undefined) throw notFound('plan version')
    return version
  }

  async function findActive(mode: Mode, planKey: string, db: Db = database.db) {
    const versions = await store.listVersions(db, mode, planKey)
    return versions.find(({ state }) => state === 'active')
  }

  async function held(
    mode: Mode,
    choices: Sold['addOns'],
    db: Db = database.db,
  ): Promise<HeldAddOn[]> {
    const addOns: HeldAddOn[] = []
    for (const { versionId, quantity } of choices) {
      addOns.push({ version: await getVersion(mode, versionId, db), quantity })
    }
    return addOns
  }

  /** Replaces the draft; `revision` is the one the edit was based on. */
  async function updateDraft(
    caller: Caller,
    planKey: string,
    revision: number,
    definition: PlanDefinition,
  ): Promise<PlanVersion> {
    const { mode } = caller
    return database.transaction(async (tx) => {
      const draft = (await store.listVersions(tx, mode, planKey)).find(
        ({ state }) => state === 'draft',
      )
      if (draft === undefined) throw new AppError('no_draft', { plan: planKey })
      const now = clocks.now(mode)
      const isSaved = await store.updateDraft(tx, mode, draft.id, revision, definition, now)
      if (!isSaved) throw new AppError('draft_changed', { plan: planKey })
      await audit.record(tx, caller, {
        action: 'plan.draft_updated',
        targetKind: 'plan',
        targetId: planKey,
        before: draft.definition,
        after: definition,
      })
      return getVersion(mode, draft.id, tx)
    })
  }

  /** A draft of the next version, starting as a copy of the newest. */
  async function draftNext(caller: Caller, planKey: string): Promise<PlanVersion> {
    const { mode } = caller
    return database.transaction(async (tx) => {
      if ((await store.lockPlan(tx, mode, planKey)) === undefined) throw notFound('plan')
      const [newest] = await store.listVersions(tx, mode, planKey)
      if (newest === undefined) throw notFound('plan')
      if (newest.state === 'draft') return newest
      const version = newVersion(planKey, newest.version + 1, newest.definition, clocks.now(mode))
      await store.insertVersion(tx, mode, version)
      await audit.record(
        tx,
        caller,
        created('plan_version', version.id, { version: version.version }),
      )
      return version
    })
  }

  /** Nobody can fall back to what is only sold on top of something. */
  async function checkFallback(tx: Db, mode: Mode, planKey: string | null): Promise<void> {
    const versions = planKey === null ? [] : await store.listVersions(tx, mode, planKey)
    if (planKey !== null && versions.some(isAddOn)) {
      throw new AppError('plan_not_available', { plan: planKey })
    }
  }

  return {
    ...createMeasurables({ database, clocks, audit }),

    /** In plan order. */
    async plans(mode: Mode): Promise<PlanView[]> {
      const [plans, versions, subscribers] = await Promise.all([
        store.listPlans(database.db, mode),
        store.listVersions(database.db, mode),
        store.countSubscribers(database.db, mode),
      ])
      return plans.map((plan) => {
        const own = versions.filter(({ planKey }) => planKey === plan.key)
        const active = own.find(({ state }) => state === 'active') ?? null
        return {
          ...plan,
          name: (active ?? own[0])?.definition.name ?? plan.key,
          active,
          draft: own.find(({ state }) => state === 'draft') ?? null,
          subscriberCount: own.reduce((sum, { id }) => sum + (subscribers.get(id) ?? 0), 0),
        }
      })
    },

    async versions(mode: Mode, planKey: string, db: Db = database.db): Promise<PlanVersion[]> {
      const versions = await store.listVersions(db, mode, planKey)
      if (versions.length === 0) throw notFound('plan')
      return versions
    },

    /** Every version of every plan and add-on, by its id. */
    async everyVersion(mode: Mode): Promise<ReadonlyMap<string, PlanVersion>> {
      const versions = await store.listVersions(database.db, mode)
      return new Map(versions.map((version) => [version.id, version]))
    },

    getVersion,
    findActive,
    held,

    /** What a subscription was sold: its plan, with what its add-ons grant on top. */
    async soldTo(
      { mode, planVersionId, overrides, addOns }: Sold,
      db: Db = database.db,
    ): Promise<PlanVersion> {
      const version = await getVersion(mode, planVersionId, db)
      const definition = grantedPlan(version.definition, overrides, await held(mode, addOns, db))
      return { ...version, definition }
    },

    async getActive(mode: Mode, planKey: string, db: Db = database.db): Promise<PlanVersion> {
      const version = await findActive(mode, planKey, db)
      if (version === undefined) throw notFound('plan')
      return version
    },

    async findDefault(mode: Mode, db: Db = database.db): Promise<PlanVersion | undefined> {
      const plan = (await store.listPlans(db, mode)).find(({ isDefault }) => isDefault)
      return plan && findActive(mode, plan.key, db)
    },

    async planOrder(mode: Mode, db: Db = database.db): Promise<string[]> {
      return (await store.listPlans(db, mode)).map(({ key }) => key)
    },

    /** A plan that does not exist yet, with its first draft. */
    async createPlan(
      caller: Caller,
      input: {
        readonly key: string
        readonly isDefault: boolean
        readonly definition: PlanDefinition
      },
    ): Promise<PlanVersion> {
      const { mode } = caller
      const version = newVersion(input.key, 1, input.definition, clocks.now(mode))
      await database.transaction(async (tx) => {
        const isNew = await store.insertPlan(tx, mode, input.key, false, version.createdAt)
        if (!isNew) throw new AppError('key_taken', { what: 'plan', key: input.key })
        if (input.isDefault) await store.setDefaultPlan(tx, mode, input.key)
        await store.insertVersion(tx, mode, version)
        await audit.record(tx, caller, created('plan', input.key, version.definition))
      })
      return version
    },

    updateDraft,
    draftNext,

    /** Makes the definition the plan's draft, whatever there was before. */
    async saveDraft(caller: Caller, planKey: string, definition: PlanDefinition): Promise<void> {
      const draft = await draftNext(caller, planKey)
      await updateDraft(caller, planKey, draft.revision, definition)
    },

    /** The plan customers fall back to; null leaves them without one. */
    async setDefault(caller: Caller, planKey: string | null): Promise<void> {
      const { mode } = caller
      await database.transaction(async (tx) => {
        const before = (await store.listPlans(tx, mode)).find(({ isDefault }) => isDefault)?.key
        const isKnown = planKey === null || (await store.lockPlan(tx, mode, planKey)) !== undefined
        if (!isKnown) throw notFound('plan')
        await checkFallback(tx, mode, planKey)
        await store.setDefaultPlan(tx, mode, planKey)
        await audit.record(tx, caller, {
          action: planKey === null ? 'plan.default_removed' : 'plan.made_default',
          targetKind: 'plan',
          targetId: planKey ?? before ?? 'none',
        })
      })
    },

    async setOrder(caller: Caller, keys: readonly string[]): Promise<void> {
      await database.transaction(async (tx) => {
        const before = (await store.listPlans(tx, caller.mode)).map(({ key }) => key)
        if (before.toSorted().join() !== keys.toSorted().join()) {
          throw invalidRequest([{ path: 'keys', message: 'must name every plan once' }])
        }
        await store.setPlanOrder(tx, caller.mode, keys)
        const target = { targetKind: 'plan_order', targetId: caller.mode }
        await audit.record(tx, caller, { action: 'plan.ordered', ...target, before, after: keys })
      })
    },
  }
}

/** A draft that is not stored yet. */
export function newVersion(
  planKey: string,
  version: number,
  definition: PlanDefinition,
  now: number,
): PlanVersion {
  return {
    id: newId('plan', now),
    planKey,
    version,
    state: 'draft',
    definition,
    revision: 1,
    effectiveFrom: null,
    effectiveTo: null,
    publishedAt: null,
    createdAt: now,
  }
}

function created(targetKind: string, targetId: string, after: unknown) {
  return { action: `${targetKind}.created`, targetKind, targetId, after }
}
