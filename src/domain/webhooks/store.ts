import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, type TimePage, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { StripeEvent } from '../../stripe/events.ts'
import type { Backlog, InboxEvent, InboxState, LeasedEvent } from './inbox-event.ts'

export interface NewEvent extends StripeEvent {
  readonly account: string
  readonly source: InboxEvent['source']
  /** Whether its type makes us look at anything. */
  readonly isWanted: boolean
}

/**
 * Stores events unless they are there already; the primary key is what makes a second delivery harmless. Answers which
 * were new, as `mode id`.
 */
export async function insert(
  db: Db,
  events: readonly NewEvent[],
  now: Instant,
): Promise<Set<string>> {
  const of = <Value>(read: (event: NewEvent) => Value): Value[] => events.map(read)
  const why = of(({ isWanted }) => (isWanted ? null : 'nothing to do for this type'))
  // One text for any number of events, and every column an array: nothing is parsed or planned anew with each burst.
  const { rows } = await sql<{ mode: Mode; id: string }>`
    insert into stripe_events (mode, id, account, type, object_kind, object_id, customer_id, api_version, occurred_at,
      received_at, source, body, state, next_at, error, settled_at)
    select mode, id, account, type, object_kind, object_id, customer_id, api_version, to_timestamp(occurred_at / 1000),
      at, source, body::jsonb, case when error is null then 'received' else 'ignored' end, at, error,
      case when error is null then null else at end
    from (select ${new Date(now)}::timestamptz as at) as clock, unnest(${of(({ mode }) => mode)}::text[],
      ${of(({ id }) => id)}::text[], ${of(({ account }) => account)}::text[], ${of(({ type }) => type)}::text[],
      ${of(({ objectKind }) => objectKind)}::text[], ${of(({ objectId }) => objectId)}::text[],
      ${of(({ stripeCustomerId }) => stripeCustomerId)}::text[], ${of(({ apiVersion }) => apiVersion)}::text[],
      ${of(({ occurredAt }) => occurredAt)}::float8[], ${of(({ source }) => source)}::text[],
      ${of(({ body }) => body)}::text[], ${why}::text[])
      as new (mode, id, account, type, object_kind, object_id, customer_id, api_version, occurred_at, source, body, error)
    on conflict (mode, id) do nothing returning mode, id`.execute(db)
  return new Set(rows.map(({ mode, id }) => `${mode} ${id}`))
}

/** Takes due events under a lease; an event whose worker died is due again when the lease is over. */
export async function claim(
  db: Db,
  now: Instant,
  leaseUntil: Instant,
  limit: number,
): Promise<LeasedEvent[]> {
  const { rows } = await sql<Selectable<Tables['stripeEvents']>>`
    update stripe_events set attempts = attempts + 1, lease_until = ${new Date(leaseUntil)}
    where (mode, id) in (
      select mode, id from stripe_events
      where state in ('received', 'failed', 'parked') and next_at <= ${new Date(now)}
        and (lease_until is null or lease_until <= ${new Date(now)})
      order by next_at, occurred_at, id limit ${limit} for update skip locked
    )
    returning *`.execute(db)
  return rows.map((row) => ({ ...fromRow(row), body: row.body as LeasedEvent['body'] }))
}

export interface Outcome {
  readonly state: Exclude<InboxState, 'received'>
  readonly error?: string | null
  readonly nextAt?: Instant
}

/**
 * Ends an attempt at each of these events. Guarded by its number: whoever lost the lease meanwhile changes nothing.
 * Answers how many were still held.
 */
export async function settle(
  tx: Db,
  events: readonly Pick<InboxEvent, 'mode' | 'id' | 'attempts'>[],
  outcome: Outcome,
  now: Instant,
): Promise<number> {
  const isFinal = ['processed', 'ignored', 'dead'].includes(outcome.state)
  const { numAffectedRows } = await sql`
    update stripe_events e set state = ${outcome.state}, error = ${outcome.error ?? null}, lease_until = null,
      next_at = coalesce(${outcome.nextAt === undefined ? null : new Date(outcome.nextAt)}::timestamptz, e.next_at),
      settled_at = ${isFinal ? new Date(now) : null}::timestamptz
    from unnest(${events.map(({ mode }) => mode)}::text[], ${events.map(({ id }) => id)}::text[],
      ${events.map(({ attempts }) => attempts)}::int[]) as held (mode, id, attempts)
    where e.mode = held.mode and e.id = held.id and e.attempts = held.attempts`.execute(tx)
  return Number(numAffectedRows ?? 0n)
}

/**
 * The same for events that were applied. What waited for something of these customers to arrive is tried again now that
 * something has; so is what does not say whose it is.
 */
export async function settleApplied(
  tx: Db,
  mode: Mode,
  events: readonly Pick<InboxEvent, 'id' | 'attempts' | 'stripeCustomerId'>[],
  now: Instant,
): Promise<number> {
  const customers = new Set(events.flatMap(({ stripeCustomerId }) => stripeCustomerId ?? []))
  const { numAffectedRows } = await sql`
    with tried_again as (
      update stripe_events set next_at = ${new Date(now)}
      where mode = ${mode} and state = 'parked' and lease_until is null and next_at > ${new Date(now)}
        and (customer_id = any(${[...customers]}::text[]) or customer_id is null)
    )
    update stripe_events e set state = 'processed', error = null, lease_until = null, settled_at = ${new Date(now)}
    from unnest(${events.map(({ id }) => id)}::text[], ${events.map(({ attempts }) => attempts)}::int[])
      as held (id, attempts)
    where e.mode = ${mode} and e.id = held.id and e.attempts = held.attempts`.execute(tx)
  return Number(numAffectedRows ?? 0n)
}

/** What was ignored as a stranger's is looked at now that the Stripe customer is one of ours. */
export async function revive(
  tx: Db,
  mode: Mode,
  stripeCustomerId: string,
  error: string,
  now: Instant,
): Promise<void> {
  await tx
    .updateTable('stripeEvents')
    .set({ state: 'received', nextAt: new Date(now), settledAt: null, error: null })
    .where('mode', '=', mode)
    .where('customerId', '=', stripeCustomerId)
    .where('state', '=', 'ignored')
    .where('error', '=', error)
    .execute()
}

/** Puts an event back to the start, for an operator who has removed the cause of its failure. */
export async function replay(tx: Db, mode: Mode, id: string, now: Instant): Promise<boolean> {
  const result = await tx
    .updateTable('stripeEvents')
    .set({
      state: 'received',
      leaseUntil: null,
      nextAt: new Date(now),
      source: 'replay',
      settledAt: null,
    })
    // Whoever holds it now must not settle it any more.
    .set((column) => ({ attempts: column('attempts', '+', 1) }))
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Empties the bodies of events that are settled and old; the rows stay, they are what recognizes a duplicate. */
export async function emptyBodies(db: Db, before: Instant, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    update stripe_events set body = null where (mode, id) in (
      select mode, id from stripe_events
      where body is not null and received_at < ${new Date(before)} and settled_at is not null
      order by received_at limit ${limit})`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

export interface InboxFilter {
  readonly state?: InboxState | undefined
  readonly type?: string | undefined
}

export async function list(
  db: Db,
  mode: Mode,
  filter: InboxFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<InboxEvent>> {
  let query = db.selectFrom('stripeEvents').selectAll().where('mode', '=', mode)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (filter.type !== undefined) query = query.where('type', '=', filter.type)
  if (cursor !== undefined) {
    const [receivedAt = '0', id = ''] = decodeCursor(cursor, /^\d{1,15} \w+$/).split(' ')
    query = query.where(sql<boolean>`(received_at, id) < (${new Date(Number(receivedAt))}, ${id})`)
  }
  const rows = await query
    .orderBy('receivedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, (event) => `${event.receivedAt} ${event.id}`)
}

/** What Stripe told about one of its customers, newest first by Stripe's time. */
export async function listOfCustomer(
  db: Db,
  mode: Mode,
  stripeCustomerId: string,
  { limit, before }: TimePage,
): Promise<InboxEvent[]> {
  let query = db
    .selectFrom('stripeEvents')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', stripeCustomerId)
  if (before !== undefined) {
    const { at, key } = before
    query = query.where(sql<boolean>`(occurred_at, id) < (${new Date(at)}, ${key ?? ''})`)
  }
  const rows = await query
    .orderBy('occurredAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

export async function find(
  db: Db,
  mode: Mode,
  id: string,
): Promise<(InboxEvent & { body: unknown }) | undefined> {
  const row = await db
    .selectFrom('stripeEvents')
    .selectAll()
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && { ...fromRow(row), body: row.body }
}

/** How many events are not settled, by state, and since when the oldest of each waits. */
export async function backlog(db: Db, mode: Mode): Promise<Backlog[]> {
  const rows = await db
    .selectFrom('stripeEvents')
    .select(({ fn }) => [
      'state',
      fn.countAll<bigint>().as('count'),
      fn.min('receivedAt').as('oldestAt'),
    ])
    .where('mode', '=', mode)
    .where('state', 'in', ['received', 'failed', 'parked', 'dead'])
    .groupBy('state')
    .execute()
  return rows.map(({ state, count, oldestAt }) => ({
    state,
    count: Number(count),
    oldestAt: oldestAt.getTime(),
  }))
}

function fromRow(row: Selectable<Tables['stripeEvents']>): InboxEvent {
  return {
    mode: row.mode,
    id: row.id,
    type: row.type,
    objectKind: row.objectKind,
    objectId: row.objectId,
    stripeCustomerId: row.customerId,
    apiVersion: row.apiVersion,
    occurredAt: row.occurredAt.getTime(),
    receivedAt: row.receivedAt.getTime(),
    source: row.source,
    state: row.state,
    attempts: row.attempts,
    nextAt: row.nextAt.getTime(),
    error: row.error,
    settledAt: row.settledAt?.getTime() ?? null,
  }
}
