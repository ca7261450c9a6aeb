import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { Tables } from '../../../platform/database/tables.generated.ts'
import type { LineDiscount } from '../rating/discounts.ts'
import { type BilledCharge, readingFromJson, readingToJson } from './billed-charge.ts'

/** Billed for the first time, or more of it: the row always says what is on invoices in all. */
export async function save(
  tx: Db,
  mode: Mode,
  charge: BilledCharge,
  readAt: Instant,
): Promise<void> {
  const row = {
    endsAt: new Date(charge.servicePeriod.endsAt),
    invoiceId: charge.invoiceId,
    grossMinor: charge.grossMinor,
    amountMinor: charge.amountMinor,
    reading: charge.reading === null ? null : JSON.stringify(readingToJson(charge.reading)),
    discounts: JSON.stringify(charge.discounts),
    readAt: new Date(readAt),
  }
  await tx
    .insertInto('billedCharges')
    .values({
      mode,
      subscriptionId: charge.subscriptionId,
      lineKey: charge.lineKey,
      kind: charge.kind,
      planKey: charge.planKey,
      planVersion: charge.planVersion,
      phaseKey: charge.phaseKey,
      rateCardKey: charge.rateCardKey,
      startsAt: new Date(charge.servicePeriod.startsAt),
      ...row,
    })
    .onConflict((conflict) =>
      conflict.columns(['mode', 'subscriptionId', 'lineKey']).doUpdateSet(row),
    )
    .execute()
}

/** The invoice asks for nothing any more: what was on it has not been billed. */
export async function removeOfInvoice(tx: Db, mode: Mode, invoiceId: string): Promise<void> {
  await tx
    .deleteFrom('billedCharges')
    .where('mode', '=', mode)
    .where('invoiceId', '=', invoiceId)
    .execute()
}

/**
 * Billed usage in which something was counted, or taken back, around or after the time it was read. A little earlier
 * counts too: a write may have been under way. What turns out to be the same makes no line.
 */
export async function listTouched(
  db: Db,
  mode: Mode,
  subscriptionId: string,
  slackMs: number,
  since: Instant,
): Promise<BilledCharge[]> {
  const { rows } = await sql<Selectable<Tables['billedCharges']>>`
    select b.* from billed_charges b
    where b.mode = ${mode} and b.subscription_id = ${subscriptionId} and b.kind = 'usage'
      and b.ends_at > ${new Date(since)}
      and exists (
        select 1 from usage_rollups r
        where r.mode = b.mode and r.subscription_id = b.subscription_id
          and r.bucket_at >= b.starts_at and r.bucket_at < b.ends_at
          and r.updated_at > b.read_at - ${slackMs} * interval '1 millisecond')
    order by b.starts_at, b.line_key`.execute(db)
  return rows.map(fromRow)
}

/** The keys of all charges that begin at or after an instant. */
export async function listKeys(
  db: Db,
  mode: Mode,
  subscriptionId: string,
  since: Instant,
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('billedCharges')
    .select('lineKey')
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('endsAt', '>', new Date(since))
    .execute()
  return new Set(rows.map(({ lineKey }) => lineKey))
}

export async function find(
  db: Db,
  mode: Mode,
  subscriptionId: string,
  lineKey: string,
): Promise<BilledCharge | undefined> {
  const row = await db
    .selectFrom('billedCharges')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('lineKey', '=', lineKey)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Charges whose time reaches beyond an instant. */
export async function listEndingAfter(
  db: Db,
  mode: Mode,
  subscriptionId: string,
  after: Instant,
): Promise<BilledCharge[]> {
  const rows = await db
    .selectFrom('billedCharges')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('endsAt', '>', new Date(after))
    .orderBy('startsAt')
    .orderBy('lineKey')
    .execute()
  return rows.map(fromRow)
}

function fromRow(row: Selectable<Tables['billedCharges']>): BilledCharge {
  return {
    subscriptionId: row.subscriptionId,
    lineKey: row.lineKey,
    kind: row.kind,
    planKey: row.planKey,
    planVersion: row.planVersion,
    phaseKey: row.phaseKey,
    rateCardKey: row.rateCardKey,
    servicePeriod: { startsAt: row.startsAt.getTime(), endsAt: row.endsAt.getTime() },
    invoiceId: row.invoiceId,
    grossMinor: row.grossMinor,
    amountMinor: row.amountMinor,
    reading: row.reading === null ? null : readingFromJson(row.reading),
    discounts: row.discounts as readonly LineDiscount[],
  }
}
