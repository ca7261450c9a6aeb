import { type Selectable, sql } from 'kysely'
import { newId } from '../../kit/id.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, type TimePage, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { StripeCharge } from '../../stripe/payments.ts'
import type {
  MethodSnapshot,
  Payment,
  PaymentState,
  ProcessingSpell,
  RecordedAttempt,
} from './payment.ts'

export interface StoredPayment {
  readonly payment: Payment
  readonly providerTicket: bigint
}

export async function find(db: Db, mode: Mode, id: string): Promise<Payment | undefined> {
  const row = await select(db, mode).where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

export async function findByIntent(
  db: Db,
  mode: Mode,
  stripePaymentIntentId: string,
): Promise<StoredPayment | undefined> {
  const row = await select(db, mode)
    .where('stripePaymentIntentId', '=', stripePaymentIntentId)
    .executeTakeFirst()
  return row && { payment: fromRow(row), providerTicket: row.providerTicket }
}

export async function save(
  tx: Db,
  payment: Payment,
  providerTicket: bigint,
  now: Instant,
): Promise<void> {
  const { mode, id, amount, fee, createdAt, method, processing, ...rest } = payment
  const row = {
    ...rest,
    amountMinor: amount.amountMinor,
    currency: amount.currency,
    feeMinor: fee?.amountMinor ?? null,
    feeCurrency: fee?.currency ?? null,
    method: method === null ? null : JSON.stringify(method),
    processing: JSON.stringify(processing),
    providerTicket,
    updatedAt: new Date(now),
  }
  await tx
    .insertInto('payments')
    .values({ mode, id, createdAt: new Date(createdAt), ...row })
    .onConflict((conflict) => conflict.columns(['mode', 'id']).doUpdateSet(row))
    .execute()
}

/** Each charge is an attempt of its own; what the bank said to it may still change while it is pending. */
export async function saveAttempts(
  tx: Db,
  payment: Payment,
  charges: readonly StripeCharge[],
  now: Instant,
): Promise<void> {
  for (const charge of charges) {
    const row = {
      invoiceId: payment.invoiceId,
      state: charge.status,
      failureCode: charge.failureCode,
      declineCode: charge.declineCode,
      failureMessage: charge.failureMessage,
      method: charge.method === null ? null : JSON.stringify(charge.method),
    }
    await tx
      .insertInto('paymentAttempts')
      .values({
        mode: payment.mode,
        id: newId('attempt', now),
        paymentId: payment.id,
        customerId: payment.customerId,
        amountMinor: charge.amountMinor,
        currency: charge.currency,
        stripeChargeId: charge.id,
        attemptedAt: new Date(charge.createdAt),
        ...row,
      })
      .onConflict((conflict) => conflict.columns(['mode', 'stripeChargeId']).doUpdateSet(row))
      .execute()
  }
}

export async function listAttempts(
  db: Db,
  mode: Mode,
  by: { readonly paymentId: string } | { readonly invoiceIds: readonly string[] },
): Promise<RecordedAttempt[]> {
  let query = db.selectFrom('paymentAttempts').selectAll().where('mode', '=', mode)
  if ('paymentId' in by) query = query.where('paymentId', '=', by.paymentId)
  else if (by.invoiceIds.length === 0) return []
  else query = query.where('invoiceId', 'in', by.invoiceIds)
  const rows = await query.orderBy('attemptedAt').orderBy('stripeChargeId').limit(1_000).execute()
  return rows.map(attemptFromRow)
}

/** Every try to collect from one customer, newest first. */
export async function listAttemptsOfCustomer(
  db: Db,
  mode: Mode,
  customerId: string,
  { limit, before }: TimePage,
): Promise<RecordedAttempt[]> {
  let query = db
    .selectFrom('paymentAttempts')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
  if (before !== undefined) {
    const { at, key } = before
    query = query.where(sql<boolean>`(attempted_at, id) < (${new Date(at)}, ${key ?? ''})`)
  }
  const rows = await query
    .orderBy('attemptedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(attemptFromRow)
}

function attemptFromRow(row: Selectable<Tables['paymentAttempts']>): RecordedAttempt {
  return {
    id: row.id,
    paymentId: row.paymentId,
    invoiceId: row.invoiceId,
    amount: { amountMinor: row.amountMinor, currency: row.currency },
    state: row.state,
    failureCode: row.failureCode,
    declineCode: row.declineCode,
    failureMessage: row.failureMessage,
    method: row.method as MethodSnapshot | null,
    attemptedAt: row.attemptedAt.getTime(),
  }
}

export async function listOfInvoices(
  db: Db,
  mode: Mode,
  invoiceIds: readonly string[],
): Promise<Payment[]> {
  if (invoiceIds.length === 0) return []
  const rows = await select(db, mode)
    .where('invoiceId', 'in', invoiceIds)
    .orderBy('id')
    .limit(1_000)
    .execute()
  return rows.map(fromRow)
}

export interface PaymentFilter {
  readonly customerId?: string | undefined
  readonly invoiceId?: string | undefined
  readonly state?: PaymentState | undefined
}

export async function list(
  db: Db,
  mode: Mode,
  filter: PaymentFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<Payment>> {
  let query = select(db, mode)
  if (filter.customerId !== undefined) query = query.where('customerId', '=', filter.customerId)
  if (filter.invoiceId !== undefined) query = query.where('invoiceId', '=', filter.invoiceId)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ id }) => id)
}

/** How often each outcome occurred since an instant, per currency. */
export async function statistics(
  db: Db,
  mode: Mode,
  since: Instant,
): Promise<{ state: PaymentState; currency: string; count: number; totalMinor: bigint }[]> {
  const { rows } = await sql<{
    state: PaymentState
    currency: string
    count: bigint
    totalMinor: bigint
  }>`
    select state, currency, count(*) as count, sum(amount_minor)::bigint as total_minor from payments
    where mode = ${mode} and created_at >= ${new Date(since)}
    group by state, currency order by currency, state`.execute(db)
  return rows.map((row) => ({ ...row, count: Number(row.count) }))
}

function select(db: Db, mode: Mode) {
  return db.selectFrom('payments').selectAll().where('mode', '=', mode)
}

function fromRow(row: Selectable<Tables['payments']>): Payment {
  return {
    mode: row.mode,
    id: row.id,
    customerId: row.customerId,
    invoiceId: row.invoiceId,
    amount: { amountMinor: row.amountMinor, currency: row.currency },
    capturedMinor: row.capturedMinor,
    refundedMinor: row.refundedMinor,
    fee:
      row.feeMinor === null || row.feeCurrency === null
        ? null
        : { amountMinor: row.feeMinor, currency: row.feeCurrency },
    state: row.state,
    failureCode: row.failureCode,
    failureMessage: row.failureMessage,
    method: row.method as MethodSnapshot | null,
    receiptUrl: row.receiptUrl,
    processing: row.processing as ProcessingSpell[],
    disputeStanding: row.disputeStanding,
    stripePaymentIntentId: row.stripePaymentIntentId,
    stripeChargeId: row.stripeChargeId,
    createdAt: row.createdAt.getTime(),
  }
}
