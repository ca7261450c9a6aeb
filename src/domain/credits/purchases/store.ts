import type { Selectable } from 'kysely'
import { invariant } from '../../../kit/assert.ts'
import { decimal, formatDecimal } from '../../../kit/decimal.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../../kit/page.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { Tables } from '../../../platform/database/tables.generated.ts'
import { parseUnit, unitText } from '../unit-text.ts'
import type { Purchase, SoldPack, TopUpSetting } from './purchase.ts'

export async function savePack(tx: Db, pack: SoldPack): Promise<void> {
  const { mode, key, unit, amountPerPack, price, appliesTo, createdAt, archivedAt, ...rest } = pack
  const row = {
    ...rest,
    unit: unitText(unit),
    amountPerPack: formatDecimal(amountPerPack),
    priceMinor: price.amountMinor,
    currency: price.currency,
    appliesTo: appliesTo === null ? null : [...appliesTo],
    archivedAt: archivedAt === null ? null : new Date(archivedAt),
  }
  await tx
    .insertInto('creditPacks')
    .values({ mode, key, createdAt: new Date(createdAt), ...row })
    .onConflict((conflict) => conflict.columns(['mode', 'key']).doUpdateSet(row))
    .execute()
}

export async function findPack(db: Db, mode: Mode, key: string): Promise<SoldPack | undefined> {
  const row = await db
    .selectFrom('creditPacks')
    .selectAll()
    .where('mode', '=', mode)
    .where('key', '=', key)
    .executeTakeFirst()
  return row && packFrom(row)
}

export async function listPacks(db: Db, mode: Mode): Promise<SoldPack[]> {
  const rows = await db
    .selectFrom('creditPacks')
    .selectAll()
    .where('mode', '=', mode)
    .orderBy('priceMinor')
    .orderBy('key')
    .limit(100)
    .execute()
  return rows.map(packFrom)
}

/** Answers false when one is being bought by itself already. */
export async function insertPurchase(tx: Db, purchase: Purchase): Promise<boolean> {
  const { amount, createdAt, settledAt: _, ...row } = purchase
  const inserted = await tx
    .insertInto('creditPurchases')
    .values({
      ...row,
      amountMinor: amount.amountMinor,
      currency: amount.currency,
      createdAt: new Date(createdAt),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

export async function updatePurchase(tx: Db, purchase: Purchase): Promise<void> {
  const { mode, id, state, failureMessage, checkoutUrl, paymentId, grantId, settledAt } = purchase
  await tx
    .updateTable('creditPurchases')
    .set({
      state,
      failureMessage,
      checkoutUrl,
      paymentId,
      grantId,
      settledAt: settledAt === null ? null : new Date(settledAt),
    })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

export async function findPurchase(
  db: Db,
  mode: Mode,
  by: { readonly id: string } | { readonly paymentId: string },
): Promise<Purchase | undefined> {
  let query = db.selectFrom('creditPurchases').selectAll().where('mode', '=', mode)
  query = 'id' in by ? query.where('id', '=', by.id) : query.where('paymentId', '=', by.paymentId)
  const row = await query.executeTakeFirst()
  return row && purchaseFrom(row)
}

/** What was bought by itself, newest first, whatever became of it. */
export async function pageOfTopUps(
  db: Db,
  mode: Mode,
  customerId: string,
  { limit, cursor }: PageRequest,
): Promise<Page<Purchase>> {
  let query = db
    .selectFrom('creditPurchases')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('cause', '=', 'top_up')
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(purchaseFrom), limit, ({ id }) => id)
}

/** Newest first. */
export async function listTopUps(db: Db, mode: Mode, customerId: string): Promise<Purchase[]> {
  const rows = await db
    .selectFrom('creditPurchases')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('cause', '=', 'top_up')
    .orderBy('id', 'desc')
    .limit(1_000)
    .execute()
  return rows.map(purchaseFrom)
}

export async function findTopUp(
  db: Db,
  mode: Mode,
  customerId: string,
): Promise<TopUpSetting | undefined> {
  const row = await db
    .selectFrom('creditTopUps')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .executeTakeFirst()
  return (
    row && {
      isEnabled: row.isEnabled,
      packKey: row.packKey,
      quantity: row.quantity,
      threshold: decimal(row.threshold),
      maximumPerDay: row.maximumPerDay === null ? null : decimal(row.maximumPerDay),
      maximumPerMonth: row.maximumPerMonth === null ? null : decimal(row.maximumPerMonth),
      confirmedAt: row.confirmedAt.getTime(),
    }
  )
}

export async function saveTopUp(
  tx: Db,
  mode: Mode,
  customerId: string,
  setting: TopUpSetting,
): Promise<void> {
  const { threshold, maximumPerDay, maximumPerMonth, confirmedAt, ...rest } = setting
  const row = {
    ...rest,
    threshold: formatDecimal(threshold),
    maximumPerDay: maximumPerDay === null ? null : formatDecimal(maximumPerDay),
    maximumPerMonth: maximumPerMonth === null ? null : formatDecimal(maximumPerMonth),
    confirmedAt: new Date(confirmedAt),
  }
  await tx
    .insertInto('creditTopUps')
    .values({ mode, customerId, ...row })
    .onConflict((conflict) => conflict.columns(['mode', 'customerId']).doUpdateSet(row))
    .execute()
}

export async function lookAtTopUpAgain(
  tx: Db,
  mode: Mode,
  customerId: string,
  at: Instant | null,
): Promise<void> {
  await tx
    .updateTable('creditTopUps')
    .set({ lookAgainAt: at === null ? null : new Date(at) })
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .execute()
}

/** Customers on the mode's own time whose limit is over. */
export async function listTopUpsDue(
  db: Db,
  mode: Mode,
  now: Instant,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('creditTopUps as t')
    .innerJoin('customers as c', (join) =>
      join.onRef('c.mode', '=', 't.mode').onRef('c.id', '=', 't.customerId'),
    )
    .select('t.customerId')
    .where('t.mode', '=', mode)
    .where('t.lookAgainAt', '<=', new Date(now))
    .where('c.testClockId', 'is', null)
    .orderBy('t.lookAgainAt')
    .limit(limit)
    .execute()
  return rows.map(({ customerId }) => customerId)
}

export async function nextTopUpDue(
  db: Db,
  mode: Mode,
  after: Instant,
): Promise<Instant | undefined> {
  const row = await db
    .selectFrom('creditTopUps')
    .select((select) => select.fn.min('lookAgainAt').as('at'))
    .where('mode', '=', mode)
    .where('lookAgainAt', '>', new Date(after))
    .executeTakeFirst()
  return row?.at?.getTime()
}

function packFrom(row: Selectable<Tables['creditPacks']>): SoldPack {
  const unit = parseUnit(row.unit)
  invariant(unit !== undefined, `${row.unit} is a unit of credits`)
  return {
    mode: row.mode,
    key: row.key,
    name: row.name,
    unit,
    amountPerPack: decimal(row.amountPerPack),
    price: { amountMinor: row.priceMinor, currency: row.currency },
    priority: row.priority,
    validFor: row.validFor,
    appliesTo: row.appliesTo,
    createdAt: row.createdAt.getTime(),
    archivedAt: row.archivedAt?.getTime() ?? null,
  }
}

function purchaseFrom(row: Selectable<Tables['creditPurchases']>): Purchase {
  return {
    mode: row.mode,
    id: row.id,
    customerId: row.customerId,
    packKey: row.packKey,
    quantity: row.quantity,
    amount: { amountMinor: row.amountMinor, currency: row.currency },
    cause: row.cause,
    state: row.state,
    failureMessage: row.failureMessage,
    checkoutUrl: row.checkoutUrl,
    paymentId: row.paymentId,
    grantId: row.grantId,
    createdAt: row.createdAt.getTime(),
    settledAt: row.settledAt?.getTime() ?? null,
  }
}
