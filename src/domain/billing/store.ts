import { type Selectable, sql } from 'kysely'
import { newId } from '../../kit/id.ts'
import { HOUR_MS, type Instant, MINUTE_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import { forgetReads, readOnce } from '../../platform/database/read-once.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { Invoice, StoredLine } from './invoice.ts'

export interface MirroredInvoice {
  readonly invoice: Invoice
  readonly providerTicket: bigint
}

export async function findByStripeId(
  db: Db,
  mode: Mode,
  stripeInvoiceId: string,
): Promise<MirroredInvoice | undefined> {
  const row = await db
    .selectFrom('invoices')
    .selectAll()
    .where('mode', '=', mode)
    .where('stripeInvoiceId', '=', stripeInvoiceId)
    .executeTakeFirst()
  return row && { invoice: fromRow(row), providerTicket: row.providerTicket }
}

export function find(db: Db, mode: Mode, id: string): Promise<Invoice | undefined> {
  return readOnce(db, 'invoices', [mode, id], async () => {
    const row = await db
      .selectFrom('invoices')
      .selectAll()
      .where('mode', '=', mode)
      .where('id', '=', id)
      .executeTakeFirst()
    return row && fromRow(row)
  })
}

export async function save(
  tx: Db,
  invoice: Invoice,
  providerTicket: bigint,
  now: Instant,
): Promise<void> {
  forgetReads(tx, 'invoices')
  const { mode, id, createdAt, ...rest } = invoice
  const row = {
    ...rest,
    startsAt: new Date(rest.startsAt),
    endsAt: new Date(rest.endsAt),
    closesAt: toDate(rest.closesAt),
    finalizesAt: toDate(rest.finalizesAt),
    issuedAt: toDate(rest.issuedAt),
    dueAt: toDate(rest.dueAt),
    paidAt: toDate(rest.paidAt),
    nextAttemptAt: toDate(rest.nextAttemptAt),
    providerTicket,
    updatedAt: new Date(now),
  }
  await tx
    .insertInto('invoices')
    .values({ mode, id, createdAt: new Date(createdAt), ...row })
    .onConflict((conflict) => conflict.columns(['mode', 'id']).doUpdateSet(row))
    .execute()
}

/** An invoice of ours before Stripe has heard of it: its lines are its items. */
export async function insertOwn(tx: Db, invoice: Invoice, now: Instant): Promise<void> {
  forgetReads(tx, 'invoices')
  await save(tx, invoice, 0n, now)
  await tx
    .updateTable('invoices')
    .set({ isOurs: true })
    .where('mode', '=', invoice.mode)
    .where('id', '=', invoice.id)
    .execute()
}

export async function setStripeId(
  db: Db,
  mode: Mode,
  id: string,
  stripeInvoiceId: string,
): Promise<void> {
  forgetReads(db, 'invoices')
  await db
    .updateTable('invoices')
    .set({ stripeInvoiceId })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

/**
 * Invoices of ours that are not final yet: a crash came between two steps, or Stripe did not answer. What failed least
 * often comes first, so that what fails for good never stands in the way of the others.
 */
export async function listUnfinished(
  db: Db,
  mode: Mode,
  now: Instant,
  limit: number,
): Promise<Invoice[]> {
  const rows = await db
    .selectFrom('invoices')
    .selectAll()
    .where('mode', '=', mode)
    .where('isOurs', '=', true)
    .where('isOffline', '=', false)
    .where('state', '=', 'draft')
    .where((row) => row.or([row('showAfter', 'is', null), row('showAfter', '<=', new Date(now))]))
    .orderBy('showAttempts')
    .orderBy('createdAt')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

const PROMPT_ATTEMPTS = 3
const LONGEST_PAUSE_MS = 6 * HOUR_MS

/** It could not be shown: the next tries come at once, later ones ever more rarely. */
export async function deferShowing(db: Db, mode: Mode, id: string, now: Instant): Promise<void> {
  forgetReads(db, 'invoices')
  await sql`
    update invoices set show_attempts = show_attempts + 1,
      show_after = case when show_attempts + 1 < ${PROMPT_ATTEMPTS} then null
        else ${new Date(now)}::timestamptz + interval '1 millisecond' * least(${LONGEST_PAUSE_MS}::bigint,
          ${MINUTE_MS}::bigint * power(2, least(show_attempts + 1 - ${PROMPT_ATTEMPTS}, 20))::bigint) end
    where mode = ${mode} and id = ${id}`.execute(db)
}

/** The next number of a mode. Whoever takes one holds up the others until it is used, so that none is left out. */
export async function takeNumber(tx: Db, mode: Mode): Promise<bigint> {
  const { last } = await tx
    .insertInto('invoiceNumbers')
    .values({ mode, last: 1n })
    .onConflict((conflict) =>
      conflict
        .column('mode')
        .doUpdateSet((column) => ({ last: column('invoiceNumbers.last', '+', 1n) })),
    )
    .returning('last')
    .executeTakeFirstOrThrow()
  return last
}

/** What earlier offline invoices left over: a total that was not asked for is a credit with the next one. */
export async function offlineBalance(
  tx: Db,
  mode: Mode,
  customerId: string,
  currency: string,
): Promise<bigint> {
  const { rows } = await sql<{ balance: bigint }>`
    select coalesce(sum(total_minor - amount_due_minor), 0)::bigint as balance from invoices
    where mode = ${mode} and customer_id = ${customerId} and currency = ${currency}
      and is_offline and state not in ('draft', 'void')`.execute(tx)
  return rows[0]?.balance ?? 0n
}

export async function setReference(
  tx: Db,
  mode: Mode,
  id: string,
  paymentReference: string,
): Promise<void> {
  forgetReads(tx, 'invoices')
  await tx
    .updateTable('invoices')
    .set({ paymentReference })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

export type NewLine = Omit<StoredLine, 'id'> & { readonly stripeLineId: string | null }

export async function replaceLines(
  tx: Db,
  mode: Mode,
  invoiceId: string,
  lines: readonly NewLine[],
  now: Instant,
): Promise<void> {
  const before = await tx
    .deleteFrom('invoiceLines')
    .where('mode', '=', mode)
    .where('invoiceId', '=', invoiceId)
    .returning(['id', 'stripeLineId'])
    .execute()
  // A line that is read again stays the line it was.
  const known = new Map(before.map(({ id, stripeLineId }) => [stripeLineId, id]))
  if (lines.length === 0) return
  const rows = lines.map((line, position) => ({
    mode,
    id: known.get(line.stripeLineId ?? '') ?? newId('line', now),
    invoiceId,
    position,
    ...line,
    startsAt: new Date(line.startsAt),
    endsAt: new Date(line.endsAt),
    derivation: line.derivation === null ? null : JSON.stringify(line.derivation),
  }))
  await tx.insertInto('invoiceLines').values(rows).execute()
}

export async function listLines(db: Db, mode: Mode, invoiceId: string): Promise<StoredLine[]> {
  const rows = await db
    .selectFrom('invoiceLines')
    .selectAll()
    .where('mode', '=', mode)
    .where('invoiceId', '=', invoiceId)
    .orderBy('position')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    rateCardKey: row.rateCardKey,
    description: row.description,
    quantity: row.quantity,
    unitAmountDecimal: row.unitAmountDecimal,
    amountMinor: row.amountMinor,
    isProration: row.isProration,
    lineKey: row.lineKey,
    startsAt: row.startsAt.getTime(),
    endsAt: row.endsAt.getTime(),
    derivation: row.derivation,
  }))
}

/**
 * Drafts of Stripe's that wait for what we add: as soon as they are there, and again shortly before they become final, for
 * what came in between. Time is that of the customers on one time line.
 */
export async function listIncomplete(
  db: Db,
  mode: Mode,
  testClockId: string | null,
  now: Instant,
  finalLookMs: number,
  limit: number,
): Promise<{ id: string; customerId: string }[]> {
  const { rows } = await sql<{ id: string; customerId: string }>`
    select i.id, i.customer_id as "customerId" from invoices i
    join customers c on c.mode = i.mode and c.id = i.customer_id
    where i.mode = ${mode} and i.state = 'draft' and i.stripe_invoice_id is not null and not i.is_ours
      and i.subscription_id is not null and i.closes_at is not null
      and c.test_clock_id is not distinct from ${testClockId}
      and (i.completed_at is null
        or (i.finalizes_at - ${finalLookMs} * interval '1 millisecond' <= ${new Date(now)}
          and i.completed_at < i.finalizes_at - ${finalLookMs} * interval '1 millisecond'))
    order by i.created_at limit ${limit}`.execute(db)
  return rows
}

export async function markCompleted(tx: Db, mode: Mode, id: string, at: Instant): Promise<void> {
  forgetReads(tx, 'invoices')
  await tx
    .updateTable('invoices')
    .set({ completedAt: new Date(at) })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

export function listOfSubscription(
  db: Db,
  mode: Mode,
  subscriptionId: string,
): Promise<readonly Invoice[]> {
  return readOnce(db, 'invoices', [mode, 'of', subscriptionId], async () => {
    const rows = await db
      .selectFrom('invoices')
      .selectAll()
      .where('mode', '=', mode)
      .where('subscriptionId', '=', subscriptionId)
      .orderBy('createdAt', 'desc')
      .limit(200)
      .execute()
    return rows.map(fromRow)
  })
}

export interface InvoiceFilter {
  readonly customerId?: string | undefined
  readonly state?: Invoice['state'] | undefined
}

export async function list(
  db: Db,
  mode: Mode,
  filter: InvoiceFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<Invoice>> {
  let query = db.selectFrom('invoices').selectAll().where('mode', '=', mode)
  if (filter.customerId !== undefined) query = query.where('customerId', '=', filter.customerId)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ id }) => id)
}

function fromRow(row: Selectable<Tables['invoices']>): Invoice {
  return {
    mode: row.mode,
    id: row.id,
    customerId: row.customerId,
    subscriptionId: row.subscriptionId,
    kind: row.kind,
    number: row.number,
    state: row.state,
    currency: row.currency,
    subtotalMinor: row.subtotalMinor,
    discountMinor: row.discountMinor,
    taxMinor: row.taxMinor,
    totalMinor: row.totalMinor,
    amountDueMinor: row.amountDueMinor,
    amountPaidMinor: row.amountPaidMinor,
    startsAt: row.startsAt.getTime(),
    endsAt: row.endsAt.getTime(),
    closesAt: instantOf(row.closesAt),
    finalizesAt: instantOf(row.finalizesAt),
    issuedAt: instantOf(row.issuedAt),
    collection: row.collection,
    daysUntilDue: row.daysUntilDue,
    dueAt: instantOf(row.dueAt),
    paidAt: instantOf(row.paidAt),
    attemptCount: row.attemptCount,
    nextAttemptAt: instantOf(row.nextAttemptAt),
    stripeInvoiceId: row.stripeInvoiceId,
    hostedUrl: row.hostedUrl,
    pdfUrl: row.pdfUrl,
    isOffline: row.isOffline,
    paymentReference: row.paymentReference,
    createdAt: row.createdAt.getTime(),
  }
}

function toDate(at: Instant | null): Date | null {
  return at === null ? null : new Date(at)
}

function instantOf(date: Date | null): Instant | null {
  return date?.getTime() ?? null
}
