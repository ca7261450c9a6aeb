import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { Tables } from '../../../platform/database/tables.generated.ts'
import type { PaymentMethod } from './payment-method.ts'

export type MethodRow = Omit<PaymentMethod, 'createdAt'>

/** Makes the stored methods of a customer exactly these; what is missing was removed. */
export async function replaceMethods(
  tx: Db,
  mode: Mode,
  customerId: string,
  methods: readonly MethodRow[],
  now: Instant,
): Promise<void> {
  const at = new Date(now)
  for (const { id, ...method } of methods) {
    const row = { ...method, customerId, removedAt: null, updatedAt: at }
    await tx
      .insertInto('paymentMethods')
      .values({ mode, id, ...row, createdAt: at })
      .onConflict((conflict) =>
        conflict.columns(['mode', 'stripePaymentMethodId']).doUpdateSet(row),
      )
      .execute()
  }
  const kept = methods.map(({ stripePaymentMethodId }) => stripePaymentMethodId)
  await sql`
    update payment_methods set removed_at = ${at}, is_default = false, updated_at = ${at}
    where mode = ${mode} and customer_id = ${customerId} and removed_at is null
      and not stripe_payment_method_id = any(${kept}::text[])`.execute(tx)
}

export async function listMethods(
  db: Db,
  mode: Mode,
  customerId: string,
): Promise<PaymentMethod[]> {
  const rows = await db
    .selectFrom('paymentMethods')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('removedAt', 'is', null)
    .orderBy('isDefault', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return rows.map(fromRow)
}

/** Until when another method of this customer is waited for. */
export async function findDeadline(
  db: Db,
  mode: Mode,
  customerId: string,
): Promise<Instant | null> {
  const row = await db
    .selectFrom('paymentMethodDeadlines')
    .select('dueAt')
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .executeTakeFirst()
  return row?.dueAt.getTime() ?? null
}

/** A deadline that runs already stays where it is. */
export async function insertDeadline(
  tx: Db,
  mode: Mode,
  customerId: string,
  { removedAt, dueAt }: { readonly removedAt: Instant; readonly dueAt: Instant },
): Promise<void> {
  await tx
    .insertInto('paymentMethodDeadlines')
    .values({ mode, customerId, removedAt: new Date(removedAt), dueAt: new Date(dueAt) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function deleteDeadline(tx: Db, mode: Mode, customerId: string): Promise<void> {
  await tx
    .deleteFrom('paymentMethodDeadlines')
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .execute()
}

/** Customers on the mode's own time whose deadline has passed. */
export async function listOverdue(
  db: Db,
  mode: Mode,
  now: Instant,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ customerId: string }>`
    select d.customer_id from payment_method_deadlines d
    join customers c on c.mode = d.mode and c.id = d.customer_id
    where d.mode = ${mode} and d.due_at <= ${new Date(now)} and c.test_clock_id is null
    order by d.due_at limit ${limit}`.execute(db)
  return rows.map(({ customerId }) => customerId)
}

export async function nextDeadline(
  db: Db,
  mode: Mode,
  after: Instant,
): Promise<Instant | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(d.due_at) as at from payment_method_deadlines d
    where d.mode = ${mode} and d.due_at > ${new Date(after)}`.execute(db)
  return rows[0]?.at?.getTime()
}

function fromRow(row: Selectable<Tables['paymentMethods']>): PaymentMethod {
  return {
    id: row.id,
    type: row.type,
    brand: row.brand,
    lastFour: row.lastFour,
    expiresMonth: row.expiresMonth,
    expiresYear: row.expiresYear,
    isDefault: row.isDefault,
    fingerprint: row.fingerprint,
    stripePaymentMethodId: row.stripePaymentMethodId,
    createdAt: row.createdAt.getTime(),
  }
}
