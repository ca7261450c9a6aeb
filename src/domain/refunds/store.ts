import type { Selectable } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { RefundState } from './decide-refund.ts'
import type { Refund } from './refund.ts'

export async function save(tx: Db, refund: Refund, now: Instant): Promise<void> {
  const { mode, id, amount, createdAt, effectsAppliedAt, settledAt, ...rest } = refund
  const row = {
    ...rest,
    amountMinor: amount.amountMinor,
    currency: amount.currency,
    effectsAppliedAt: effectsAppliedAt === null ? null : new Date(effectsAppliedAt),
    settledAt: settledAt === null ? null : new Date(settledAt),
    updatedAt: new Date(now),
  }
  await tx
    .insertInto('refunds')
    .values({ mode, id, createdAt: new Date(createdAt), ...row })
    .onConflict((conflict) => conflict.columns(['mode', 'id']).doUpdateSet(row))
    .execute()
}

export async function find(db: Db, mode: Mode, id: string): Promise<Refund | undefined> {
  const row = await select(db, mode).where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

export async function findByStripeId(
  db: Db,
  mode: Mode,
  stripeRefundId: string,
): Promise<Refund | undefined> {
  const row = await select(db, mode).where('stripeRefundId', '=', stripeRefundId).executeTakeFirst()
  return row && fromRow(row)
}

export async function listOfPayment(db: Db, mode: Mode, paymentId: string): Promise<Refund[]> {
  const rows = await select(db, mode)
    .where('paymentId', '=', paymentId)
    .orderBy('id')
    .limit(1_000)
    .execute()
  return rows.map(fromRow)
}

/** What Stripe has not settled yet, oldest first. */
export async function listUnsettled(
  db: Db,
  mode: Mode,
  before: Instant,
  limit: number,
): Promise<Refund[]> {
  const rows = await select(db, mode)
    .where('state', 'in', ['requested', 'pending'])
    .where('approval', '!=', 'waiting')
    .where('createdAt', '<=', new Date(before))
    .orderBy('createdAt')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

export interface RefundFilter {
  readonly customerId?: string | undefined
  readonly paymentId?: string | undefined
  readonly state?: RefundState | undefined
  readonly approval?: Refund['approval'] | undefined
}

export async function list(
  db: Db,
  mode: Mode,
  filter: RefundFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<Refund>> {
  let query = select(db, mode)
  if (filter.customerId !== undefined) query = query.where('customerId', '=', filter.customerId)
  if (filter.paymentId !== undefined) query = query.where('paymentId', '=', filter.paymentId)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (filter.approval !== undefined) query = query.where('approval', '=', filter.approval)
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ id }) => id)
}

function select(db: Db, mode: Mode) {
  return db.selectFrom('refunds').selectAll().where('mode', '=', mode)
}

function fromRow(row: Selectable<Tables['refunds']>): Refund {
  return {
    mode: row.mode,
    id: row.id,
    paymentId: row.paymentId,
    customerId: row.customerId,
    amount: { amountMinor: row.amountMinor, currency: row.currency },
    state: row.state,
    reason: row.reason,
    note: row.note,
    accessEffect: row.accessEffect,
    creditEffect: row.creditEffect,
    issuesCreditNote: row.issuesCreditNote,
    origin: row.origin,
    approval: row.approval,
    requestedBy: row.requestedBy,
    approvedBy: row.approvedBy,
    failureCode: row.failureCode,
    failureMessage: row.failureMessage,
    stripeRefundId: row.stripeRefundId,
    providerTicket: row.providerTicket,
    effectsAppliedAt: row.effectsAppliedAt?.getTime() ?? null,
    createdAt: row.createdAt.getTime(),
    settledAt: row.settledAt?.getTime() ?? null,
  }
}
