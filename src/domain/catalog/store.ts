import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { Feature, Meter } from './meter.ts'
import type { PlanDefinition, PlanVersion, PlanVersionState } from './plan.ts'

export async function insertMeter(tx: Db, mode: Mode, meter: Meter): Promise<boolean> {
  const result = await tx
    .insertInto('meters')
    .values({
      mode,
      id: meter.id,
      key: meter.key,
      name: meter.name,
      eventType: meter.eventType,
      aggregation: meter.aggregation,
      valueProperty: meter.valueProperty,
      groupBy: JSON.stringify(meter.groupBy),
      filters: JSON.stringify(meter.filters),
      unit: meter.unit,
      createdAt: new Date(meter.createdAt),
    })
    .onConflict((conflict) => conflict.columns(['mode', 'key']).doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function listMeters(db: Db, mode: Mode): Promise<Meter[]> {
  const rows = await db
    .selectFrom('meters')
    .selectAll()
    .where('mode', '=', mode)
    .orderBy('key')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    key: row.key,
    name: row.name,
    eventType: row.eventType,
    aggregation: row.aggregation,
    valueProperty: row.valueProperty,
    groupBy: row.groupBy as Meter['groupBy'],
    filters: row.filters as Meter['filters'],
    unit: row.unit,
    createdAt: row.createdAt.getTime(),
    archivedAt: row.archivedAt?.getTime() ?? null,
  }))
}

/** A meter is immutable but for its name and whether it is archived. */
export async function updateMeter(
  tx: Db,
  mode: Mode,
  { key, name, archivedAt }: Pick<Meter, 'key' | 'name' | 'archivedAt'>,
): Promise<void> {
  await tx
    .updateTable('meters')
    .set({ name, archivedAt: archivedAt === null ? null : new Date(archivedAt) })
    .where('mode', '=', mode)
    .where('key', '=', key)
    .execute()
}

export async function insertFeature(tx: Db, mode: Mode, feature: Feature): Promise<boolean> {
  const result = await tx
    .insertInto('features')
    .values({
      mode,
      id: feature.id,
      key: feature.key,
      name: feature.name,
      meterKey: feature.meterKey,
      metadata: JSON.stringify(feature.metadata),
      createdAt: new Date(feature.createdAt),
    })
    .onConflict((conflict) => conflict.columns(['mode', 'key']).doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** A feature is immutable but for its name, its metadata and whether it is archived. */
export async function updateFeature(
  tx: Db,
  mode: Mode,
  { key, name, metadata, archivedAt }: Pick<Feature, 'key' | 'name' | 'metadata' | 'archivedAt'>,
): Promise<void> {
  await tx
    .updateTable('features')
    .set({
      name,
      metadata: JSON.stringify(metadata),
      archivedAt: archivedAt === null ? null : new Date(archivedAt),
    })
    .where('mode', '=', mode)
    .where('key', '=', key)
    .execute()
}

export async function listFeatures(db: Db, mode: Mode): Promise<Feature[]> {
  const rows = await db
    .selectFrom('features')
    .selectAll()
    .where('mode', '=', mode)
    .orderBy('key')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    key: row.key,
    name: row.name,
    meterKey: row.meterKey,
    metadata: row.metadata as Feature['metadata'],
    createdAt: row.createdAt.getTime(),
    archivedAt: row.archivedAt?.getTime() ?? null,
  }))
}

export interface PlanRow {
  readonly key: string
  readonly position: number
  readonly isDefault: boolean
}

export async function listPlans(db: Db, mode: Mode): Promise<PlanRow[]> {
  return db
    .selectFrom('plans')
    .select(['key', 'position', 'isDefault'])
    .where('mode', '=', mode)
    .orderBy('position')
    .orderBy('key')
    .execute()
}

/** Adds the plan at the end of the plan order; false when the key is taken. */
export async function insertPlan(
  tx: Db,
  mode: Mode,
  key: string,
  isDefault: boolean,
  now: Instant,
): Promise<boolean> {
  const last = await tx
    .selectFrom('plans')
    .select(({ fn }) => fn.max('position').as('position'))
    .where('mode', '=', mode)
    .executeTakeFirst()
  const result = await tx
    .insertInto('plans')
    .values({ mode, key, position: (last?.position ?? 0) + 1, isDefault, createdAt: new Date(now) })
    .onConflict((conflict) => conflict.columns(['mode', 'key']).doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function setDefaultPlan(tx: Db, mode: Mode, key: string | null): Promise<void> {
  await tx.updateTable('plans').set({ isDefault: false }).where('mode', '=', mode).execute()
  if (key === null) return
  await tx
    .updateTable('plans')
    .set({ isDefault: true })
    .where('mode', '=', mode)
    .where('key', '=', key)
    .execute()
}

export async function setPlanOrder(tx: Db, mode: Mode, keys: readonly string[]): Promise<void> {
  await sql`
    update plans set position = ordered.position
    from unnest(${[...keys]}::text[]) with ordinality as ordered (key, position)
    where plans.mode = ${mode} and plans.key = ordered.key`.execute(tx)
}

export async function insertVersion(tx: Db, mode: Mode, version: PlanVersion): Promise<void> {
  await tx
    .insertInto('planVersions')
    .values({
      mode,
      id: version.id,
      planKey: version.planKey,
      version: version.version,
      state: version.state,
      definition: JSON.stringify(version.definition),
      createdAt: new Date(version.createdAt),
      updatedAt: new Date(version.createdAt),
    })
    .execute()
}

/** Replaces a draft's definition; false when it is no draft any more or somebody else edited it first. */
export async function updateDraft(
  tx: Db,
  mode: Mode,
  id: string,
  expectedRevision: number,
  definition: PlanDefinition,
  now: Instant,
): Promise<boolean> {
  const result = await tx
    .updateTable('planVersions')
    .set({
      definition: JSON.stringify(definition),
      revision: expectedRevision + 1,
      updatedAt: new Date(now),
    })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .where('state', '=', 'draft')
    .where('revision', '=', expectedRevision)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function setVersionState(
  tx: Db,
  mode: Mode,
  id: string,
  state: PlanVersionState,
  now: Instant,
): Promise<void> {
  await tx
    .updateTable('planVersions')
    .set({
      state,
      updatedAt: new Date(now),
      ...(state === 'active' && { publishedAt: new Date(now), effectiveFrom: new Date(now) }),
      ...(state === 'archived' && { effectiveTo: new Date(now) }),
    })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

export async function findVersion(
  db: Db,
  mode: Mode,
  id: string,
): Promise<PlanVersion | undefined> {
  const row = await db
    .selectFrom('planVersions')
    .selectAll()
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Every version of a plan, newest first; of all plans without a key. */
export async function listVersions(db: Db, mode: Mode, planKey?: string): Promise<PlanVersion[]> {
  let query = db.selectFrom('planVersions').selectAll().where('mode', '=', mode)
  if (planKey !== undefined) query = query.where('planKey', '=', planKey)
  const rows = await query.orderBy('planKey').orderBy('version', 'desc').execute()
  return rows.map(fromRow)
}

/** Serializes publishing: two operators who publish one plan at once do it one after the other. */
export async function lockPlan(tx: Db, mode: Mode, key: string): Promise<PlanRow | undefined> {
  return tx
    .selectFrom('plans')
    .select(['key', 'position', 'isDefault'])
    .where('mode', '=', mode)
    .where('key', '=', key)
    .forUpdate()
    .executeTakeFirst()
}

/** How many open subscriptions have a version: as their plan, or on top of it. */
export async function countSubscribers(db: Db, mode: Mode): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ id: string; count: string }>`
    select had.id, count(*) from subscriptions s
    cross join lateral (
      select s.plan_version_id as id
      union all select each ->> 'versionId' from jsonb_array_elements(s.add_ons) each
    ) had
    where s.mode = ${mode} and s.closed_at is null group by had.id`.execute(db)
  return new Map(rows.map(({ id, count }) => [id, Number(count)]))
}

function fromRow(row: Selectable<Tables['planVersions']>): PlanVersion {
  return {
    id: row.id,
    planKey: row.planKey,
    version: row.version,
    state: row.state,
    definition: row.definition as PlanDefinition,
    revision: row.revision,
    effectiveFrom: row.effectiveFrom?.getTime() ?? null,
    effectiveTo: row.effectiveTo?.getTime() ?? null,
    publishedAt: row.publishedAt?.getTime() ?? null,
    createdAt: row.createdAt.getTime(),
  }
}
