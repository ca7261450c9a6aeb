import { isDeepStrictEqual } from 'node:util'
import { type CouponChange, decideCoupons, type KnownCoupon } from '../coupons/coupons-in-file.ts'
import type { SoldPack } from '../credits/purchases/purchase.ts'
import { type CatalogFile, featureInFile, meterInFile, type PackInFile } from './catalog-file.ts'
import type { Feature, Meter } from './meter.ts'
import type { PlanDefinition, PlanVersion } from './plan.ts'

/** The catalog as it is, with what the file does not say. */
export interface CatalogState {
  readonly meters: readonly Meter[]
  readonly features: readonly Feature[]
  /** In plan order. */
  readonly plans: readonly PlanState[]
  readonly creditPacks: readonly SoldPack[]
  readonly coupons: readonly KnownCoupon[]
  /** Meters that open subscriptions are metered by, whatever version they are on. */
  readonly metersInUse: ReadonlySet<string>
}

export interface PlanState {
  readonly key: string
  readonly isDefault: boolean
  readonly active: PlanVersion | null
  readonly draft: PlanVersion | null
  readonly newestVersion: number
  /** Open subscriptions on the active version. */
  readonly subscribers: number
}

export interface CatalogChange {
  readonly kind:
    | 'meter'
    | 'feature'
    | 'plan'
    | 'credit_pack'
    | 'coupon'
    | 'plan_order'
    | 'default_plan'
  readonly key: string
  readonly change: 'create' | 'change' | 'version' | 'restore' | 'archive' | 'keep'
  readonly note: string | null
}

/** Everything it takes to make the catalog what the file says, and what stays as it is. For files without problems. */
export function decideCatalog(state: CatalogState, file: CatalogFile): CatalogChange[] {
  return [
    ...decideMeters(state, file),
    ...decideFeatures(state, file),
    ...decidePlans(state, file),
    ...decidePacks(state, file),
    ...(file.coupons === null ? [] : decideCoupons(state.coupons, file.coupons)).map(ofCoupon),
    ...decideOrder(state, file),
    ...decideDefault(state, file),
  ]
}

function ofCoupon(change: CouponChange): CatalogChange {
  return { kind: 'coupon', ...change }
}

export function isChange({ change }: Pick<CatalogChange, 'change'>): boolean {
  return change !== 'keep'
}

function decideMeters(state: CatalogState, file: CatalogFile): CatalogChange[] {
  const wanted = file.meters.map((meter): CatalogChange => {
    const known = state.meters.find(({ key }) => key === meter.key)
    if (known === undefined) return changeOf('meter', meter.key, 'create')
    if (known.archivedAt !== null) return changeOf('meter', meter.key, 'restore')
    const isSame = isDeepStrictEqual(meterInFile(known), { ...meter })
    return changeOf('meter', meter.key, isSame ? 'keep' : 'change')
  })
  const missing = missingIn(state.meters, file.meters).map(({ key }) =>
    state.metersInUse.has(key)
      ? changeOf('meter', key, 'keep', 'Not in the file; open subscriptions are metered by it.')
      : changeOf('meter', key, 'archive', 'Its events are no longer counted.'),
  )
  return [...wanted, ...missing]
}

function decideFeatures(state: CatalogState, file: CatalogFile): CatalogChange[] {
  const wanted = file.features.map((feature): CatalogChange => {
    const known = state.features.find(({ key }) => key === feature.key)
    if (known === undefined) return changeOf('feature', feature.key, 'create')
    if (known.archivedAt !== null) return changeOf('feature', feature.key, 'restore')
    const isSame = isDeepStrictEqual(featureInFile(known), { ...feature })
    return changeOf('feature', feature.key, isSame ? 'keep' : 'change')
  })
  const missing = missingIn(state.features, file.features)
  return [...wanted, ...missing.map(({ key }) => changeOf('feature', key, 'archive'))]
}

function decidePlans(state: CatalogState, file: CatalogFile): CatalogChange[] {
  const wanted = file.plans.map(({ key, definition }): CatalogChange => {
    const known = state.plans.find((plan) => plan.key === key)
    if (known === undefined) return changeOf('plan', key, 'create')
    const { active, draft, newestVersion } = known
    if (active !== null && isSameDefinition(active.definition, definition)) {
      return changeOf('plan', key, 'keep')
    }
    const isOverwritten = draft !== null && !isSameDefinition(draft.definition, definition)
    const note = isOverwritten
      ? `Replaces the draft of version ${draft.version} that is being worked on.`
      : null
    if (active !== null) return changeOf('plan', key, 'version', note)
    const wasOnSale = newestVersion > (draft === null ? 0 : 1)
    return changeOf('plan', key, wasOnSale ? 'restore' : 'create', note)
  })
  const onSale = state.plans.filter(({ active }) => active !== null)
  const gone = missingIn(onSale, file.plans)
  return [...wanted, ...gone.map(({ key }) => changeOf('plan', key, 'archive'))]
}

function decidePacks(state: CatalogState, file: CatalogFile): CatalogChange[] {
  const wanted = file.creditPacks.map((pack): CatalogChange => {
    const known = state.creditPacks.find(({ key }) => key === pack.key)
    if (known === undefined) return changeOf('credit_pack', pack.key, 'create')
    if (known.archivedAt !== null) return changeOf('credit_pack', pack.key, 'restore')
    const isSame = isDeepStrictEqual(packInFile(known), { ...pack })
    return changeOf('credit_pack', pack.key, isSame ? 'keep' : 'change')
  })
  const missing = missingIn(
    state.creditPacks.filter(({ archivedAt }) => archivedAt === null),
    file.creditPacks,
  )
  return [...wanted, ...missing.map(({ key }) => changeOf('credit_pack', key, 'archive'))]
}

/** Plans that are not in the file keep their places relative to each other, behind those that are. */
export function wantedOrder(state: Pick<CatalogState, 'plans'>, file: CatalogFile): string[] {
  const listed = file.plans.map(({ key }) => key)
  return [...listed, ...state.plans.map(({ key }) => key).filter((key) => !listed.includes(key))]
}

function decideOrder(state: CatalogState, file: CatalogFile): CatalogChange[] {
  const listed = file.plans.map(({ key }) => key)
  // Archived plans and drafts are in no file: where they stand is no difference.
  const known = state.plans.map(({ key }) => key).filter((key) => listed.includes(key))
  // A new plan comes last by itself, which is where the file may have it.
  const isSame = known.every((key, at) => listed[at] === key)
  return isSame ? [] : [changeOf('plan_order', 'plans', 'change', listed.join(' < '))]
}

function decideDefault(state: CatalogState, file: CatalogFile): CatalogChange[] {
  const wanted = file.plans.find(({ isDefault }) => isDefault)?.key ?? null
  const known = state.plans.find(({ isDefault }) => isDefault)?.key ?? null
  if (wanted === known) return []
  const note = wanted === null ? 'Nobody falls back to a plan any more.' : `Was ${known ?? 'none'}.`
  return [changeOf('default_plan', wanted ?? 'none', 'change', note)]
}

function isSameDefinition(a: PlanDefinition, b: PlanDefinition): boolean {
  return isDeepStrictEqual({ ...a }, { ...b })
}

export function packInFile(pack: SoldPack): PackInFile {
  const { mode: _, createdAt: __, archivedAt: ___, ...rest } = pack
  return rest
}

function missingIn<Known extends { readonly key: string; readonly archivedAt?: unknown }>(
  known: readonly Known[],
  wanted: readonly { readonly key: string }[],
): Known[] {
  return known.filter(
    ({ key, archivedAt = null }) => archivedAt === null && !wanted.some((each) => each.key === key),
  )
}

function changeOf(
  kind: CatalogChange['kind'],
  key: string,
  change: CatalogChange['change'],
  note: string | null = null,
): CatalogChange {
  return { kind, key, change, note }
}
