import type { Selectable } from 'kysely'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { Tables } from '../../../platform/database/tables.generated.ts'
import type { ChangeState, PlanChange, StoredQuote } from './plan-change.ts'

const OPEN = ['executing', 'awaiting_payment', 'scheduled'] as const

export async function insert(tx: Db, mode: Mode, change: PlanChange): Promise<void> {
  await tx
    .insertInto('planChanges')
    .values({
      mode,
      ...change,
      quote: JSON.stringify(change.quote),
      quotedAt: new Date(change.quotedAt),
      effectiveAt: new Date(change.effectiveAt),
      expiresAt: new Date(change.expiresAt),
      createdAt: new Date(change.createdAt),
      updatedAt: new Date(change.createdAt),
    })
    .execute()
}

export type ChangeUpdate = Partial<
  Pick<
    PlanChange,
    | 'state'
    | 'effectiveAt'
    | 'expiresAt'
    | 'stripeInvoiceId'
    | 'stripeScheduleId'
    | 'paymentUrl'
    | 'hasLooseEnds'
    | 'error'
  >
>

export async function update(
  tx: Db,
  mode: Mode,
  id: string,
  { effectiveAt, expiresAt, ...change }: ChangeUpdate,
  now: Instant,
): Promise<void> {
  await tx
    .updateTable('planChanges')
    .set({
      ...change,
      ...(effectiveAt !== undefined && { effectiveAt: new Date(effectiveAt) }),
      ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
      updatedAt: new Date(now),
    })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

export async function find(db: Db, mode: Mode, id: string): Promise<PlanChange | undefined> {
  const row = await db
    .selectFrom('planChanges')
    .selectAll()
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function findOpen(
  db: Db,
  mode: Mode,
  subscriptionId: string,
): Promise<PlanChange | undefined> {
  const row = await db
    .selectFrom('planChanges')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('state', 'in', OPEN)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Asked for before an instant and not settled, or settled with something left to do. */
export async function listUnfinished(
  db: Db,
  mode: Mode,
  before: Instant,
  limit: number,
): Promise<PlanChange[]> {
  const rows = await db
    .selectFrom('planChanges')
    .selectAll()
    .where('mode', '=', mode)
    .where((is) => is.or([is('state', '=', 'executing'), is('hasLooseEnds', '=', true)]))
    .where('updatedAt', '<=', new Date(before))
    .orderBy('updatedAt')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

/** Scheduled changes of plans that nobody but us bills, whose time has come. */
export async function listDueHere(
  db: Db,
  mode: Mode,
  now: Instant,
  limit: number,
): Promise<PlanChange[]> {
  const rows = await db
    .selectFrom('planChanges')
    .selectAll()
    .where('mode', '=', mode)
    .where('state', '=', 'scheduled')
    .where('way', '=', 'here')
    .where('effectiveAt', '<=', new Date(now))
    .orderBy('effectiveAt')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

/** Quotes nobody made use of. */
export async function removeQuotes(db: Db, mode: Mode, before: Instant): Promise<void> {
  await db
    .deleteFrom('planChanges')
    .where('mode', '=', mode)
    .where('state', '=', 'quoted')
    .where('expiresAt', '<', new Date(before))
    .execute()
}

function fromRow(row: Selectable<Tables['planChanges']>): PlanChange {
  return {
    id: row.id,
    customerId: row.customerId,
    subscriptionId: row.subscriptionId,
    targetVersionId: row.targetVersionId,
    startsBy: row.startsBy,
    state: row.state satisfies ChangeState,
    way: row.way,
    subscriptionVersion: row.subscriptionVersion,
    hash: row.hash,
    quote: row.quote as StoredQuote,
    quotedAt: row.quotedAt.getTime(),
    effectiveAt: row.effectiveAt.getTime(),
    expiresAt: row.expiresAt.getTime(),
    stripeInvoiceId: row.stripeInvoiceId,
    stripeScheduleId: row.stripeScheduleId,
    paymentUrl: row.paymentUrl,
    hasLooseEnds: row.hasLooseEnds,
    error: row.error,
    createdAt: row.createdAt.getTime(),
  }
}
