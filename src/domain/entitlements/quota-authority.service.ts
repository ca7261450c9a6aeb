import { sql } from 'kysely'
import type { Clock } from '../../kit/clock.ts'
import { type Decimal, decimal, formatDecimal, ZERO } from '../../kit/decimal.ts'
import { DAY_MS, type Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import { type BlockKey, closeBlock } from './quota-blocks.service.ts'
import type { CreditNews } from '../credits/spending/service.ts'
import {
  decideLease,
  type LeaseAnswer,
  type LeaseAsk,
  type QuotaKey,
  type Settlement,
  type Spending,
} from './quota.ts'

/**
 * Who may spend how much of a quota. Its answers are final: what it granted is debited, in one row per window that
 * every gateway shares.
 */
export interface QuotaAuthority {
  /** Debits units for a producer of usage, for many quotas at once. Answers come in the order of the asks. */
  lease(producerId: string, asks: readonly LeaseAsk[]): Promise<LeaseAnswer[]>
  /** Starts a window with what was used before anybody leased; harmless when it is open already. */
  open(key: QuotaKey, used: Decimal): Promise<void>
  /** Leased units that were not spent. */
  giveBack(producerId: string, unspent: readonly Spending[]): Promise<void>
  /** Counts what was used without asking, in windows that are open; negative units come back. */
  debit(tx: Db, spent: readonly Spending[]): Promise<void>
  /** Notes what a counted batch of the usage log spent. Safe to repeat: each batch is noted once. */
  settle(producerId: string, sequence: number, settled: readonly Settlement[]): Promise<void>
  /** Takes back whatever a producer leased and did not spend, once its whole log is settled. */
  retire(producerId: string): Promise<void>
  /** Hears that somebody is short of a quota of which others may have units in stock. */
  onRecall(listener: (recalled: Recalled) => void): () => void
  /** Forgets windows that ended long ago. */
  prune(): Promise<void>
}

export type RecalledQuota = Pick<QuotaKey, 'mode' | 'subscriptionId' | 'quotaKey'>
export type Recalled = RecalledQuota | CreditNews

const CHANNEL = 'farebox_quota_recalls'
/** So long after a recall, what holders had in stock may still be on its way back. */
const RECALL_MS = 300
/** So long a closed block may take to be left by all who took from it. */
const LEAVE_MS = 2_000
const KEEP_ENDED_MS = 7 * DAY_MS

interface QuotaRow {
  readonly mode: Mode
  readonly subscriptionId: string
  readonly quotaKey: string
  readonly windowStartsAt: Date
  readonly granted: string
  readonly isTight: boolean
  readonly isRecalling: boolean
  readonly hasOtherHolders: boolean
  /** What is in stock for all may have units that nobody took. */
  readonly openBlock: number | null
  readonly isBlockClosing: boolean
}

interface BlockRow extends Omit<BlockKey, 'window' | 'number'> {
  readonly windowStartsAt: Date
  readonly windowEndsAt: Date
  readonly block: number | null
}

export function createQuotaAuthority(deps: { database: Database; clock: Clock }): QuotaAuthority {
  const { database, clock } = deps

  async function lease(producerId: string, asks: readonly LeaseAsk[]): Promise<LeaseAnswer[]> {
    if (asks.length === 0) return []
    return database.transaction(async (tx) => {
      const rows = new Map((await lock(tx, producerId, asks)).map((row) => [idOfRow(row), row]))
      const changed: (QuotaKey & { total: Decimal; debited: Decimal; isShort: boolean })[] = []
      const recalled: RecalledQuota[] = []
      const closing: BlockKey[] = []
      const answers = asks.map((ask): LeaseAnswer => {
        const row = rows.get(idOf(ask))
        if (row === undefined) return { kind: 'unopened' }
        const { granted, total, isShort } = decideLease(decimal(row.granted), row.isTight, ask)
        const debited = (granted + ask.debt) as Decimal
        if (debited > ZERO || isShort !== row.isTight) {
          changed.push({ ...ask, total, debited, isShort })
        }
        const isFirstShort = isShort && !row.isTight && row.hasOtherHolders
        if (isFirstShort) recalled.push(ask)
        const hasBlock = row.openBlock !== null || row.isBlockClosing
        if (isShort && row.openBlock !== null) closing.push({ ...ask, number: row.openBlock })
        const isRecalling =
          isFirstShort || (isShort && (hasBlock || (row.isRecalling && row.hasOtherHolders)))
        return { kind: 'leased', granted, total, isRecalling }
      })
      if (changed.length > 0) await write(tx, producerId, changed, clock.now())
      for (const { mode, subscriptionId, quotaKey } of recalled) {
        await database.publish(tx, CHANNEL, JSON.stringify({ mode, subscriptionId, quotaKey }))
      }
      for (const block of closing) await closeBlock(database, tx, block)
      return answers
    })
  }

  return {
    lease,

    async open({ mode, subscriptionId, quotaKey, window }, used) {
      await sql`
        insert into quotas (mode, subscription_id, quota_key, window_starts_at, window_ends_at, granted, updated_at)
        values (${mode}, ${subscriptionId}, ${quotaKey}, ${new Date(window.startsAt)}, ${new Date(window.endsAt)},
          ${formatDecimal(used)}::numeric, ${new Date(clock.now())})
        on conflict do nothing`.execute(database.db)
    },

    async giveBack(producerId, unspent) {
      if (unspent.length === 0) return
      await database.transaction(async (tx) => {
        await lock(tx, producerId, unspent)
        // Without a lease the producer was retired meanwhile, and all it had in stock is back already.
        await sql`
          with returned as (select * from ${keysAndUnits(unspent)}),
          leases as (
            update quota_leases l set granted = l.granted - r.units from returned r
            where l.producer_id = ${producerId} and ${sameQuota('l', 'r')}
            returning l.mode, l.subscription_id, l.quota_key, l.window_starts_at, r.units
          )
          update quotas q set granted = q.granted - g.units, updated_at = ${new Date(clock.now())}
          from leases g where ${sameQuota('q', 'g')}`.execute(tx)
      })
    },

    async debit(tx, spent) {
      if (spent.length === 0) return
      await lock(tx, '', spent)
      await sql`
        update quotas q set granted = q.granted + r.units, updated_at = ${new Date(clock.now())}
        from (select * from ${keysAndUnits(spent)}) as r where ${sameQuota('q', 'r')}`.execute(tx)
    },

    async settle(producerId, sequence, settled) {
      if (settled.length === 0) return
      const unbilled = settled.map((each) => each.unbilled ?? ZERO)
      const returned = settled.filter((_, i) => unbilled[i] !== ZERO)
      await database.transaction(async (tx) => {
        if (returned.length > 0) await lock(tx, producerId, returned)
        await sql`
          with settled as (
            select s.*, f.unbilled from ${keysAndUnits(settled)}
            join unnest(${unbilled.map(formatDecimal)}::numeric[]) with ordinality as f (unbilled, n) using (n)
          ), noted as (
            insert into quota_leases as l
              (producer_id, mode, subscription_id, quota_key, window_starts_at, granted, spent, last_sequence)
            select ${producerId}, s.mode, s.subscription_id, s.quota_key, s.window_starts_at, -s.unbilled, s.units, ${sequence}
            from settled s
            on conflict (producer_id, mode, subscription_id, quota_key, window_starts_at) do update
              set spent = l.spent + excluded.spent, granted = l.granted + excluded.granted,
                last_sequence = excluded.last_sequence
              where l.last_sequence < excluded.last_sequence
            returning l.mode, l.subscription_id, l.quota_key, l.window_starts_at
          )
          update quotas q set granted = q.granted - s.unbilled
          from settled s join noted l on ${sameQuota('l', 's')}
          where s.unbilled > 0 and ${sameQuota('q', 's')}`.execute(tx)
      })
    },

    async retire(producerId) {
      await database.transaction(async (tx) => {
        const { rows } = await sql<BlockRow>`
          select q.mode, q.subscription_id, q.quota_key, q.window_starts_at, q.window_ends_at, l.block
          from quotas q join quota_leases l on ${sameQuota('q', 'l')}
          where l.producer_id = ${producerId}
          order by q.mode, q.subscription_id, q.quota_key, q.window_starts_at for update of q`.execute(
          tx,
        )
        // What it took from a block and did not say is in the block; closed, the block gives it back.
        const joined = rows.flatMap(toBlockKey)
        await sql`
          with gone as (delete from quota_leases where producer_id = ${producerId} returning *)
          update quotas q set granted = q.granted - (g.granted - g.spent), updated_at = ${new Date(clock.now())}
          from gone g where ${sameQuota('q', 'g')}`.execute(tx)
        for (const block of joined) await closeBlock(database, tx, block)
      })
    },

    onRecall: (listener) =>
      database.subscribe(CHANNEL, (payload) => listener(JSON.parse(payload) as RecalledQuota)),

    async prune() {
      const before = new Date(clock.now() - KEEP_ENDED_MS)
      await sql`delete from quotas where window_ends_at < ${before}`.execute(database.db)
      await sql`
        delete from quota_leases l where not exists
          (select 1 from quotas q where ${sameQuota('q', 'l')})
          and l.window_starts_at < ${before}`.execute(database.db)
      await sql`
        delete from quota_blocks b where b.window_starts_at < ${before} and not exists
          (select 1 from quotas q where ${sameQuota('q', 'b')})`.execute(database.db)
    },
  }
}

/** Locks in one order, so that gateways asking for the same quotas wait for each other instead of dying of deadlock. */
async function lock(tx: Db, producerId: string, keys: readonly QuotaKey[]): Promise<QuotaRow[]> {
  const { rows } = await sql<QuotaRow>`
    select q.mode, q.subscription_id, q.quota_key, q.window_starts_at, q.granted,
      q.recalled_at is not null as is_tight,
      coalesce(q.recalled_at > clock_timestamp() - make_interval(secs => ${RECALL_MS / 1000}), false) as is_recalling,
      exists (select 1 from quota_leases l where ${sameQuota('q', 'l')}
        and l.producer_id <> ${producerId} and (l.granted > l.spent or l.block is not null)) as has_other_holders,
      (select b.number from quota_blocks b where ${sameQuota('q', 'b')} and b.closed_at is null) as open_block,
      exists (select 1 from quota_blocks b where ${sameQuota('q', 'b')}
        and b.closed_at > clock_timestamp() - make_interval(secs => ${LEAVE_MS / 1000})) as is_block_closing
    from quotas q join ${keysAndUnits(keys.map((key) => ({ ...key, units: ZERO })))} on ${sameQuota('q', 's')}
    order by q.mode, q.subscription_id, q.quota_key, q.window_starts_at for update of q`.execute(tx)
  return rows
}

async function write(
  tx: Db,
  producerId: string,
  changed: readonly (QuotaKey & { total: Decimal; debited: Decimal; isShort: boolean })[],
  now: Instant,
): Promise<void> {
  await sql`
    update quotas q set granted = c.total, updated_at = ${new Date(now)},
      recalled_at = case when c.is_short then coalesce(q.recalled_at, clock_timestamp()) end
    from (select s.*, f.is_short from ${keysAndUnits(changed.map((c) => ({ ...c, units: c.total })))}
      join unnest(${changed.map(({ isShort }) => isShort)}::boolean[]) with ordinality as f (is_short, n) using (n)
    ) as c (n, mode, subscription_id, quota_key, window_starts_at, total, is_short)
    where ${sameQuota('q', 'c')}`.execute(tx)
  const leased = changed.filter(({ debited }) => debited > ZERO)
  if (leased.length === 0) return
  await sql`
    insert into quota_leases as l
      (producer_id, mode, subscription_id, quota_key, window_starts_at, granted, spent, last_sequence)
    select ${producerId}, s.mode, s.subscription_id, s.quota_key, s.window_starts_at, s.units, 0, 0
    from ${keysAndUnits(leased.map((c) => ({ ...c, units: c.debited })))}
    on conflict (producer_id, mode, subscription_id, quota_key, window_starts_at) do update
      set granted = l.granted + excluded.granted`.execute(tx)
}

/** The keys as a table `s`, numbered. */
function keysAndUnits(spendings: readonly Spending[]) {
  return sql`(select u.n, u.mode, u.subscription_id, u.quota_key, u.window_starts_at, u.units from unnest(
    ${spendings.map(({ mode }) => mode)}::text[],
    ${spendings.map(({ subscriptionId }) => subscriptionId)}::text[],
    ${spendings.map(({ quotaKey }) => quotaKey)}::text[],
    ${spendings.map(({ window }) => new Date(window.startsAt).toISOString())}::timestamptz[],
    ${spendings.map(({ units }) => formatDecimal(units))}::numeric[]
  ) with ordinality as u (mode, subscription_id, quota_key, window_starts_at, units, n)) as s`
}

function sameQuota(left: 'q' | 'l', right: 's' | 'l' | 'r' | 'c' | 'g' | 'b') {
  const [a, b] = [sql.raw(left), sql.raw(right)]
  return sql`${a}.mode = ${b}.mode and ${a}.subscription_id = ${b}.subscription_id
    and ${a}.quota_key = ${b}.quota_key and ${a}.window_starts_at = ${b}.window_starts_at`
}

function toBlockKey({ windowStartsAt, windowEndsAt, block, ...key }: BlockRow): BlockKey[] {
  const window = { startsAt: windowStartsAt.getTime(), endsAt: windowEndsAt.getTime() }
  return block === null ? [] : [{ ...key, window, number: block }]
}

function idOf({ mode, subscriptionId, quotaKey, window }: QuotaKey): string {
  return `${mode} ${subscriptionId} ${quotaKey} ${window.startsAt}`
}

function idOfRow({ mode, subscriptionId, quotaKey, windowStartsAt }: QuotaRow): string {
  return `${mode} ${subscriptionId} ${quotaKey} ${windowStartsAt.getTime()}`
}
