import type { Selectable } from 'kysely'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import { forgetReads, readOnce } from '../../../platform/database/read-once.ts'
import type { Tables } from '../../../platform/database/tables.generated.ts'
import type { SubscriptionOverrides } from '../overrides.ts'
import type { Stay } from './stay.ts'

export function list(db: Db, mode: Mode, subscriptionId: string): Promise<readonly Stay[]> {
  return readOnce(db, 'subscriptionStays', [mode, subscriptionId], async () => {
    const rows = await db
      .selectFrom('subscriptionStays')
      .selectAll()
      .where('mode', '=', mode)
      .where('subscriptionId', '=', subscriptionId)
      .orderBy('ordinal')
      .execute()
    return rows.map(fromRow)
  })
}

/** Of many subscriptions at once, each in its order. */
export async function listOf(db: Db, mode: Mode, ids: readonly string[]): Promise<Stay[]> {
  const rows = await db
    .selectFrom('subscriptionStays')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', 'in', ids)
    .orderBy('ordinal')
    .execute()
  return rows.map(fromRow)
}

export async function insert(tx: Db, mode: Mode, stay: Stay): Promise<void> {
  forgetReads(tx, 'subscriptionStays')
  await tx.insertInto('subscriptionStays').values(toRow(mode, stay)).execute()
}

export async function update(
  tx: Db,
  mode: Mode,
  { subscriptionId, ordinal }: Stay,
  change: Partial<Pick<Stay, 'endsAt' | 'endsBy' | 'billingAnchor' | 'phaseEndsAt' | 'startsAt'>>,
): Promise<void> {
  forgetReads(tx, 'subscriptionStays')
  const { endsAt, endsBy, billingAnchor, phaseEndsAt, startsAt } = change
  await tx
    .updateTable('subscriptionStays')
    .set({
      ...(endsAt !== undefined && { endsAt: toDate(endsAt) }),
      ...(endsBy !== undefined && { endsBy }),
      ...(billingAnchor !== undefined && { billingAnchor: toDate(billingAnchor) }),
      ...(phaseEndsAt !== undefined && { phaseEndsAt: toDate(phaseEndsAt) }),
      ...(startsAt !== undefined && { startsAt: new Date(startsAt) }),
    })
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('ordinal', '=', ordinal)
    .execute()
}

/** A stay that never lasted, because another took its place at the moment it began. */
export async function remove(tx: Db, mode: Mode, { subscriptionId, ordinal }: Stay): Promise<void> {
  forgetReads(tx, 'subscriptionStays')
  await tx
    .deleteFrom('subscriptionStays')
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('ordinal', '=', ordinal)
    .execute()
}

function toRow(mode: Mode, stay: Stay) {
  return {
    mode,
    subscriptionId: stay.subscriptionId,
    ordinal: stay.ordinal,
    planVersionId: stay.planVersionId,
    startingPhaseKey: stay.startingPhaseKey,
    startsAt: new Date(stay.startsAt),
    endsAt: toDate(stay.endsAt),
    startsBy: stay.startsBy,
    endsBy: stay.endsBy,
    feesFrom: toDate(stay.feesFrom),
    billingAnchor: toDate(stay.billingAnchor),
    usageAnchor: toDate(stay.usageAnchor),
    phaseEndsAt: toDate(stay.phaseEndsAt),
    isOpenedHere: stay.isOpenedHere,
    overrides: JSON.stringify(stay.overrides),
  }
}

function fromRow(row: Selectable<Tables['subscriptionStays']>): Stay {
  return {
    subscriptionId: row.subscriptionId,
    ordinal: row.ordinal,
    planVersionId: row.planVersionId,
    startingPhaseKey: row.startingPhaseKey,
    startsAt: row.startsAt.getTime(),
    endsAt: instantOf(row.endsAt),
    startsBy: row.startsBy,
    endsBy: row.endsBy,
    feesFrom: instantOf(row.feesFrom),
    billingAnchor: instantOf(row.billingAnchor),
    usageAnchor: instantOf(row.usageAnchor),
    phaseEndsAt: instantOf(row.phaseEndsAt),
    isOpenedHere: row.isOpenedHere,
    overrides: row.overrides as SubscriptionOverrides,
  }
}

function toDate(at: Instant | null): Date | null {
  return at === null ? null : new Date(at)
}

function instantOf(date: Date | null): Instant | null {
  return date?.getTime() ?? null
}
