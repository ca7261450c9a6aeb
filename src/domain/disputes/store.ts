import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { Evidence, StripeFraudWarning } from '../../stripe/disputes.ts'
import type { Dispute } from './dispute.ts'

export async function save(tx: Db, dispute: Dispute, now: Instant): Promise<void> {
  const { mode, id, amount, openedAt, evidence, ...rest } = dispute
  const date = (at: Instant | null) => (at === null ? null : new Date(at))
  const row = {
    ...rest,
    amountMinor: amount.amountMinor,
    currency: amount.currency,
    evidence: JSON.stringify(evidence),
    evidenceDueAt: date(rest.evidenceDueAt),
    submittedAt: date(rest.submittedAt),
    remindedAt: date(rest.remindedAt),
    closedAt: date(rest.closedAt),
    updatedAt: new Date(now),
  }
  await tx
    .insertInto('disputes')
    .values({ mode, id, openedAt: new Date(openedAt), ...row })
    .onConflict((conflict) => conflict.columns(['mode', 'id']).doUpdateSet(row))
    .execute()
}

export async function find(db: Db, mode: Mode, id: string): Promise<Dispute | undefined> {
  const row = await select(db, mode).where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

export async function findByStripeId(
  db: Db,
  mode: Mode,
  stripeDisputeId: string,
): Promise<Dispute | undefined> {
  const row = await select(db, mode)
    .where('stripeDisputeId', '=', stripeDisputeId)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function listOfPayment(db: Db, mode: Mode, paymentId: string): Promise<Dispute[]> {
  const rows = await select(db, mode).where('paymentId', '=', paymentId).orderBy('id').execute()
  return rows.map(fromRow)
}

/** Open ones whose deadline is near, nobody answered, and nobody was reminded of. */
export async function listToRemind(
  db: Db,
  mode: Mode,
  dueBefore: Instant,
  limit: number,
): Promise<Dispute[]> {
  const rows = await select(db, mode)
    .where('closedAt', 'is', null)
    .where('remindedAt', 'is', null)
    .where('evidenceState', 'in', ['none', 'drafted'])
    .where('evidenceDueAt', '<=', new Date(dueBefore))
    .orderBy('evidenceDueAt')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

export async function nextDeadline(
  db: Db,
  mode: Mode,
  after: Instant,
): Promise<Instant | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(evidence_due_at) as at from disputes
    where mode = ${mode} and closed_at is null and reminded_at is null
      and evidence_state in ('none', 'drafted') and evidence_due_at > ${new Date(after)}`.execute(
    db,
  )
  return rows[0]?.at?.getTime()
}

export interface DisputeFilter {
  readonly customerId?: string | undefined
  readonly paymentId?: string | undefined
  readonly state?: Dispute['state'] | undefined
  readonly isOpen?: boolean | undefined
}

export async function list(
  db: Db,
  mode: Mode,
  filter: DisputeFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<Dispute>> {
  let query = select(db, mode)
  if (filter.customerId !== undefined) query = query.where('customerId', '=', filter.customerId)
  if (filter.paymentId !== undefined) query = query.where('paymentId', '=', filter.paymentId)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (filter.isOpen === true) query = query.where('closedAt', 'is', null)
  if (filter.isOpen === false) query = query.where('closedAt', 'is not', null)
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ id }) => id)
}

export async function saveWarning(
  tx: Db,
  warning: {
    readonly mode: Mode
    readonly id: string
    readonly paymentId: string
    readonly customerId: string
    readonly stripe: StripeFraudWarning
    readonly providerTicket: bigint
  },
): Promise<void> {
  const { stripe, ...rest } = warning
  const row = {
    fraudType: stripe.fraudType,
    isActionable: stripe.isActionable,
    providerTicket: rest.providerTicket,
  }
  await tx
    .insertInto('fraudWarnings')
    .values({
      ...rest,
      ...row,
      stripeWarningId: stripe.id,
      createdAt: new Date(stripe.createdAt),
    })
    .onConflict((conflict) => conflict.columns(['mode', 'stripeWarningId']).doUpdateSet(row))
    .execute()
}

function select(db: Db, mode: Mode) {
  return db.selectFrom('disputes').selectAll().where('mode', '=', mode)
}

function fromRow(row: Selectable<Tables['disputes']>): Dispute {
  return {
    mode: row.mode,
    id: row.id,
    paymentId: row.paymentId,
    customerId: row.customerId,
    amount: { amountMinor: row.amountMinor, currency: row.currency },
    feeMinor: row.feeMinor,
    reason: row.reason,
    networkReasonCode: row.networkReasonCode,
    state: row.state,
    evidenceDueAt: row.evidenceDueAt?.getTime() ?? null,
    evidence: row.evidence as Evidence,
    evidenceState: row.evidenceState,
    submittedAt: row.submittedAt?.getTime() ?? null,
    remindedAt: row.remindedAt?.getTime() ?? null,
    stripeDisputeId: row.stripeDisputeId,
    providerTicket: row.providerTicket,
    openedAt: row.openedAt.getTime(),
    closedAt: row.closedAt?.getTime() ?? null,
  }
}
