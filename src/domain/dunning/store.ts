import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import { forgetReads, readOnce } from '../../platform/database/read-once.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { DunningMessage } from './decide-dunning.ts'
import type { StoredCase } from './stored-case.ts'

export async function save(tx: Db, stored: StoredCase, now: Instant): Promise<void> {
  forgetReads(tx, 'dunningCases')
  const { mode, id, openedAt, newPaymentMethodAt, nextAt, closedAt, sent, ...rest } = stored
  const row = {
    ...rest,
    sent: [...sent],
    newPaymentMethodAt: newPaymentMethodAt === null ? null : new Date(newPaymentMethodAt),
    nextAt: nextAt === null ? null : new Date(nextAt),
    closedAt: closedAt === null ? null : new Date(closedAt),
    updatedAt: new Date(now),
  }
  await tx
    .insertInto('dunningCases')
    .values({ mode, id, openedAt: new Date(openedAt), ...row })
    .onConflict((conflict) => conflict.columns(['mode', 'id']).doUpdateSet(row))
    .execute()
}

export function findOfInvoice(
  db: Db,
  mode: Mode,
  invoiceId: string,
): Promise<StoredCase | undefined> {
  return readOnce(db, 'dunningCases', [mode, invoiceId], async () => {
    const row = await select(db, mode).where('invoiceId', '=', invoiceId).executeTakeFirst()
    return row && fromRow(row)
  })
}

export async function listOpenOfCustomer(
  db: Db,
  mode: Mode,
  customerId: string,
): Promise<StoredCase[]> {
  const rows = await select(db, mode)
    .where('customerId', '=', customerId)
    .where('state', '=', 'open')
    .orderBy('openedAt')
    .execute()
  return rows.map(fromRow)
}

/** Cases of customers on the mode's own time that are to be looked at again. */
export async function listDue(
  db: Db,
  mode: Mode,
  now: Instant,
  limit: number,
): Promise<{ invoiceId: string; customerId: string }[]> {
  const { rows } = await sql<{ invoiceId: string; customerId: string }>`
    select d.invoice_id as "invoiceId", d.customer_id as "customerId" from dunning_cases d
    join customers c on c.mode = d.mode and c.id = d.customer_id
    where d.mode = ${mode} and d.state = 'open' and d.next_at <= ${new Date(now)} and c.test_clock_id is null
    order by d.next_at limit ${limit}`.execute(db)
  return rows
}

export async function nextDue(db: Db, mode: Mode, after: Instant): Promise<Instant | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(next_at) as at from dunning_cases
    where mode = ${mode} and state = 'open' and next_at > ${new Date(after)}`.execute(db)
  return rows[0]?.at?.getTime()
}

export interface CaseFilter {
  readonly customerId?: string | undefined
  readonly state?: StoredCase['state'] | undefined
}

export async function list(
  db: Db,
  mode: Mode,
  filter: CaseFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<StoredCase>> {
  let query = select(db, mode)
  if (filter.customerId !== undefined) query = query.where('customerId', '=', filter.customerId)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ id }) => id)
}

function select(db: Db, mode: Mode) {
  return db.selectFrom('dunningCases').selectAll().where('mode', '=', mode)
}

function fromRow(row: Selectable<Tables['dunningCases']>): StoredCase {
  return {
    mode: row.mode,
    id: row.id,
    customerId: row.customerId,
    subscriptionId: row.subscriptionId,
    invoiceId: row.invoiceId,
    state: row.state,
    retries: row.retries,
    openedAt: row.openedAt.getTime(),
    newPaymentMethodAt: row.newPaymentMethodAt?.getTime() ?? null,
    newPaymentMethodId: row.newPaymentMethodId,
    sent: row.sent as DunningMessage[],
    actingAttempt: row.actingAttempt,
    nextAt: row.nextAt?.getTime() ?? null,
    closedAt: row.closedAt?.getTime() ?? null,
  }
}
