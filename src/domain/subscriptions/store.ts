import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../kit/page.ts'
import type { Period } from '../../kit/period.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { BillingPeriod } from './billing-period.ts'
import type { SubscriptionOverrides } from './overrides.ts'
import type { AccessOverride, AddOnChoice, Subscription } from './subscription.ts'

export async function insert(tx: Db, subscription: Subscription): Promise<void> {
  const { mode, id, version: _version, createdAt, currentPeriod: _period, ...rest } = subscription
  await tx
    .insertInto('subscriptions')
    .values({
      mode,
      id,
      ...toRow(rest),
      createdAt: new Date(createdAt),
      updatedAt: new Date(createdAt),
    })
    .execute()
}

/** Writes every field; the caller holds the customer's lock. Bumps the version that optimistic callers compare. */
export async function update(tx: Db, subscription: Subscription, now: Instant): Promise<void> {
  const { mode, id, version: _, createdAt: __, currentPeriod: ___, ...rest } = subscription
  await tx
    .updateTable('subscriptions')
    .set({ ...toRow(rest), updatedAt: new Date(now) })
    .set((column) => ({ version: column('version', '+', 1) }))
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

/** Seen again in Stripe, and nothing was different. */
export async function noteTicket(
  tx: Db,
  { mode, id, providerTicket }: Pick<Subscription, 'mode' | 'id' | 'providerTicket'>,
): Promise<void> {
  await tx
    .updateTable('subscriptions')
    .set({ providerTicket })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

export async function find(db: Db, mode: Mode, id: string): Promise<Subscription | undefined> {
  const row = await select(db)
    .where('subscriptions.mode', '=', mode)
    .where('subscriptions.id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** The subscription a customer has: open, or ended but not closed yet. */
export async function findOpen(
  db: Db,
  mode: Mode,
  customerId: string,
): Promise<Subscription | undefined> {
  const row = await select(db)
    .where('subscriptions.mode', '=', mode)
    .where('subscriptions.customerId', '=', customerId)
    .where('subscriptions.closedAt', 'is', null)
    .orderBy('subscriptions.id', 'desc')
    .executeTakeFirst()
  return row && fromRow(row)
}

/** The open subscription, or the last one the customer had. */
export async function findLatest(
  db: Db,
  mode: Mode,
  customerId: string,
): Promise<Subscription | undefined> {
  const row = await select(db)
    .where('subscriptions.mode', '=', mode)
    .where('subscriptions.customerId', '=', customerId)
    .orderBy(sql`subscriptions.closed_at is null`, 'desc')
    .orderBy('subscriptions.id', 'desc')
    .executeTakeFirst()
  return row && fromRow(row)
}

export interface SubscriptionFilter {
  readonly customerId?: string | undefined
  readonly planKey?: string | undefined
  readonly isOpen?: boolean | undefined
  readonly paymentStatus?: Subscription['paymentStatus'] | undefined
}

export async function list(
  db: Db,
  mode: Mode,
  filter: SubscriptionFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<Subscription>> {
  let query = select(db).where('subscriptions.mode', '=', mode)
  if (filter.customerId !== undefined) query = query.where('customerId', '=', filter.customerId)
  if (filter.planKey !== undefined) query = query.where('planKey', '=', filter.planKey)
  if (filter.isOpen === true) query = query.where('subscriptions.closedAt', 'is', null)
  if (filter.isOpen === false) query = query.where('subscriptions.closedAt', 'is not', null)
  if (filter.paymentStatus !== undefined) {
    query = query.where('paymentStatus', '=', filter.paymentStatus)
  }
  if (cursor !== undefined) query = query.where('subscriptions.id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('subscriptions.id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ id }) => id)
}

/** Subscriptions that have begun and are not closed. */
export async function countOpen(db: Db, mode: Mode): Promise<number> {
  const row = await db
    .selectFrom('subscriptions')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('mode', '=', mode)
    .where('closedAt', 'is', null)
    .where('activatedAt', 'is not', null)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Open subscriptions we bill ourselves whose period or life has ended on the given time line, the oldest first. */
export async function listDue(
  db: Db,
  mode: Mode,
  testClockId: string | null,
  now: Instant,
  limit: number,
): Promise<{ id: string; customerId: string }[]> {
  const { rows } = await sql<{ id: string; customerId: string }>`
    select s.id, s.customer_id from ${due(mode, testClockId, now)}
    order by d.due_at limit ${limit}`.execute(db)
  return rows
}

export async function countDue(
  db: Db,
  mode: Mode,
  testClockId: string | null,
  now: Instant,
): Promise<number> {
  const { rows } = await sql<{ count: bigint }>`
    select count(*) as count from ${due(mode, testClockId, now)}`.execute(db)
  return Number(rows[0]?.count ?? 0n)
}

/** Two ways of being due, each read from its index in order of time, so that the next few cost the same of any number. */
function due(mode: Mode, testClockId: string | null, now: Instant) {
  const at = new Date(now)
  return sql`(
      select p.subscription_id as id, p.ends_at as due_at from billing_periods p
      where p.mode = ${mode} and p.state = 'open' and p.ends_at <= ${at}
    union all
      select e.id, least(e.ends_at, e.cancel_at) from subscriptions e
      where e.mode = ${mode} and e.closed_at is null and least(e.ends_at, e.cancel_at) <= ${at}
        and not exists (select 1 from billing_periods p where p.mode = ${mode}
          and p.subscription_id = e.id and p.state = 'open' and p.ends_at <= ${at})
    ) as d
    join subscriptions s on s.mode = ${mode} and s.id = d.id
    join customers c on c.mode = ${mode} and c.id = s.customer_id
    where s.closed_at is null and s.engine <> 'stripe_subscription'
      and c.test_clock_id is not distinct from ${testClockId}`
}

/**
 * The next instant after `after` at which something is due for anyone on a time line, or was: where a period has begun
 * since, somebody else was there first.
 */
export async function nextBoundary(
  db: Db,
  mode: Mode,
  testClockId: string | null,
  after: Instant,
): Promise<Instant | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(d.at) as at from subscriptions s
    join customers c on c.mode = s.mode and c.id = s.customer_id
    left join billing_periods p on p.mode = s.mode and p.subscription_id = s.id and p.state = 'open'
    left join plan_changes g on g.mode = s.mode and g.subscription_id = s.id
      and g.state = 'awaiting_payment' and g.way = 'here'
    cross join lateral (values (p.starts_at), (p.ends_at), (s.cancel_at), (s.ends_at), (s.trial_ends_at), (s.resumes_at), (g.expires_at)) as d (at)
    where s.mode = ${mode} and s.closed_at is null and d.at > ${new Date(after)}
      and c.test_clock_id is not distinct from ${testClockId}`.execute(db)
  return rows[0]?.at?.getTime()
}

/** Paused ones whose pause is over and nobody asked to end yet. */
export async function listResuming(
  db: Db,
  mode: Mode,
  now: Instant,
  limit: number,
): Promise<Subscription[]> {
  const rows = await selectOpen(db, mode)
    .where('subscriptions.pausedAt', 'is not', null)
    .where('subscriptions.resumingAt', 'is', null)
    .where('subscriptions.resumesAt', '<=', new Date(now))
    .orderBy('subscriptions.resumesAt')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

/** Open subscriptions whose trial ends after an instant, the next first. */
export async function trialsEnding(
  db: Db,
  mode: Mode,
  after: Instant,
  limit: number,
): Promise<Subscription[]> {
  const rows = await selectOpen(db, mode)
    .where('subscriptions.cancelAt', 'is', null)
    .where('subscriptions.trialEndsAt', '>', new Date(after))
    .orderBy('subscriptions.trialEndsAt')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

export async function openPeriod(
  db: Db,
  mode: Mode,
  subscriptionId: string,
): Promise<BillingPeriod | undefined> {
  const row = await db
    .selectFrom('billingPeriods')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('state', '=', 'open')
    .executeTakeFirst()
  return row && periodFromRow(row)
}

export async function listPeriods(
  db: Db,
  mode: Mode,
  subscriptionId: string,
): Promise<BillingPeriod[]> {
  const rows = await db
    .selectFrom('billingPeriods')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .orderBy('ordinal', 'desc')
    .limit(120)
    .execute()
  return rows.map(periodFromRow)
}

export async function insertPeriod(tx: Db, mode: Mode, period: BillingPeriod): Promise<void> {
  await tx
    .insertInto('billingPeriods')
    .values({
      mode,
      id: period.id,
      subscriptionId: period.subscriptionId,
      ordinal: period.ordinal,
      startsAt: new Date(period.startsAt),
      endsAt: new Date(period.endsAt),
      planVersionId: period.planVersionId,
      state: period.state,
    })
    .execute()
}

export async function updatePeriod(
  tx: Db,
  mode: Mode,
  id: string,
  change: Partial<Period> & { state?: BillingPeriod['state']; closedAt?: Instant },
): Promise<void> {
  await tx
    .updateTable('billingPeriods')
    .set({
      ...(change.startsAt !== undefined && { startsAt: new Date(change.startsAt) }),
      ...(change.endsAt !== undefined && { endsAt: new Date(change.endsAt) }),
      ...(change.state !== undefined && { state: change.state }),
      ...(change.closedAt !== undefined && { closedAt: new Date(change.closedAt) }),
    })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

/** Periods that ended before an instant and still wait for their invoice. */
export async function listClosing(
  db: Db,
  mode: Mode,
  before: Instant,
  limit: number,
): Promise<BillingPeriod[]> {
  const rows = await db
    .selectFrom('billingPeriods')
    .selectAll()
    .where('mode', '=', mode)
    .where('state', '=', 'closing')
    .where('endsAt', '<', new Date(before))
    .orderBy('endsAt')
    .limit(limit)
    .execute()
  return rows.map(periodFromRow)
}

export async function closeEndedPeriods(
  tx: Db,
  mode: Mode,
  subscriptionId: string,
  until: Instant,
): Promise<void> {
  await tx
    .updateTable('billingPeriods')
    .set({ state: 'closed', closedAt: new Date(until) })
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('state', '=', 'closing')
    .where('endsAt', '<=', new Date(until))
    .execute()
}

type Writable = Omit<Subscription, 'mode' | 'id' | 'version' | 'createdAt' | 'currentPeriod'>

function toRow(subscription: Writable) {
  return {
    ...subscription,
    phaseStartsAt: new Date(subscription.phaseStartsAt),
    startsAt: new Date(subscription.startsAt),
    activatedAt: toDate(subscription.activatedAt),
    trialEndsAt: toDate(subscription.trialEndsAt),
    pausedAt: toDate(subscription.pausedAt),
    resumesAt: toDate(subscription.resumesAt),
    resumingAt: toDate(subscription.resumingAt),
    cancelAt: toDate(subscription.cancelAt),
    cancelRequestedAt: toDate(subscription.cancelRequestedAt),
    endsAt: toDate(subscription.endsAt),
    closedAt: toDate(subscription.closedAt),
    billingAnchor: new Date(subscription.billingAnchor),
    usageAnchor: new Date(subscription.usageAnchor),
    overdueSince: toDate(subscription.overdueSince),
    accessOverride:
      subscription.accessOverride === null ? null : JSON.stringify(subscription.accessOverride),
    overrides: JSON.stringify(subscription.overrides),
    addOns: JSON.stringify(subscription.addOns),
    metadata: JSON.stringify(subscription.metadata),
  }
}

const selectOpen = (db: Db, mode: Mode) =>
  select(db).where('subscriptions.mode', '=', mode).where('subscriptions.closedAt', 'is', null)

function select(db: Db) {
  return db
    .selectFrom('subscriptions')
    .leftJoin('billingPeriods as period', (join) =>
      join
        .onRef('period.mode', '=', 'subscriptions.mode')
        .onRef('period.subscriptionId', '=', 'subscriptions.id')
        .on('period.state', '=', 'open'),
    )
    .selectAll('subscriptions')
    .select(['period.startsAt as periodStartsAt', 'period.endsAt as periodEndsAt'])
}

type Row = Selectable<Tables['subscriptions']> & {
  readonly periodStartsAt: Date | null
  readonly periodEndsAt: Date | null
}

function fromRow(row: Row): Subscription {
  return {
    mode: row.mode,
    id: row.id,
    customerId: row.customerId,
    planKey: row.planKey,
    planVersionId: row.planVersionId,
    phaseKey: row.phaseKey,
    phaseStartsAt: row.phaseStartsAt.getTime(),
    currency: row.currency,
    engine: row.engine,
    collection: row.collection,
    startsAt: row.startsAt.getTime(),
    activatedAt: instantOf(row.activatedAt),
    trialEndsAt: instantOf(row.trialEndsAt),
    pausedAt: instantOf(row.pausedAt),
    resumesAt: instantOf(row.resumesAt),
    resumingAt: instantOf(row.resumingAt),
    cancelAt: instantOf(row.cancelAt),
    cancelRequestedAt: instantOf(row.cancelRequestedAt),
    endsAt: instantOf(row.endsAt),
    endReason: row.endReason,
    closedAt: instantOf(row.closedAt),
    billingAnchor: row.billingAnchor.getTime(),
    usageAnchor: row.usageAnchor.getTime(),
    paymentStatus: row.paymentStatus,
    overdueSince: instantOf(row.overdueSince),
    providerStatus: row.providerStatus,
    providerTicket: row.providerTicket,
    accessOverride: row.accessOverride as AccessOverride | null,
    overrides: row.overrides as SubscriptionOverrides,
    addOns: row.addOns as readonly AddOnChoice[],
    metadata: row.metadata as Record<string, string>,
    currentPeriod:
      row.periodStartsAt === null || row.periodEndsAt === null
        ? null
        : { startsAt: row.periodStartsAt.getTime(), endsAt: row.periodEndsAt.getTime() },
    version: row.version,
    createdAt: row.createdAt.getTime(),
  }
}

function periodFromRow(row: Selectable<Tables['billingPeriods']>): BillingPeriod {
  return {
    id: row.id,
    subscriptionId: row.subscriptionId,
    ordinal: row.ordinal,
    startsAt: row.startsAt.getTime(),
    endsAt: row.endsAt.getTime(),
    planVersionId: row.planVersionId,
    state: row.state,
    closedAt: instantOf(row.closedAt),
  }
}

function toDate(at: Instant | null): Date | null {
  return at === null ? null : new Date(at)
}

function instantOf(date: Date | null): Instant | null {
  return date?.getTime() ?? null
}
