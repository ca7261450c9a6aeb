import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../../errors.ts'
import { ZERO } from '../../kit/decimal.ts'
import { validateCoupons } from '../coupons/coupons-in-file.ts'
import { type CatalogFile, featureInFile, meterInFile, type PackInFile } from './catalog-file.ts'
import type { CatalogState } from './decide-catalog.ts'
import type { Feature, Meter } from './meter.ts'
import type { PlanDefinition } from './plan.ts'
import { checkNature } from './validate-plan.ts'
import { checkUnique, type Report } from './validation/report.ts'

/**
 * What is wrong with a catalog besides its plans, which `validatePlan` looks at: names that are given twice, references
 * into nothing, and changes of what can never change.
 */
export function validateCatalog(file: CatalogFile, state: CatalogState): FieldError[] {
  const problems: FieldError[] = []
  const report: Report = (path, message) => problems.push({ path, message })
  for (const section of ['meters', 'features', 'plans', 'creditPacks', 'coupons'] as const) {
    const keys = (file[section] ?? []).map(({ key }) => key)
    checkUnique(keys, (at) => `${section}[${at}].key`, report)
  }
  for (const [at, meter] of file.meters.entries()) {
    const path = `meters[${at}]`
    if (meter.aggregation !== 'count' && meter.valueProperty === null) {
      report(`${path}.valueProperty`, `is needed to take the ${meter.aggregation} of`)
    }
    const known = state.meters.find(({ key }) => key === meter.key)
    const { name: _, ...fixed } = meter
    if (known !== undefined) checkUnchanged(meterInFile(known), fixed, path, report)
  }
  for (const [at, feature] of file.features.entries()) {
    const path = `features[${at}]`
    const isMeasurable = file.meters.some(({ key }) => key === feature.meterKey)
    if (feature.meterKey !== null && !isMeasurable) {
      report(`${path}.meterKey`, `There is no meter ${feature.meterKey} in the file.`)
    }
    const known = state.features.find(({ key }) => key === feature.key)
    const { name: _, metadata: __, ...fixed } = feature
    if (known !== undefined) checkUnchanged(featureInFile(known), fixed, path, report)
  }
  for (const [at, { key, definition, isDefault }] of file.plans.entries()) {
    const active = state.plans.find((plan) => plan.key === key)?.active
    for (const { path, message } of checkNature(active ? [active] : [], definition)) {
      report(`plans[${at}].${path}`, message)
    }
    if (isDefault && definition.addOn !== null) {
      report(`plans[${at}].isDefault`, 'Nobody can fall back to an add-on.')
    }
  }
  const defaults = [...file.plans.entries()].filter(([, { isDefault }]) => isDefault)
  for (const [at] of defaults.slice(1)) {
    report(`plans[${at}].isDefault`, `Customers can fall back to one plan only.`)
  }
  for (const [at, pack] of file.creditPacks.entries()) {
    checkPack(pack, file, `creditPacks[${at}]`, report)
  }
  problems.push(...validateCoupons(state.coupons, file.coupons ?? [], cardsByPlan(file, state)))
  return problems
}

/** Cards of earlier versions count as well: somebody may still have them. */
function cardsByPlan(file: CatalogFile, { plans }: CatalogState): Map<string, Set<string>> {
  return new Map(
    file.plans.map(({ key, definition }) => {
      const active = plans.find((plan) => plan.key === key)?.active?.definition
      const phases = [...definition.phases, ...(active?.phases ?? [])]
      return [key, new Set(phases.flatMap(({ rateCards }) => rateCards.map((card) => card.key)))]
    }),
  )
}

function checkPack(pack: PackInFile, file: CatalogFile, path: string, report: Report): void {
  const { unit, amountPerPack, price, appliesTo } = pack
  const isFeature = (wanted: string) => file.features.some(({ key }) => key === wanted)
  if (amountPerPack <= ZERO) report(`${path}.amountPerPack`, 'must be more than nothing')
  if (price.amountMinor <= 0n) report(`${path}.price`, 'must be more than nothing')
  if (unit.kind === 'feature' && !isFeature(unit.featureKey)) {
    report(`${path}.unit`, `There is no feature ${unit.featureKey} in the file.`)
  }
  for (const [at, featureKey] of (appliesTo ?? []).entries()) {
    if (!isFeature(featureKey)) {
      report(`${path}.appliesTo[${at}]`, `There is no feature ${featureKey} in the file.`)
    }
  }
}

function checkUnchanged(known: object, wanted: object, path: string, report: Report): void {
  for (const [property, value] of Object.entries(wanted)) {
    const before = (known as Readonly<Record<string, unknown>>)[property]
    if (isDeepStrictEqual(before, value)) continue
    report(
      `${path}.${property}`,
      `is ${JSON.stringify(before)} and can never change; give the new one another key.`,
    )
  }
}

/** What plans of the file may refer to, once it is pushed. */
export function contextOf({ meters, features, plans }: CatalogFile): {
  readonly meters: Meter[]
  readonly features: Feature[]
  readonly plans: ReadonlyMap<string, PlanDefinition>
} {
  const ours = { id: '', createdAt: 0, archivedAt: null }
  return {
    meters: meters.map((meter) => ({ ...ours, ...meter })),
    features: features.map((feature) => ({ ...ours, ...feature })),
    plans: new Map(plans.map(({ key, definition }) => [key, definition])),
  }
}
