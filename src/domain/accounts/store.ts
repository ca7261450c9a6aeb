import { sql } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import { forgetReads, readOnce } from '../../platform/database/read-once.ts'
import type { Customer, Member, MemberRole, Suspension, SuspensionReason } from './customer.ts'

/** False when the key is taken. */
export async function insertCustomer(tx: Db, customer: Customer): Promise<boolean> {
  forgetReads(tx, 'customers')
  const result = await tx
    .insertInto('customers')
    .values({
      mode: customer.mode,
      id: customer.id,
      key: customer.key,
      name: customer.name,
      email: customer.email,
      currency: customer.currency,
      timeZone: customer.timeZone,
      billingMode: customer.billingMode,
      maxPaymentOverdueDays: customer.maxPaymentOverdueDays,
      testClockId: customer.testClockId,
      metadata: JSON.stringify(customer.metadata),
      createdAt: new Date(customer.createdAt),
      updatedAt: new Date(customer.createdAt),
    })
    .onConflict((conflict) => conflict.columns(['mode', 'key']).doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export function findCustomer(db: Db, mode: Mode, id: string): Promise<Customer | undefined> {
  return readOnce(db, 'customers', [mode, id], async () => {
    const row = await selectCustomers(db)
      .where('mode', '=', mode)
      .where('id', '=', id)
      .executeTakeFirst()
    return row && fromRow(row)
  })
}

export async function findByIdOrKey(
  db: Db,
  mode: Mode,
  name: string,
): Promise<Customer | undefined> {
  const row = await selectCustomers(db)
    .where('mode', '=', mode)
    .where((where) => where.or([where('id', '=', name), where('key', '=', name)]))
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Locks the customer until the transaction ends: whatever moves money or access of one customer happens in turn. */
export async function lockCustomer(tx: Db, mode: Mode, id: string): Promise<Customer | undefined> {
  const locked =
    sql`select id from customers where mode = ${mode} and id = ${id} for update`.execute(tx)
  // Whoever had the lock before may have changed anything of this customer. What is asked for now is read afterwards.
  forgetReads(tx)
  const [, customer] = await Promise.all([locked, findCustomer(tx, mode, id)])
  return customer
}

/** Locks those whom nobody else has locked, without waiting; answers who they are. */
export async function lockFreeCustomers(
  tx: Db,
  mode: Mode,
  ids: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from customers where mode = ${mode} and id = any(${ids}::text[]) order by id
    for update skip locked`.execute(tx)
  return rows.map(({ id }) => id)
}

export interface CustomerFilter {
  /** Part of a name or e-mail address, or a whole id or key. */
  readonly search?: string | undefined
  /** Exactly these, for lists that name the customers of what they show. */
  readonly ids?: readonly string[] | undefined
}

export async function listCustomers(
  db: Db,
  mode: Mode,
  { search, ids }: CustomerFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<Customer>> {
  let query = selectCustomers(db).where('mode', '=', mode)
  if (ids !== undefined) query = query.where('id', 'in', ids)
  if (search !== undefined) {
    const part = `%${search.replaceAll(/[%_\\]/g, '\\$&')}%`
    query = query.where((where) =>
      where.or([
        where('name', 'ilike', part),
        where('email', 'ilike', part),
        where('id', '=', search),
        where('key', '=', search),
      ]),
    )
  }
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ id }) => id)
}

export async function countCustomers(db: Db, mode: Mode): Promise<number> {
  const row = await db
    .selectFrom('customers')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('mode', '=', mode)
    .where('closedAt', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export interface CustomerChange {
  readonly name?: string | undefined
  readonly email?: string | null | undefined
  readonly currency?: string | undefined
  readonly timeZone?: string | undefined
  readonly maxPaymentOverdueDays?: string | null | undefined
  readonly testClockId?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

export async function updateCustomer(
  tx: Db,
  mode: Mode,
  id: string,
  { metadata, ...change }: CustomerChange,
  now: Instant,
): Promise<void> {
  forgetReads(tx, 'customers')
  const given = Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  )
  await tx
    .updateTable('customers')
    .set({
      ...given,
      ...(metadata && { metadata: JSON.stringify(metadata) }),
      updatedAt: new Date(now),
    })
    .set((column) => ({ version: column('version', '+', 1) }))
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

export async function insertSuspension(
  tx: Db,
  mode: Mode,
  customerId: string,
  { reason, note, suspendedAt }: Suspension,
): Promise<boolean> {
  forgetReads(tx, 'customers')
  const result = await tx
    .insertInto('customerSuspensions')
    .values({ mode, customerId, reason, note, suspendedAt: new Date(suspendedAt) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function deleteSuspension(
  tx: Db,
  mode: Mode,
  customerId: string,
  reason: SuspensionReason,
): Promise<boolean> {
  forgetReads(tx, 'customers')
  const result = await tx
    .deleteFrom('customerSuspensions')
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('reason', '=', reason)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

export async function insertMember(
  tx: Db,
  mode: Mode,
  member: { customerId: string; userId: string; role: MemberRole; createdAt: Instant },
): Promise<void> {
  await tx
    .insertInto('members')
    .values({ mode, ...member, createdAt: new Date(member.createdAt) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function setMemberRole(
  tx: Db,
  mode: Mode,
  { customerId, userId }: Pick<Member, 'customerId' | 'userId'>,
  role: MemberRole,
): Promise<void> {
  await tx
    .updateTable('members')
    .set({ role })
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('userId', '=', userId)
    .execute()
}

export async function deleteMember(
  tx: Db,
  mode: Mode,
  { customerId, userId }: Pick<Member, 'customerId' | 'userId'>,
): Promise<void> {
  await tx
    .deleteFrom('members')
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('userId', '=', userId)
    .execute()
}

export async function listMembers(db: Db, mode: Mode, customerId: string): Promise<Member[]> {
  const rows = await db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.userId')
    .select(['members.customerId', 'members.userId', 'members.role', 'members.createdAt'])
    .select(['users.name', 'users.email'])
    .where('members.mode', '=', mode)
    .where('members.customerId', '=', customerId)
    .orderBy('members.createdAt')
    .execute()
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.getTime() }))
}

/** The accounts a portal user may act for, oldest first. */
export async function listMemberships(
  db: Db,
  mode: Mode,
  userId: string,
): Promise<{ customerId: string; role: MemberRole }[]> {
  return db
    .selectFrom('members')
    .select(['customerId', 'role'])
    .where('mode', '=', mode)
    .where('userId', '=', userId)
    .orderBy('createdAt')
    .execute()
}

export interface TestClock {
  readonly id: string
  readonly name: string
  readonly nowAt: Instant
  readonly stripeClockId: string
}

export async function saveTestClock(tx: Db, clock: TestClock, createdAt: Instant): Promise<void> {
  await tx
    .insertInto('testClocks')
    .values({ ...clock, nowAt: new Date(clock.nowAt), createdAt: new Date(createdAt) })
    .onConflict((conflict) =>
      conflict.columns(['mode', 'id']).doUpdateSet({ nowAt: new Date(clock.nowAt) }),
    )
    .execute()
}

export async function listTestClocks(db: Db): Promise<TestClock[]> {
  const rows = await db.selectFrom('testClocks').selectAll().orderBy('id').execute()
  return rows.map(({ id, name, nowAt, stripeClockId }) => ({
    id,
    name,
    nowAt: nowAt.getTime(),
    stripeClockId,
  }))
}

function selectCustomers(db: Db) {
  return db
    .selectFrom('customers')
    .selectAll()
    .select((column) =>
      column
        .selectFrom('customerSuspensions as s')
        .whereRef('s.mode', '=', 'customers.mode')
        .whereRef('s.customerId', '=', 'customers.id')
        .select(
          sql<SuspensionJson[] | null>`json_agg(json_build_object('reason', reason, 'note', note,
            'suspendedAt', extract(epoch from suspended_at) * 1000) order by suspended_at)`.as(
            'list',
          ),
        )
        .as('suspensions'),
    )
}

interface SuspensionJson {
  readonly reason: SuspensionReason
  readonly note: string | null
  readonly suspendedAt: number
}

type CustomerRow = Awaited<ReturnType<ReturnType<typeof selectCustomers>['execute']>>[number]

function fromRow(row: CustomerRow): Customer {
  return {
    mode: row.mode,
    id: row.id,
    key: row.key,
    name: row.name,
    email: row.email,
    currency: row.currency,
    timeZone: row.timeZone,
    billingMode: row.billingMode,
    maxPaymentOverdueDays: row.maxPaymentOverdueDays,
    testClockId: row.testClockId,
    metadata: row.metadata as Record<string, string>,
    suspensions: row.suspensions ?? [],
    version: row.version,
    createdAt: row.createdAt.getTime(),
    closedAt: row.closedAt?.getTime() ?? null,
  }
}
