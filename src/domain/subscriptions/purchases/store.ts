import type { Selectable } from 'kysely'
import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { Tables } from '../../../platform/database/tables.generated.ts'
import type { CheckoutIntent } from './checkout-intent.ts'

export async function insert(tx: Db, mode: Mode, intent: CheckoutIntent): Promise<void> {
  await tx
    .insertInto('checkoutIntents')
    .values({
      mode,
      ...intent,
      createdAt: new Date(intent.createdAt),
      expiresAt: new Date(intent.expiresAt),
    })
    .execute()
}

export async function update(
  tx: Db,
  mode: Mode,
  id: string,
  change: Partial<Pick<CheckoutIntent, 'state' | 'stripeSessionId' | 'url' | 'subscriptionId'>>,
): Promise<void> {
  await tx
    .updateTable('checkoutIntents')
    .set(change)
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

export async function find(db: Db, mode: Mode, id: string): Promise<CheckoutIntent | undefined> {
  const row = await db
    .selectFrom('checkoutIntents')
    .selectAll()
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function findOpen(
  db: Db,
  mode: Mode,
  customerId: string,
): Promise<CheckoutIntent | undefined> {
  const row = await db
    .selectFrom('checkoutIntents')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('state', '=', 'open')
    .executeTakeFirst()
  return row && fromRow(row)
}

function fromRow(row: Selectable<Tables['checkoutIntents']>): CheckoutIntent {
  return {
    id: row.id,
    customerId: row.customerId,
    planVersionId: row.planVersionId,
    currency: row.currency,
    kind: row.kind,
    state: row.state,
    stripeSessionId: row.stripeSessionId,
    url: row.url,
    subscriptionId: row.subscriptionId,
    couponKey: row.couponKey,
    createdAt: row.createdAt.getTime(),
    expiresAt: row.expiresAt.getTime(),
  }
}
