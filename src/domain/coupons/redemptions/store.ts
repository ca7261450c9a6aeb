import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { Tables } from '../../../platform/database/tables.generated.ts'
import type { Redemption } from '../coupon.ts'

export async function insert(
  tx: Db,
  redemption: Pick<Redemption, 'mode' | 'id' | 'couponKey' | 'code' | 'customerId' | 'createdAt'>,
): Promise<void> {
  const { createdAt, ...rest } = redemption
  await tx
    .insertInto('couponRedemptions')
    .values({ ...rest, state: 'held', createdAt: new Date(createdAt) })
    .execute()
}

export async function activate(
  tx: Db,
  mode: Mode,
  id: string,
  active: {
    readonly subscriptionId: string
    readonly startsAt: Instant
    readonly endsAt: Instant | null
  },
): Promise<void> {
  await tx
    .updateTable('couponRedemptions')
    .set({
      state: 'active',
      subscriptionId: active.subscriptionId,
      startsAt: new Date(active.startsAt),
      endsAt: active.endsAt === null ? null : new Date(active.endsAt),
    })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

/** Every place a customer holds with a coupon, but for one purchase. */
export async function releaseOthers(
  tx: Db,
  { mode, id, couponKey, customerId }: Redemption,
): Promise<void> {
  await tx
    .updateTable('couponRedemptions')
    .set({ state: 'released' })
    .where('mode', '=', mode)
    .where('couponKey', '=', couponKey)
    .where('customerId', '=', customerId)
    .where('id', '<>', id)
    .where('state', '=', 'held')
    .execute()
}

export async function release(tx: Db, mode: Mode, id: string): Promise<void> {
  await tx
    .updateTable('couponRedemptions')
    .set({ state: 'released' })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .where('state', '=', 'held')
    .execute()
}

export async function markUsed(tx: Db, mode: Mode, id: string, invoiceId: string): Promise<void> {
  await tx
    .updateTable('couponRedemptions')
    .set({ usedByInvoiceId: invoiceId })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .where('usedByInvoiceId', 'is', null)
    .execute()
}

export async function find(db: Db, mode: Mode, id: string): Promise<Redemption | undefined> {
  const row = await db
    .selectFrom('couponRedemptions')
    .selectAll()
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Those a subscription has, whether or not they are over. */
export async function ofSubscription(
  db: Db,
  mode: Mode,
  subscriptionId: string,
): Promise<Redemption[]> {
  const rows = await db
    .selectFrom('couponRedemptions')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('state', '=', 'active')
    .execute()
  return rows.map(fromRow)
}

/** Of many subscriptions at once. */
export async function ofSubscriptions(
  db: Db,
  mode: Mode,
  ids: readonly string[],
): Promise<Redemption[]> {
  const rows = await db
    .selectFrom('couponRedemptions')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', 'in', ids)
    .where('state', '=', 'active')
    .execute()
  return rows.map(fromRow)
}

/** The place a customer has with a coupon; at most one. */
export async function findOfCustomer(
  db: Db,
  mode: Mode,
  couponKey: string,
  customerId: string,
): Promise<Redemption | undefined> {
  const row = await db
    .selectFrom('couponRedemptions')
    .selectAll()
    .where('mode', '=', mode)
    .where('couponKey', '=', couponKey)
    .where('customerId', '=', customerId)
    .where('state', '<>', 'released')
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Places taken, by code. */
export async function countByCode(
  db: Db,
  mode: Mode,
  couponKey: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('couponRedemptions')
    .select(['code', sql<string>`count(*)`.as('count')])
    .where('mode', '=', mode)
    .where('couponKey', '=', couponKey)
    .where('state', '<>', 'released')
    .groupBy('code')
    .execute()
  return new Map(rows.map(({ code, count }) => [code, Number(count)]))
}

/** Places taken, by coupon. */
export async function countByCoupon(db: Db, mode: Mode): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('couponRedemptions')
    .select(['couponKey', sql<string>`count(*)`.as('count')])
    .where('mode', '=', mode)
    .where('state', '<>', 'released')
    .groupBy('couponKey')
    .execute()
  return new Map(rows.map(({ couponKey, count }) => [couponKey, Number(count)]))
}

function fromRow(row: Selectable<Tables['couponRedemptions']>): Redemption {
  return {
    mode: row.mode,
    id: row.id,
    couponKey: row.couponKey,
    code: row.code,
    customerId: row.customerId,
    subscriptionId: row.subscriptionId,
    state: row.state,
    startsAt: row.startsAt?.getTime() ?? null,
    endsAt: row.endsAt?.getTime() ?? null,
    usedByInvoiceId: row.usedByInvoiceId,
    createdAt: row.createdAt.getTime(),
  }
}
