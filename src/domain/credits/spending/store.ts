import { sql } from 'kysely'
import { type Decimal, decimal, formatDecimal, subtract, ZERO } from '../../../kit/decimal.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Period } from '../../../kit/period.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { Burn } from './burn.ts'
import type { Lease, LeasePart, Share } from './purses.ts'

/** Who spends whose credits on which feature of which subscription. */
export interface SpenderKey {
  readonly producerId: string
  readonly mode: Mode
  readonly customerId: string
  readonly subscriptionId: string
  readonly featureKey: string
}

export interface Spender {
  readonly lastSequence: number
  readonly ahead: Decimal
}

const NEW_SPENDER: Spender = { lastSequence: 0, ahead: ZERO }

export async function findSpender(tx: Db, key: SpenderKey): Promise<Spender> {
  const row = await tx
    .selectFrom('creditSpenders')
    .select(['lastSequence', 'ahead'])
    .where('producerId', '=', key.producerId)
    .where('mode', '=', key.mode)
    .where('subscriptionId', '=', key.subscriptionId)
    .where('featureKey', '=', key.featureKey)
    .executeTakeFirst()
  if (row === undefined) return NEW_SPENDER
  return { lastSequence: Number(row.lastSequence), ahead: decimal(row.ahead) }
}

export async function saveSpender(tx: Db, key: SpenderKey, spender: Spender): Promise<void> {
  const state = {
    lastSequence: BigInt(spender.lastSequence),
    ahead: formatDecimal(spender.ahead),
  }
  await tx
    .insertInto('creditSpenders')
    .values({ ...key, ...state })
    .onConflict((conflict) =>
      conflict.columns(['producerId', 'mode', 'subscriptionId', 'featureKey']).doUpdateSet(state),
    )
    .execute()
}

/** Held amounts join what is held on the same grant already. */
export async function addLeases(tx: Db, key: SpenderKey, shares: readonly Share[]): Promise<void> {
  for (const { unit, perUnit, holds } of shares) {
    for (const { grantId, amount } of holds) {
      await sql`
        insert into credit_leases as l
          (mode, producer_id, customer_id, subscription_id, feature_key, unit, per_unit, grant_id, amount)
        values (${key.mode}, ${key.producerId}, ${key.customerId}, ${key.subscriptionId}, ${key.featureKey}, ${unit},
          ${formatDecimal(perUnit)}, ${grantId}, ${formatDecimal(amount)})
        on conflict (producer_id, mode, subscription_id, feature_key, grant_id, per_unit)
          do update set amount = l.amount + excluded.amount`.execute(tx)
    }
  }
}

/** In the order they are used. */
export async function listLeases(tx: Db, key: SpenderKey): Promise<Lease[]> {
  const rows = await tx
    .selectFrom('creditLeases')
    .selectAll()
    .where('producerId', '=', key.producerId)
    .where('mode', '=', key.mode)
    .where('subscriptionId', '=', key.subscriptionId)
    .where('featureKey', '=', key.featureKey)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    unit: row.unit,
    perUnit: decimal(row.perUnit),
    grantId: row.grantId,
    amount: decimal(row.amount),
  }))
}

/** Takes parts off their leases; what is used up goes. */
export async function shrinkLeases(
  tx: Db,
  mode: Mode,
  leases: readonly Lease[],
  parts: readonly Lease[],
): Promise<void> {
  for (const part of parts) {
    const whole = leases.find(({ id }) => id === part.id)?.amount ?? ZERO
    const left = subtract(whole, part.amount)
    const own = { mode, id: part.id }
    if (left > ZERO) {
      await tx
        .updateTable('creditLeases')
        .set({ amount: formatDecimal(left) })
        .where('mode', '=', own.mode)
        .where('id', '=', own.id)
        .execute()
    } else {
      await tx
        .deleteFrom('creditLeases')
        .where('mode', '=', own.mode)
        .where('id', '=', own.id)
        .execute()
    }
  }
}

export async function hasOtherHolders(
  tx: Db,
  mode: Mode,
  customerId: string,
  producerId: string,
): Promise<boolean> {
  const row = await tx
    .selectFrom('creditLeases')
    .select('id')
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('producerId', '<>', producerId)
    .where('amount', '>', '0')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export async function listSpenders(db: Db, producerId: string): Promise<SpenderKey[]> {
  return db
    .selectFrom('creditSpenders')
    .select(['producerId', 'mode', 'customerId', 'subscriptionId', 'featureKey'])
    .where('producerId', '=', producerId)
    .orderBy('mode')
    .orderBy('customerId')
    .execute()
}

export async function removeSpender(tx: Db, key: SpenderKey): Promise<void> {
  for (const table of ['creditLeases', 'creditSpenders'] as const) {
    await tx
      .deleteFrom(table)
      .where('producerId', '=', key.producerId)
      .where('mode', '=', key.mode)
      .where('subscriptionId', '=', key.subscriptionId)
      .where('featureKey', '=', key.featureKey)
      .execute()
  }
}

export async function addBurns(
  tx: Db,
  { mode, subscriptionId, featureKey }: Pick<SpenderKey, 'mode' | 'subscriptionId' | 'featureKey'>,
  bucketAt: Instant,
  parts: readonly Pick<LeasePart, 'grantId' | 'unit' | 'units' | 'amount'>[],
): Promise<void> {
  for (const { grantId, unit, units, amount } of parts) {
    await sql`
      insert into credit_burns as b (mode, subscription_id, feature_key, bucket_at, grant_id, unit, units, amount)
      values (${mode}, ${subscriptionId}, ${featureKey}, ${new Date(bucketAt)}, ${grantId}, ${unit},
        ${formatDecimal(units)}, ${formatDecimal(amount)})
      on conflict (mode, subscription_id, feature_key, bucket_at, grant_id)
        do update set units = b.units + excluded.units, amount = b.amount + excluded.amount`.execute(
      tx,
    )
  }
}

/** What usage that was taken back had been paid with is paid no more. */
export async function removeBurns(
  tx: Db,
  mode: Mode,
  subscriptionId: string,
  parts: readonly Burn[],
): Promise<void> {
  for (const { featureKey, at, grantId, units, amount } of parts) {
    const { rows } = await sql<{ units: string }>`
      update credit_burns set units = units - ${formatDecimal(units)}::numeric, amount = amount - ${formatDecimal(amount)}::numeric
      where mode = ${mode} and subscription_id = ${subscriptionId} and feature_key = ${featureKey}
        and bucket_at = ${new Date(at)} and grant_id = ${grantId}
      returning units`.execute(tx)
    if (decimal(rows[0]?.units ?? '0') > ZERO) continue
    await tx
      .deleteFrom('creditBurns')
      .where('mode', '=', mode)
      .where('subscriptionId', '=', subscriptionId)
      .where('featureKey', '=', featureKey)
      .where('bucketAt', '=', new Date(at))
      .where('grantId', '=', grantId)
      .execute()
  }
}

export async function listBurns(
  db: Db,
  mode: Mode,
  subscriptionId: string,
  { startsAt, endsAt }: Period,
): Promise<Burn[]> {
  const rows = await db
    .selectFrom('creditBurns')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('bucketAt', '>=', new Date(startsAt))
    .where('bucketAt', '<', new Date(endsAt))
    .orderBy('featureKey')
    .orderBy('bucketAt')
    .orderBy('grantId')
    .execute()
  return rows.map((row) => ({
    featureKey: row.featureKey,
    at: row.bucketAt.getTime(),
    unit: row.unit,
    grantId: row.grantId,
    units: decimal(row.units),
    amount: decimal(row.amount),
  }))
}
