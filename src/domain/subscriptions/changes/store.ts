import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import { forgetReads, readOnce } from '../../../platform/database/read-once.ts'
import type { Tables } from '../../../platform/database/tables.generated.ts'
import type { AddOnChoice } from '../subscription.ts'
import type { ChangeState, PlanChange, StoredQuote } from './plan-change.ts'

const OPEN = ['executing', 'awaiting_payment', 'scheduled'] as const
const ENDED: ReadonlySet<ChangeState | undefined> = new Set(['applied', 'canceled', 'failed'])

export async function insert(tx: Db, mode: Mode, change: PlanChange): Promise<void> {
  forgetReads(tx, 'planChanges')
  await tx
    .insertInto('planChanges')
    .values({
      mode,
      ...change,
      addOns: JSON.stringify(change.addOns),
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
    | 'invoiceId'
    | 'stripeInvoiceId'
    | 'stripeScheduleId'
    | 'leftStripeId'
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
  forgetReads(tx, 'planChanges')
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
  if (ENDED.has(change.state)) await takeUpAgain(tx, mode, id, now)
}

/** What was set aside for a change that has come to its end is scheduled again. */
async function takeUpAgain(tx: Db, mode: Mode, id: string, now: Instant): Promise<void> {
  forgetReads(tx, 'planChanges')
  await tx
    .updateTable('planChanges')
    .set({ state: 'scheduled', updatedAt: new Date(now) })
    .where('mode', '=', mode)
    .where('state', '=', 'set_aside')
    .where('subscriptionId', 'in', (select) =>
      select
        .selectFrom('planChanges')
        .select('subscriptionId')
        .where('mode', '=', mode)
        .where('id', '=', id),
    )
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

export function findOpen(
  db: Db,
  mode: Mode,
  subscriptionId: string,
): Promise<PlanChange | undefined> {
  return readOnce(db, 'planChanges', [mode, subscriptionId], async () => {
    const row = await db
      .selectFrom('planChanges')
      .selectAll()
      .where('mode', '=', mode)
      .where('subscriptionId', '=', subscriptionId)
      .where('state', 'in', OPEN)
      .executeTakeFirst()
    return row && fromRow(row)
  })
}

/** Terms that are scheduled for the plan there is, also while they are set aside. */
export async function findTerms(
  db: Db,
  mode: Mode,
  subscriptionId: string,
): Promise<PlanChange | undefined> {
  const row = await db
    .selectFrom('planChanges')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('startsBy', '=', 'override')
    .where('state', 'in', ['scheduled', 'set_aside'])
    .executeTakeFirst()
  return row && fromRow(row)
}

/** The change whose fees and credits an invoice of ours has. */
export async function findByInvoice(
  db: Db,
  mode: Mode,
  invoiceId: string,
): Promise<PlanChange | undefined> {
  const row = await db
    .selectFrom('planChanges')
    .selectAll()
    .where('mode', '=', mode)
    .where('invoiceId', '=', invoiceId)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** The change by which one of Stripe's subscriptions was left. */
export async function findByLeft(
  db: Db,
  mode: Mode,
  stripeSubscriptionId: string,
): Promise<PlanChange | undefined> {
  const row = await db
    .selectFrom('planChanges')
    .selectAll()
    .where('mode', '=', mode)
    .where('leftStripeId', '=', stripeSubscriptionId)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Changes of a subscription that left a subscription of Stripe's behind. */
export async function listLeaving(
  db: Db,
  mode: Mode,
  subscriptionId: string,
): Promise<PlanChange[]> {
  const rows = await db
    .selectFrom('planChanges')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('leftStripeId', 'is not', null)
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

/** Carried out by us, and not paid in time. */
export function listUnpaidHere(
  db: Db,
  mode: Mode,
  now: Instant,
  limit: number,
): Promise<PlanChange[]> {
  return listHere(db, mode, 'awaiting_payment', 'expiresAt', now, limit)
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

/** A change of this subscription is under way, or has something left to do in Stripe. */
export async function isUnsettled(db: Db, mode: Mode, subscriptionId: string): Promise<boolean> {
  const row = await db
    .selectFrom('planChanges')
    .select('id')
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where((is) => is.or([is('state', 'in', OPEN), is('hasLooseEnds', '=', true)]))
    .executeTakeFirst()
  return row !== undefined
}

/** Scheduled changes of plans that nobody but us bills, whose time has come. */
export function listDueHere(
  db: Db,
  mode: Mode,
  now: Instant,
  limit: number,
): Promise<PlanChange[]> {
  return listHere(db, mode, 'scheduled', 'effectiveAt', now, limit)
}

/** What nobody but us carries out, in a state whose time is over. */
async function listHere(
  db: Db,
  mode: Mode,
  state: ChangeState,
  time: 'expiresAt' | 'effectiveAt',
  now: Instant,
  limit: number,
): Promise<PlanChange[]> {
  const rows = await db
    .selectFrom('planChanges')
    .selectAll()
    .where('mode', '=', mode)
    .where('state', '=', state)
    .where('way', '=', 'here')
    .where(time, '<=', new Date(now))
    .orderBy(time)
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

/** Terms that Stripe has to hear of now, so that it charges by them when the period ends. */
export async function listToSchedule(
  db: Db,
  mode: Mode,
  until: Instant,
  limit: number,
): Promise<PlanChange[]> {
  const rows = await unscheduled(db, mode)
    .selectAll()
    .where('effectiveAt', '<=', new Date(until))
    .orderBy('effectiveAt')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

/** When the next of them takes effect that does so after an instant. */
export async function nextToSchedule(
  db: Db,
  mode: Mode,
  after: Instant,
): Promise<Instant | undefined> {
  const row = await unscheduled(db, mode)
    .select((select) => select.fn.min('effectiveAt').as('at'))
    .where('effectiveAt', '>', new Date(after))
    .executeTakeFirst()
  return row?.at?.getTime()
}

const unscheduled = (db: Db, mode: Mode) =>
  db
    .selectFrom('planChanges')
    .where('mode', '=', mode)
    .where('state', '=', 'scheduled')
    .where('startsBy', '=', 'override')
    .where('way', '=', 'in_stripe')
    .where('stripeScheduleId', 'is', null)

/** Running subscriptions in the period in which what was agreed for them runs out, with nothing planned yet. */
export async function listOverridesEnding(db: Db, mode: Mode, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select s.id from subscriptions s
    join billing_periods p on p.mode = s.mode and p.subscription_id = s.id and p.state = 'open'
    where s.mode = ${mode} and s.overrides ? 'until' and s.closed_at is null and s.activated_at is not null
      and s.paused_at is null and s.cancel_at is null and s.ends_at is null
      and p.ends_at > to_timestamp((s.overrides ->> 'until')::numeric / 1000)
      and not exists (select from plan_changes c where c.mode = s.mode and c.subscription_id = s.id
        and c.state in ('executing', 'awaiting_payment', 'scheduled', 'set_aside'))
    order by p.ends_at, s.id limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}

/** Quotes nobody made use of. */
export async function removeQuotes(db: Db, mode: Mode, before: Instant): Promise<void> {
  forgetReads(db, 'planChanges')
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
    addOns: row.addOns as readonly AddOnChoice[],
    startsBy: row.startsBy,
    state: row.state satisfies ChangeState,
    way: row.way,
    subscriptionVersion: row.subscriptionVersion,
    hash: row.hash,
    quote: row.quote as StoredQuote,
    quotedAt: row.quotedAt.getTime(),
    effectiveAt: row.effectiveAt.getTime(),
    expiresAt: row.expiresAt.getTime(),
    invoiceId: row.invoiceId,
    stripeInvoiceId: row.stripeInvoiceId,
    stripeScheduleId: row.stripeScheduleId,
    leftStripeId: row.leftStripeId,
    paymentUrl: row.paymentUrl,
    hasLooseEnds: row.hasLooseEnds,
    error: row.error,
    createdAt: row.createdAt.getTime(),
  }
}
