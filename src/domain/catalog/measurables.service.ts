import { AppError, invalidRequest, notFound } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Aggregation, Feature, Meter } from './meter.ts'
import * as store from './store.ts'

export interface MeterInput {
  readonly key: string
  readonly name: string
  readonly eventType: string
  readonly aggregation: Aggregation
  readonly valueProperty?: string | null | undefined
  readonly groupBy?: Readonly<Record<string, string>> | undefined
  readonly filters?: Readonly<Record<string, readonly string[]>> | undefined
  readonly unit: string
}

export interface FeatureInput {
  readonly key: string
  readonly name: string
  readonly meterKey?: string | null | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

interface MeasurablesDeps {
  readonly database: Database
  readonly clocks: Clocks
  readonly audit: Audit
}

/** Meters and features: what plans refer to. */
export function createMeasurables({ database, clocks, audit }: MeasurablesDeps) {
  return {
    meters: (mode: Mode, db: Db = database.db) => store.listMeters(db, mode),

    async features(mode: Mode, db: Db = database.db): Promise<ReadonlyMap<string, Feature>> {
      const features = await store.listFeatures(db, mode)
      return new Map(features.map((feature) => [feature.key, feature]))
    },

    async createMeter(caller: Caller, input: MeterInput): Promise<Meter> {
      const now = clocks.now(caller.mode)
      const meter: Meter = {
        id: newId('meter', now),
        key: input.key,
        name: input.name,
        eventType: input.eventType,
        aggregation: input.aggregation,
        valueProperty: input.valueProperty ?? null,
        groupBy: input.groupBy ?? {},
        filters: input.filters ?? {},
        unit: input.unit,
        createdAt: now,
        archivedAt: null,
      }
      if (meter.aggregation !== 'count' && meter.valueProperty === null) {
        throw invalidRequest([
          { path: 'valueProperty', message: `is needed to take the ${meter.aggregation} of` },
        ])
      }
      await database.transaction(async (tx) => {
        const isNew = await store.insertMeter(tx, caller.mode, meter)
        if (!isNew) throw new AppError('key_taken', { what: 'meter', key: meter.key })
        await audit.record(tx, caller, created('meter', meter, meter))
      })
      return meter
    },

    async createFeature(caller: Caller, input: FeatureInput): Promise<Feature> {
      const now = clocks.now(caller.mode)
      const feature: Feature = {
        id: newId('feature', now),
        key: input.key,
        name: input.name,
        meterKey: input.meterKey ?? null,
        metadata: input.metadata ?? {},
        createdAt: now,
        archivedAt: null,
      }
      await database.transaction(async (tx) => {
        const meters = await store.listMeters(tx, caller.mode)
        if (feature.meterKey !== null && !meters.some(({ key }) => key === feature.meterKey)) {
          throw invalidRequest([
            { path: 'meterKey', message: `there is no meter ${feature.meterKey}` },
          ])
        }
        const isNew = await store.insertFeature(tx, caller.mode, feature)
        if (!isNew) throw new AppError('key_taken', { what: 'feature', key: feature.key })
        await audit.record(tx, caller, created('feature', feature, feature))
      })
      return feature
    },

    /** Names a meter anew, takes it off the shelf, or puts it back. An archived meter counts nothing any more. */
    async changeMeter(
      caller: Caller,
      key: string,
      { name, isArchived }: { readonly name: string; readonly isArchived: boolean },
    ): Promise<void> {
      const { mode } = caller
      await database.transaction(async (tx) => {
        const known = (await store.listMeters(tx, mode)).find((meter) => meter.key === key)
        if (known === undefined) throw notFound('meter')
        const archivedAt = isArchived ? (known.archivedAt ?? clocks.now(mode)) : null
        const after = { key, name, archivedAt }
        await store.updateMeter(tx, mode, after)
        await audit.record(tx, caller, changed('meter', known, after))
      })
    },

    async changeFeature(
      caller: Caller,
      key: string,
      change: {
        readonly name: string
        readonly metadata: Readonly<Record<string, string>>
        readonly isArchived: boolean
      },
    ): Promise<void> {
      const { mode } = caller
      const { name, metadata, isArchived } = change
      await database.transaction(async (tx) => {
        const known = (await store.listFeatures(tx, mode)).find((feature) => feature.key === key)
        if (known === undefined) throw notFound('feature')
        const archivedAt = isArchived ? (known.archivedAt ?? clocks.now(mode)) : null
        const after = { key, name, metadata, archivedAt }
        await store.updateFeature(tx, mode, after)
        await audit.record(tx, caller, changed('feature', known, after))
      })
    },
  }
}

function created(targetKind: string, { key }: { readonly key: string }, after: unknown) {
  return { action: `${targetKind}.created`, targetKind, targetId: key, after }
}

function changed(targetKind: string, before: { readonly key: string }, after: unknown) {
  return { action: `${targetKind}.changed`, targetKind, targetId: before.key, before, after }
}
