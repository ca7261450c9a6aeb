import type { CouponInFile } from '../coupons/coupons-in-file.ts'
import type { CreditPack } from '../credits/purchase.ts'
import type { Money } from '../../kit/money.ts'
import type { Feature, Meter } from './meter.ts'
import type { PlanDefinition } from './plan.ts'

/**
 * Everything that is on sale, as it stands in a file: what operators keep under version control and carry from test to
 * live mode. Drafts are work in progress and not in it. The order of the plans is the plan order.
 */
export interface CatalogFile {
  readonly meters: readonly MeterInFile[]
  readonly features: readonly FeatureInFile[]
  readonly plans: readonly PlanInFile[]
  readonly creditPacks: readonly PackInFile[]
  /** Null: the file says nothing about coupons, and leaves them alone. */
  readonly coupons: readonly CouponInFile[] | null
}

export type MeterInFile = Omit<Meter, 'id' | 'createdAt' | 'archivedAt'>
export type FeatureInFile = Omit<Feature, 'id' | 'createdAt' | 'archivedAt'>

export interface PlanInFile {
  readonly key: string
  readonly isDefault: boolean
  readonly definition: PlanDefinition
}

export interface PackInFile extends CreditPack {
  readonly name: string
  readonly price: Money
}

export function meterInFile(meter: Meter): MeterInFile {
  const { id: _id, createdAt: _createdAt, archivedAt: _archivedAt, ...rest } = meter
  return rest
}

export function featureInFile(feature: Feature): FeatureInFile {
  const { id: _id, createdAt: _createdAt, archivedAt: _archivedAt, ...rest } = feature
  return rest
}
