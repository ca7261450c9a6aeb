import { AppError, type FieldError, invalidRequest } from '../../errors.ts'
import { sha256Hex } from '../../kit/crypto.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Caller } from '../audit/caller.ts'
import { couponInFile } from '../coupons/coupons-in-file.ts'
import type { Coupons } from '../coupons/service.ts'
import type { CreditPurchases } from '../credits/purchases/service.ts'
import { type CatalogFile, featureInFile, meterInFile } from './catalog-file.ts'
import {
  type CatalogChange,
  type CatalogState,
  decideCatalog,
  isChange,
  packInFile,
  type PlanState,
  wantedOrder,
} from './decide-catalog.ts'
import { pinPrices, type PricePins, unpinPrices } from './pin-prices.ts'
import type { PlanVersion } from './plan.ts'
import type { Publishing } from './publish.service.ts'
import type { PublishEffect } from './publish.ts'
import { type Catalog, newVersion } from './service.ts'
import * as store from './store.ts'
import { contextOf, validateCatalog } from './validate-catalog.ts'

/** What pushing a file means, for whoever confirms it. */
export interface CatalogDiff {
  /** Names what was shown; a push that would do something else is refused. */
  readonly revision: string
  readonly problems: readonly FieldError[]
  readonly warnings: readonly FieldError[]
  readonly changes: readonly DescribedChange[]
}

export interface DescribedChange extends CatalogChange {
  readonly effects: readonly PublishEffect[]
  readonly subscribersStaying: number
}

interface CatalogFilesDeps {
  readonly database: Database
  readonly clocks: Clocks
  readonly catalog: Catalog
  readonly publishing: Publishing
  readonly creditPurchases: CreditPurchases
  readonly coupons: Pick<Coupons, 'known' | 'put' | 'archive'>
  readonly linkedPrices: Readonly<Record<Mode, PricePins>>
}

export type CatalogFiles = ReturnType<typeof createCatalogFiles>

/** The whole catalog as one document: read, compared with another, and put in its place. */
export function createCatalogFiles(deps: CatalogFilesDeps) {
  const { database, clocks, catalog, coupons, publishing, creditPurchases, linkedPrices } = deps

  async function stateOf(mode: Mode): Promise<CatalogState> {
    const [meters, features, plans, versions, subscribers, creditPacks, known] = await Promise.all([
      catalog.meters(mode),
      catalog.features(mode),
      catalog.plans(mode),
      store.listVersions(database.db, mode),
      store.countSubscribers(database.db, mode),
      creditPurchases.packs(mode),
      coupons.known(mode),
    ])
    const inUse = versions
      .filter(({ id }) => (subscribers.get(id) ?? 0) > 0)
      .flatMap(({ definition }) => definition.phases)
      .flatMap(({ rateCards }) => rateCards)
      .flatMap(({ featureKey }) => features.get(featureKey ?? '')?.meterKey ?? [])
    return {
      meters,
      features: [...features.values()],
      plans: plans.map(({ key, isDefault, active, draft, subscriberCount }): PlanState => {
        const own = versions.filter(({ planKey }) => planKey === key)
        const newestVersion = Math.max(0, ...own.map(({ version }) => version))
        return { key, isDefault, active, draft, newestVersion, subscribers: subscriberCount }
      }),
      creditPacks,
      coupons: known,
      metersInUse: new Set(inUse),
    }
  }

  /** With the prices that the environment of this installation names. */
  function pinned(mode: Mode, file: CatalogFile): CatalogFile {
    const context = contextOf(file)
    const plans = file.plans.map(({ key, definition, ...plan }) => ({
      ...plan,
      key,
      definition: pinPrices(key, definition, context, linkedPrices[mode]).definition,
    }))
    return { ...file, plans }
  }

  async function diff(mode: Mode, file: CatalogFile): Promise<CatalogDiff> {
    const state = await stateOf(mode)
    const problems = validateCatalog(file, state)
    const warnings: FieldError[] = []
    const changes: DescribedChange[] = []
    const decided = decideCatalog(state, pinned(mode, file))
    const context = contextOf(file)
    for (const change of decided) {
      const known = state.plans.find(({ key }) => key === change.key)
      const subscribersStaying = change.kind === 'plan' ? (known?.subscribers ?? 0) : 0
      const at = file.plans.findIndex(({ key }) => key === change.key)
      const wanted = file.plans[at]
      let effects: readonly PublishEffect[] = []
      if (change.kind === 'plan' && wanted !== undefined) {
        const number = known?.draft?.version ?? (known?.newestVersion ?? 0) + 1
        const { key, definition } = wanted
        const version = newVersion(key, number, definition, clocks.now(mode))
        const examined = await publishing.examine(mode, version, context, isChange(change))
        problems.push(...inFile(examined.problems, at))
        if (isChange(change)) {
          warnings.push(...inFile(examined.warnings, at))
          effects = examined.effects
        }
      } else if (change.kind === 'plan' && known?.active) {
        effects = await publishing.retirement(mode, known.active)
      }
      changes.push({ ...change, effects, subscribersStaying })
    }
    const isPossible = problems.length === 0
    return {
      revision: revisionOf(file, isPossible ? changes : [], state),
      problems,
      warnings,
      changes: isPossible ? changes : [],
    }
  }

  return {
    diff,

    /** What is on sale. */
    async read(mode: Mode): Promise<CatalogFile> {
      const state = await stateOf(mode)
      const isThere = ({ archivedAt }: { readonly archivedAt: number | null }) =>
        archivedAt === null
      const meters = state.meters.filter(isThere)
      const features = state.features.filter(isThere)
      const pins = linkedPrices[mode]
      return {
        meters: meters.map(meterInFile),
        features: features.map(featureInFile),
        plans: state.plans.flatMap(({ key, isDefault, active }) =>
          active === null
            ? []
            : [
                {
                  key,
                  isDefault,
                  definition: unpinPrices(key, active.definition, { meters, features }, pins),
                },
              ],
        ),
        creditPacks: state.creditPacks.filter(isThere).map(packInFile),
        coupons: state.coupons
          .filter(({ coupon }) => isThere(coupon))
          .map(couponInFile)
          .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      }
    },

    /**
     * Makes the catalog what the file says. Each step stands by itself and is not done twice, so a push that was cut off
     * goes on when it is repeated.
     */
    async push(caller: Caller, file: CatalogFile, revision?: string): Promise<CatalogDiff> {
      const { mode } = caller
      const shown = await diff(mode, file)
      if (shown.problems.length > 0) throw invalidRequest([...shown.problems])
      if (revision !== undefined && revision !== shown.revision) {
        throw new AppError('catalog_changed', {})
      }
      const changes = shown.changes.filter(isChange)
      for (const change of changes) await prepare(caller, file, change)
      // An add-on is added to what is on sale.
      const isAddOnOf = ({ kind, key }: CatalogChange) =>
        kind === 'plan' &&
        file.plans.some((plan) => plan.key === key && plan.definition.addOn !== null)
      for (const change of [
        ...changes.filter((each) => !isAddOnOf(each)),
        ...changes.filter(isAddOnOf),
      ])
        await sell(caller, file, change)
      // They may be for plans that were not on sale before.
      for (const change of changes) await offer(caller, file, change)
      // What is gone leaves last, plans before what they refer to.
      for (const change of changes) await settle(caller, file, change)
      for (const change of changes.toReversed()) await leave(caller, change)
      return shown
    },
  }

  /** What plans refer to comes before them. */
  async function prepare(
    caller: Caller,
    file: CatalogFile,
    { kind, key, change }: CatalogChange,
  ): Promise<void> {
    if (change === 'archive') return
    if (kind === 'meter') {
      const meter = file.meters.find((each) => each.key === key)
      if (meter === undefined) return
      if (change === 'create') await catalog.createMeter(caller, meter)
      else await catalog.changeMeter(caller, key, { name: meter.name, isArchived: false })
    }
    if (kind === 'feature') {
      const feature = file.features.find((each) => each.key === key)
      if (feature === undefined) return
      if (change === 'create') await catalog.createFeature(caller, feature)
      else await catalog.changeFeature(caller, key, { ...feature, isArchived: false })
    }
  }

  async function sell(
    caller: Caller,
    file: CatalogFile,
    { kind, key, change }: CatalogChange,
  ): Promise<void> {
    if (change === 'archive') return
    if (kind === 'plan') {
      const plan = file.plans.find((each) => each.key === key)
      if (plan === undefined) return
      const isKnown = (await catalog.planOrder(caller.mode)).includes(key)
      if (isKnown) await catalog.saveDraft(caller, key, plan.definition)
      else await catalog.createPlan(caller, { ...plan, isDefault: false })
      await publishing.publish(caller, key)
    }
    if (kind === 'credit_pack') {
      const pack = file.creditPacks.find((each) => each.key === key)
      if (pack !== undefined) await creditPurchases.putPack(caller, pack, clocks.now(caller.mode))
    }
  }

  async function offer(
    caller: Caller,
    file: CatalogFile,
    { kind, key, change }: CatalogChange,
  ): Promise<void> {
    const coupon = file.coupons?.find((each) => each.key === key)
    if (kind === 'coupon' && change !== 'archive' && coupon !== undefined) {
      await coupons.put(caller, coupon)
    }
  }

  async function settle(caller: Caller, file: CatalogFile, { kind }: CatalogChange): Promise<void> {
    if (kind === 'default_plan') {
      await catalog.setDefault(caller, file.plans.find(({ isDefault }) => isDefault)?.key ?? null)
    }
    if (kind === 'plan_order') {
      await catalog.setOrder(caller, wantedOrder(await stateOf(caller.mode), file))
    }
  }

  async function leave(caller: Caller, { kind, key, change }: CatalogChange): Promise<void> {
    const { mode } = caller
    if (change !== 'archive') return
    switch (kind) {
      case 'plan':
        return publishing.archive(caller, key)
      case 'credit_pack':
        return creditPurchases.archivePack(caller, key, clocks.now(mode))
      case 'coupon':
        await coupons.archive(caller, key)
        return
      case 'feature': {
        const feature = (await catalog.features(mode)).get(key)
        if (feature !== undefined) {
          await catalog.changeFeature(caller, key, { ...feature, isArchived: true })
        }
        return
      }
      case 'meter': {
        const meter = (await catalog.meters(mode)).find((each) => each.key === key)
        if (meter !== undefined) {
          await catalog.changeMeter(caller, key, { name: meter.name, isArchived: true })
        }
        return
      }
      case 'plan_order':
      case 'default_plan':
      // Settings of the catalog: there is nothing of them to take off sale.
    }
  }
}

function inFile(remarks: readonly FieldError[], at: number): FieldError[] {
  return remarks.map(({ path, message }) => ({ path: `plans[${at}].${path}`, message }))
}

/** The same file, the same changes, over the same drafts. */
function revisionOf(
  file: CatalogFile,
  changes: readonly DescribedChange[],
  { plans }: CatalogState,
): string {
  const drafts = plans.map(({ draft }: { draft: PlanVersion | null }) =>
    draft === null ? null : [draft.id, draft.revision],
  )
  const shown = JSON.stringify([file, changes, drafts], (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  return sha256Hex(shown).slice(0, 32)
}
