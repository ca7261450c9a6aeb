import { sql } from 'kysely'
import { add, decimal, type Decimal, formatDecimal, ZERO } from '../../kit/decimal.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import { decideBlock, type QuotaKey } from './quota.ts'

/**
 * Units of a quota debited in stock, for producers to take from outside of the database. A producer joins a block before
 * it takes from it and leaves it by saying how much it took, which is its lease from then on. A closed block that all
 * have left gives back the rest: so units that were lost outside come back, and none is ever given twice.
 */
export interface QuotaBlocks {
  /** Lets a producer take from the window's block, filling it or opening one if there is enough left. */
  join(producerId: string, ask: BlockAsk): Promise<BlockAnswer>
  /** What the producer has taken is its lease now, and it takes no more. Safe to repeat. */
  leave(producerId: string, block: BlockKey, taken: Decimal): Promise<void>
  /** Nobody may join any more, and all who did hear of it. A block that was opened this moment is left alone. */
  close(block: BlockKey): Promise<void>
  onClose(listener: (block: BlockKey) => void): () => void
  /** Closed blocks the producers have not left, for those who did not hear. */
  closedFor(producerIds: readonly string[]): Promise<JoinedBlock[]>
}

export interface BlockKey extends QuotaKey {
  readonly number: number
}

export interface BlockAsk extends QuotaKey {
  readonly ceiling: Decimal
  /** What one producer keeps in stock. */
  readonly want: Decimal
}

export interface JoinedBlock extends BlockKey {
  readonly producerId: string
}

export type BlockAnswer =
  /** Too little is left, or it is not known what the producer took from an earlier block. */
  | { readonly kind: 'none' }
  | { readonly kind: 'still_in'; readonly number: number }
  | {
      readonly kind: 'joined'
      readonly number: number
      readonly isNew: boolean
      /** Put into it in all. */
      readonly filled: Decimal
      /** Debited of the quota in all. */
      readonly total: Decimal
    }

const CHANNEL = 'farebox_quota_blocks'
/** Whoever opened a block may be about to put it where the others look for it. */
const YOUNG_MS = 1_000

export function createQuotaBlocks({ database }: { readonly database: Database }): QuotaBlocks {
  return {
    join: (producerId, ask) =>
      database.transaction(async (tx): Promise<BlockAnswer> => {
        const quota = await lockQuota(tx, ask)
        if (quota === undefined || quota.isTight) return { kind: 'none' }
        const earlier = await joinedBlock(tx, producerId, ask)
        const open = await openBlock(tx, ask)
        if (earlier !== undefined && earlier !== open?.number) {
          return { kind: 'still_in', number: earlier }
        }
        const units = decideBlock(decimal(quota.granted), decimal(open?.filled ?? '0'), ask)
        if (units === undefined) {
          if (open !== undefined) await closeBlock(database, tx, { ...ask, number: open.number })
          return { kind: 'none' }
        }
        if (open === undefined && units === ZERO) return { kind: 'none' }
        const number = open?.number ?? quota.blocks + 1
        if (open === undefined) {
          await sql`
            insert into quota_blocks (mode, subscription_id, quota_key, window_starts_at, number, filled, unclaimed, opened_at)
            values (${ask.mode}, ${ask.subscriptionId}, ${ask.quotaKey}, ${startOf(ask)}, ${number},
              ${formatDecimal(units)}::numeric, ${formatDecimal(units)}::numeric, clock_timestamp())`.execute(
            tx,
          )
        } else if (units > ZERO) {
          await sql`
            update quota_blocks b set filled = b.filled + ${formatDecimal(units)}::numeric,
              unclaimed = b.unclaimed + ${formatDecimal(units)}::numeric
            where ${isOf('b', ask)} and b.number = ${number}`.execute(tx)
        }
        await sql`
          update quotas q set granted = q.granted + ${formatDecimal(units)}::numeric, blocks = ${number}
          where ${isOf('q', ask)}`.execute(tx)
        await sql`
          insert into quota_leases as l
            (producer_id, mode, subscription_id, quota_key, window_starts_at, granted, spent, last_sequence, block)
          values (${producerId}, ${ask.mode}, ${ask.subscriptionId}, ${ask.quotaKey}, ${startOf(ask)}, 0, 0, 0, ${number})
          on conflict (producer_id, mode, subscription_id, quota_key, window_starts_at) do update
            set block = excluded.block`.execute(tx)
        return {
          kind: 'joined',
          number,
          isNew: open === undefined,
          filled: add(decimal(open?.filled ?? '0'), units),
          total: add(decimal(quota.granted), units),
        }
      }),

    leave: (producerId, block, taken) =>
      database.transaction(async (tx) => {
        await lockQuota(tx, block)
        const left = await sql`
          update quota_leases l set granted = l.granted + ${formatDecimal(taken)}::numeric, block = null
          where l.producer_id = ${producerId} and ${isOf('l', block)} and l.block = ${block.number}
          returning 1`.execute(tx)
        if (left.rows.length === 0) return
        await sql`
          update quota_blocks b set unclaimed = b.unclaimed - ${formatDecimal(taken)}::numeric
          where ${isOf('b', block)} and b.number = ${block.number}`.execute(tx)
        await dissolve(tx, block)
      }),

    close: (block) =>
      database.transaction(async (tx) => {
        await lockQuota(tx, block)
        const { rows } = await sql<{ isYoung: boolean }>`
          select b.opened_at > clock_timestamp() - make_interval(secs => ${YOUNG_MS / 1000}) as is_young
          from quota_blocks b where ${isOf('b', block)} and b.number = ${block.number}`.execute(tx)
        if (rows[0]?.isYoung === false) await closeBlock(database, tx, block)
      }),

    onClose: (listener) =>
      database.subscribe(CHANNEL, (payload) => listener(JSON.parse(payload) as BlockKey)),

    async closedFor(producerIds) {
      const { rows } = await sql<JoinedRow>`
        select l.producer_id, l.mode, l.subscription_id, l.quota_key, l.window_starts_at, q.window_ends_at, l.block
        from quota_leases l join quotas q using (mode, subscription_id, quota_key, window_starts_at)
        where l.producer_id = any(${producerIds}::text[]) and l.block is not null and not exists (
          select 1 from quota_blocks b where b.mode = l.mode and b.subscription_id = l.subscription_id
            and b.quota_key = l.quota_key and b.window_starts_at = l.window_starts_at
            and b.number = l.block and b.closed_at is null)`.execute(database.db)
      return rows.map(({ windowStartsAt, windowEndsAt, block, ...row }) => ({
        ...row,
        number: block,
        window: { startsAt: windowStartsAt.getTime(), endsAt: windowEndsAt.getTime() },
      }))
    },
  }
}

interface JoinedRow extends Omit<JoinedBlock, 'window' | 'number'> {
  readonly windowStartsAt: Date
  readonly windowEndsAt: Date
  readonly block: number
}

/** Inside the transaction that holds the quota's row. */
export async function closeBlock(database: Database, tx: Db, block: BlockKey): Promise<void> {
  const closed = await sql`
    update quota_blocks b set closed_at = clock_timestamp()
    where ${isOf('b', block)} and b.number = ${block.number} and b.closed_at is null
    returning 1`.execute(tx)
  if (closed.rows.length > 0) {
    const { mode, subscriptionId, quotaKey, window, number } = block
    const news = { mode, subscriptionId, quotaKey, window, number }
    await database.publish(tx, CHANNEL, JSON.stringify(news))
  }
  await dissolve(tx, block)
}

/** Gives back what is left of a closed block that all have left. */
async function dissolve(tx: Db, block: BlockKey): Promise<void> {
  await sql`
    with gone as (
      delete from quota_blocks b
      where ${isOf('b', block)} and b.number = ${block.number} and b.closed_at is not null
        and not exists (select 1 from quota_leases l where ${isOf('l', block)} and l.block = ${block.number})
      returning b.unclaimed)
    update quotas q set granted = q.granted - gone.unclaimed from gone where ${isOf('q', block)}`.execute(
    tx,
  )
}

async function lockQuota(tx: Db, key: QuotaKey) {
  const { rows } = await sql<{ granted: string; isTight: boolean; blocks: number }>`
    select q.granted, q.recalled_at is not null as is_tight, q.blocks from quotas q
    where ${isOf('q', key)} for update of q`.execute(tx)
  return rows[0]
}

async function openBlock(tx: Db, key: QuotaKey) {
  const { rows } = await sql<{ number: number; filled: string }>`
    select b.number, b.filled from quota_blocks b
    where ${isOf('b', key)} and b.closed_at is null`.execute(tx)
  return rows[0]
}

async function joinedBlock(tx: Db, producerId: string, key: QuotaKey): Promise<number | undefined> {
  const { rows } = await sql<{ block: number | null }>`
    select l.block from quota_leases l
    where l.producer_id = ${producerId} and ${isOf('l', key)}`.execute(tx)
  return rows[0]?.block ?? undefined
}

function isOf(table: 'q' | 'l' | 'b', { mode, subscriptionId, quotaKey, window }: QuotaKey) {
  const t = sql.raw(table)
  return sql`${t}.mode = ${mode} and ${t}.subscription_id = ${subscriptionId}
    and ${t}.quota_key = ${quotaKey} and ${t}.window_starts_at = ${new Date(window.startsAt)}`
}

function startOf({ window }: QuotaKey): Date {
  return new Date(window.startsAt)
}
