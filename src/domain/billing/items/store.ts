import type { Selectable } from 'kysely'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { Tables } from '../../../platform/database/tables.generated.ts'
import { chargeFromJson, chargeToJson } from '../charges/billed-charge.ts'
import type { Derivation } from '../derivation.ts'
import type { InvoiceItem, ItemState, WantedItem } from './item.ts'

export async function ofInvoice(db: Db, mode: Mode, invoiceId: string): Promise<InvoiceItem[]> {
  const rows = await db
    .selectFrom('invoiceItems')
    .selectAll()
    .where('mode', '=', mode)
    .where('invoiceId', '=', invoiceId)
    .orderBy('startsAt')
    .orderBy('lineKey')
    .execute()
  return rows.map(fromRow)
}

export async function insert(
  tx: Db,
  mode: Mode,
  item: Omit<InvoiceItem, 'stripeItemId' | 'revision'>,
  now: Instant,
): Promise<void> {
  await tx
    .insertInto('invoiceItems')
    .values({
      mode,
      id: item.id,
      customerId: item.customerId,
      subscriptionId: item.subscriptionId,
      invoiceId: item.invoiceId,
      currency: item.currency,
      lineKey: item.lineKey,
      ...written(item),
      state: item.state,
      createdAt: new Date(now),
      updatedAt: new Date(now),
    })
    .execute()
}

/** New words; a new revision is a new question to Stripe. */
export async function rewrite(
  tx: Db,
  mode: Mode,
  id: string,
  wanted: WantedItem,
  state: ItemState,
  isAskedAnew: boolean,
  now: Instant,
): Promise<void> {
  await tx
    .updateTable('invoiceItems')
    .set({ ...written(wanted), state, updatedAt: new Date(now) })
    .set((column) => (isAskedAnew ? { revision: column('revision', '+', 1) } : {}))
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

export async function setState(
  tx: Db,
  mode: Mode,
  id: string,
  state: ItemState,
  now: Instant,
): Promise<void> {
  await tx
    .updateTable('invoiceItems')
    .set({ state, updatedAt: new Date(now) })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

/** Stripe shows the item as it was asked; false when it was rewritten meanwhile and has to be asked again. */
export async function markShown(
  db: Db,
  mode: Mode,
  { id, revision }: InvoiceItem,
  stripeItemId: string,
  now: Instant,
): Promise<boolean> {
  await db
    .updateTable('invoiceItems')
    .set({ stripeItemId })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
  const result = await db
    .updateTable('invoiceItems')
    .set({ state: 'shown', updatedAt: new Date(now) })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .where('revision', '=', revision)
    .where('state', '=', 'wanted')
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function remove(tx: Db, mode: Mode, id: string): Promise<void> {
  await tx.deleteFrom('invoiceItems').where('mode', '=', mode).where('id', '=', id).execute()
}

function written(item: WantedItem) {
  return {
    description: item.description,
    amountMinor: item.amountMinor,
    startsAt: new Date(item.period.startsAt),
    endsAt: new Date(item.period.endsAt),
    rateCardKey: item.rateCardKey,
    derivation: JSON.stringify(item.derivation),
    charge: JSON.stringify(chargeToJson(item.charge)),
  }
}

function fromRow(row: Selectable<Tables['invoiceItems']>): InvoiceItem {
  return {
    id: row.id,
    customerId: row.customerId,
    subscriptionId: row.subscriptionId,
    invoiceId: row.invoiceId,
    currency: row.currency,
    lineKey: row.lineKey,
    description: row.description,
    amountMinor: row.amountMinor,
    period: { startsAt: row.startsAt.getTime(), endsAt: row.endsAt.getTime() },
    rateCardKey: row.rateCardKey,
    derivation: row.derivation as Derivation,
    charge: chargeFromJson(row.charge),
    state: row.state,
    stripeItemId: row.stripeItemId,
    revision: row.revision,
  }
}
