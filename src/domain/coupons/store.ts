import type { Selectable } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Db } from '../../platform/database/database.ts'
import { holdAlone } from '../../platform/database/transaction.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { Coupon, CouponDefinition, PromotionCode } from './coupon.ts'

/** False when there is one with that key. */
export async function insertCoupon(tx: Db, coupon: Coupon): Promise<boolean> {
  const { mode, key, definition, createdAt } = coupon
  const result = await tx
    .insertInto('coupons')
    .values({
      mode,
      key,
      definition: JSON.stringify(definition),
      createdAt: new Date(createdAt),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function archiveCoupon(tx: Db, mode: Mode, key: string, at: Instant): Promise<void> {
  await tx
    .updateTable('coupons')
    .set({ archivedAt: new Date(at) })
    .where('mode', '=', mode)
    .where('key', '=', key)
    .where('archivedAt', 'is', null)
    .execute()
}

/** Redeemable again. */
export async function restoreCoupon(tx: Db, mode: Mode, key: string): Promise<void> {
  await tx
    .updateTable('coupons')
    .set({ archivedAt: null })
    .where('mode', '=', mode)
    .where('key', '=', key)
    .execute()
}

export async function listCoupons(db: Db, mode: Mode): Promise<Coupon[]> {
  const rows = await db
    .selectFrom('coupons')
    .selectAll()
    .where('mode', '=', mode)
    .orderBy('createdAt', 'desc')
    .orderBy('key')
    .execute()
  return rows.map(couponFromRow)
}

export async function findCoupon(db: Db, mode: Mode, key: string): Promise<Coupon | undefined> {
  const row = await db
    .selectFrom('coupons')
    .selectAll()
    .where('mode', '=', mode)
    .where('key', '=', key)
    .executeTakeFirst()
  return row && couponFromRow(row)
}

/** Whoever counts places holds the coupon, so that nobody else counts the same one. */
export async function lockCoupon(tx: Db, mode: Mode, key: string): Promise<void> {
  holdAlone(tx, `coupon ${mode} ${key}`)
  await tx
    .selectFrom('coupons')
    .select('key')
    .where('mode', '=', mode)
    .where('key', '=', key)
    .forUpdate()
    .execute()
}

/** False when there is one. */
export async function insertCode(tx: Db, code: PromotionCode): Promise<boolean> {
  const { mode, couponKey, maxRedemptions, expiresAt, customerId, createdAt } = code
  const result = await tx
    .insertInto('promotionCodes')
    .values({
      mode,
      code: code.code,
      couponKey,
      maxRedemptions,
      expiresAt: expiresAt === null ? null : new Date(expiresAt),
      customerId,
      createdAt: new Date(createdAt),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function deactivateCode(tx: Db, mode: Mode, code: string, at: Instant): Promise<void> {
  await tx
    .updateTable('promotionCodes')
    .set({ deactivatedAt: new Date(at) })
    .where('mode', '=', mode)
    .where('code', '=', code)
    .where('deactivatedAt', 'is', null)
    .execute()
}

export async function restoreCode(tx: Db, mode: Mode, code: string): Promise<void> {
  await tx
    .updateTable('promotionCodes')
    .set({ deactivatedAt: null })
    .where('mode', '=', mode)
    .where('code', '=', code)
    .execute()
}

/** Of all coupons, those that everybody may use. */
export async function listCodesForEverybody(db: Db, mode: Mode): Promise<PromotionCode[]> {
  const rows = await db
    .selectFrom('promotionCodes')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', 'is', null)
    .orderBy('code')
    .execute()
  return rows.map(codeFromRow)
}

export async function findCode(
  db: Db,
  mode: Mode,
  code: string,
): Promise<PromotionCode | undefined> {
  const row = await db
    .selectFrom('promotionCodes')
    .selectAll()
    .where('mode', '=', mode)
    .where('code', '=', code)
    .executeTakeFirst()
  return row && codeFromRow(row)
}

export async function listCodes(
  db: Db,
  mode: Mode,
  couponKey: string,
  limit: number,
): Promise<PromotionCode[]> {
  const rows = await db
    .selectFrom('promotionCodes')
    .selectAll()
    .where('mode', '=', mode)
    .where('couponKey', '=', couponKey)
    .orderBy('createdAt', 'desc')
    .orderBy('code')
    .limit(limit)
    .execute()
  return rows.map(codeFromRow)
}

function couponFromRow(row: Selectable<Tables['coupons']>): Coupon {
  return {
    mode: row.mode,
    key: row.key,
    definition: row.definition as CouponDefinition,
    createdAt: row.createdAt.getTime(),
    archivedAt: row.archivedAt?.getTime() ?? null,
  }
}

function codeFromRow(row: Selectable<Tables['promotionCodes']>): PromotionCode {
  return {
    mode: row.mode,
    code: row.code,
    couponKey: row.couponKey,
    maxRedemptions: row.maxRedemptions,
    expiresAt: row.expiresAt?.getTime() ?? null,
    customerId: row.customerId,
    createdAt: row.createdAt.getTime(),
    deactivatedAt: row.deactivatedAt?.getTime() ?? null,
  }
}
