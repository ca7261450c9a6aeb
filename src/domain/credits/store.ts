import { type Selectable, sql } from 'kysely'
import { invariant } from '../../kit/assert.ts'
import { add, type Decimal, decimal, formatDecimal, ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { CreditAccount, LedgerEntry } from './account.ts'
import type { CreditGrant, CreditUnit, GrantSource, Holding } from './grant.ts'
import type { Claim, Hold } from './ledger.ts'
import { parseUnit, unitText } from './unit-text.ts'

export interface StoredHolding extends Holding {
  readonly customerId: string
  readonly note: string | null
  readonly createdAt: Instant
}

/** Answers false when its source granted before. */
export async function insertGrant(
  tx: Db,
  mode: Mode,
  customerId: string,
  grant: CreditGrant,
  note: string | null,
  now: Instant,
): Promise<boolean> {
  const row = await tx
    .insertInto('creditGrants')
    .values({
      mode,
      id: grant.id,
      customerId,
      unit: unitText(grant.unit),
      amount: formatDecimal(grant.amount),
      category: grant.category,
      priority: grant.priority,
      effectiveAt: new Date(grant.effectiveAt),
      expiresAt: grant.expiresAt === null ? null : new Date(grant.expiresAt),
      appliesTo: grant.appliesTo === null ? null : [...grant.appliesTo],
      sourceKind: grant.source.kind,
      sourceId: grant.source.id,
      state: grant.state,
      isFrozen: grant.isFrozen,
      note,
      createdAt: new Date(now),
    })
    .onConflict((conflict) => conflict.columns(['mode', 'sourceKind', 'sourceId']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export async function setFrozen(
  tx: Db,
  mode: Mode,
  grantId: string,
  isFrozen: boolean,
): Promise<void> {
  await tx
    .updateTable('creditGrants')
    .set({ isFrozen })
    .where('mode', '=', mode)
    .where('id', '=', grantId)
    .execute()
}

export async function setState(
  tx: Db,
  mode: Mode,
  grantId: string,
  state: CreditGrant['state'],
): Promise<void> {
  await tx
    .updateTable('creditGrants')
    .set({ state })
    .where('mode', '=', mode)
    .where('id', '=', grantId)
    .execute()
}

/** Every grant of the unit and the debt; the caller holds the customer's lock when it is going to change them. */
export async function loadAccount(
  db: Db,
  mode: Mode,
  customerId: string,
  unit: CreditUnit,
): Promise<CreditAccount> {
  const text = unitText(unit)
  const rows = await db
    .selectFrom('creditGrants')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('unit', '=', text)
    .where('state', '<>', 'pending')
    .orderBy('id')
    .execute()
  const debt = await db
    .selectFrom('creditDebts')
    .select('amount')
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('unit', '=', text)
    .executeTakeFirst()
  return {
    unit,
    holdings: rows.map(fromRow),
    debt: debt === undefined ? ZERO : decimal(debt.amount),
  }
}

/** Appends entries and makes the sums say what they add up to. */
export async function append(
  tx: Db,
  mode: Mode,
  customerId: string,
  after: CreditAccount,
  entries: readonly LedgerEntry[],
  now: Instant,
): Promise<void> {
  const unit = unitText(after.unit)
  for (const { grantId, type, amount, balanceAfter, cause } of entries) {
    await sql`
      insert into credit_entries (mode, customer_id, unit, grant_id, type, amount, balance_after, cause_kind, cause_id,
        created_at)
      values (${mode}, ${customerId}, ${unit}, ${grantId}, ${type}, ${formatDecimal(amount)},
        ${formatDecimal(balanceAfter)}, ${cause.kind}, ${cause.id}, ${new Date(now)})`.execute(tx)
  }
  const touched = new Set(entries.map(({ grantId }) => grantId))
  for (const { grant, balance } of after.holdings) {
    if (!touched.has(grant.id)) continue
    await tx
      .updateTable('creditGrants')
      .set({
        granted: formatDecimal(balance.granted),
        reserved: formatDecimal(balance.reserved),
        burned: formatDecimal(balance.burned),
        expired: formatDecimal(balance.expired),
        voided: formatDecimal(balance.voided),
      })
      .where('mode', '=', mode)
      .where('id', '=', grant.id)
      .execute()
  }
  if (!touched.has(null)) return
  const amount = formatDecimal(after.debt)
  await tx
    .insertInto('creditDebts')
    .values({ mode, customerId, unit, amount })
    .onConflict((conflict) =>
      conflict.columns(['mode', 'customerId', 'unit']).doUpdateSet({ amount }),
    )
    .execute()
}

/** What a cause still has to take of grants. */
export async function listClaims(
  db: Db,
  mode: Mode,
  grantIds: readonly string[],
): Promise<Claim[]> {
  if (grantIds.length === 0) return []
  const rows = await db
    .selectFrom('creditClaims')
    .selectAll()
    .where('mode', '=', mode)
    .where('grantId', 'in', grantIds)
    .where('amount', '>', '0')
    .orderBy('grantId')
    .orderBy('causeId')
    .execute()
  return rows.map(({ grantId, amount, causeKind, causeId }) => ({
    grantId,
    amount: decimal(amount),
    cause: { kind: causeKind as LedgerEntry['cause']['kind'], id: causeId },
  }))
}

export async function addClaim(
  tx: Db,
  mode: Mode,
  { grantId, amount, cause }: Claim,
): Promise<void> {
  await sql`
    insert into credit_claims as c (mode, grant_id, cause_kind, cause_id, amount)
    values (${mode}, ${grantId}, ${cause.kind}, ${cause.id}, ${formatDecimal(amount)})
    on conflict (mode, grant_id, cause_kind, cause_id)
      do update set amount = c.amount + excluded.amount`.execute(tx)
}

/** What entries took under the cause of a claim is no longer claimed. */
export async function meetClaims(
  tx: Db,
  mode: Mode,
  entries: readonly LedgerEntry[],
): Promise<void> {
  for (const { grantId, amount, cause } of entries) {
    await sql`
      update credit_claims set amount = amount - ${formatDecimal(amount)}::numeric
      where mode = ${mode} and grant_id = ${grantId} and cause_kind = ${cause.kind} and cause_id = ${cause.id}`.execute(
      tx,
    )
  }
}

export async function removeClaims(
  tx: Db,
  mode: Mode,
  grantId: string,
  cause: LedgerEntry['cause'],
): Promise<void> {
  await tx
    .deleteFrom('creditClaims')
    .where('mode', '=', mode)
    .where('grantId', '=', grantId)
    .where('causeKind', '=', cause.kind)
    .where('causeId', '=', cause.id)
    .execute()
}

export async function hasEntry(
  db: Db,
  mode: Mode,
  customerId: string,
  cause: { readonly kind: string; readonly id: string },
): Promise<boolean> {
  const row = await db
    .selectFrom('creditEntries')
    .select('sequence')
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('causeKind', '=', cause.kind)
    .where('causeId', '=', cause.id)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** What grants have paid of debts, newest first. */
export async function listRepayments(
  db: Db,
  mode: Mode,
  customerId: string,
  unit: CreditUnit,
): Promise<Hold[]> {
  const rows = await db
    .selectFrom('creditEntries')
    .select(['grantId', 'amount'])
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('causeKind', '=', 'debt')
    .where('type', '=', 'burned')
    .where('unit', '=', unitText(unit))
    .orderBy('sequence', 'desc')
    .limit(100)
    .execute()
  return rows.flatMap(({ grantId, amount }) =>
    grantId === null ? [] : [{ grantId, amount: decimal(amount) }],
  )
}

export async function sumVoided(
  db: Db,
  mode: Mode,
  customerId: string,
  grantId: string,
  cause: { readonly kind: string; readonly id: string },
): Promise<Decimal> {
  const rows = await db
    .selectFrom('creditEntries')
    .select('amount')
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('grantId', '=', grantId)
    .where('type', '=', 'voided')
    .where('causeKind', '=', cause.kind)
    .where('causeId', '=', cause.id)
    .execute()
  return rows.reduce((sum, { amount }) => add(sum, decimal(amount)), ZERO)
}

export async function listHoldings(
  db: Db,
  mode: Mode,
  customerId: string,
): Promise<StoredHolding[]> {
  const rows = await db
    .selectFrom('creditGrants')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .orderBy('id', 'desc')
    .limit(500)
    .execute()
  return rows.map(fromRow)
}

export async function findHolding(
  db: Db,
  mode: Mode,
  id: string,
): Promise<StoredHolding | undefined> {
  const row = await db
    .selectFrom('creditGrants')
    .selectAll()
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function listDebts(
  db: Db,
  mode: Mode,
  customerId: string,
): Promise<{ unit: string; amount: string }[]> {
  return db
    .selectFrom('creditDebts')
    .select(['unit', 'amount'])
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .execute()
}

export interface ListedEntry {
  readonly sequence: bigint
  readonly unit: string
  readonly grantId: string | null
  readonly type: LedgerEntry['type']
  readonly amount: string
  readonly balanceAfter: string
  readonly causeKind: string
  readonly causeId: string
  readonly at: Instant
}

export async function listEntries(
  db: Db,
  mode: Mode,
  customerId: string,
  { limit, cursor }: PageRequest,
): Promise<Page<ListedEntry>> {
  let query = db
    .selectFrom('creditEntries')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
  if (cursor !== undefined)
    query = query.where('sequence', '<', BigInt(decodeCursor(cursor, /^\d{1,18}$/)))
  const rows = await query
    .orderBy('sequence', 'desc')
    .limit(limit + 1)
    .execute()
  const entries = rows.map((row) => ({
    sequence: row.sequence,
    unit: row.unit,
    grantId: row.grantId,
    type: row.type,
    amount: row.amount,
    balanceAfter: row.balanceAfter,
    causeKind: row.causeKind,
    causeId: row.causeId,
    at: row.createdAt.getTime(),
  }))
  return toPage(entries, limit, ({ sequence }) => String(sequence))
}

/** Customers on the mode's own time with something that time has taken away. */
export async function listExpired(
  db: Db,
  mode: Mode,
  now: Instant,
  limit: number,
): Promise<{ customerId: string; unit: string }[]> {
  const { rows } = await sql<{ customerId: string; unit: string }>`
    select distinct g.customer_id as "customerId", g.unit from credit_grants g
    join customers c on c.mode = g.mode and c.id = g.customer_id
    where g.mode = ${mode} and g.state = 'active' and g.expires_at <= ${new Date(now)} and c.test_clock_id is null
      and g.granted - g.reserved - g.burned - g.expired - g.voided > 0
    limit ${limit}`.execute(db)
  return rows
}

export async function nextExpiry(db: Db, mode: Mode, after: Instant): Promise<Instant | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(expires_at) as at from credit_grants
    where mode = ${mode} and state = 'active' and expires_at > ${new Date(after)}
      and granted - reserved - burned - expired - voided > 0`.execute(db)
  return rows[0]?.at?.getTime()
}

function fromRow(row: Selectable<Tables['creditGrants']>): StoredHolding {
  const unit = parseUnit(row.unit)
  invariant(unit !== undefined, `${row.unit} is a unit of credits`)
  return {
    customerId: row.customerId,
    note: row.note,
    createdAt: row.createdAt.getTime(),
    grant: {
      id: row.id,
      unit,
      amount: decimal(row.amount),
      category: row.category,
      priority: row.priority,
      effectiveAt: row.effectiveAt.getTime(),
      expiresAt: row.expiresAt?.getTime() ?? null,
      appliesTo: row.appliesTo,
      source: { kind: row.sourceKind as GrantSource['kind'], id: row.sourceId },
      state: row.state,
      isFrozen: row.isFrozen,
    },
    balance: {
      granted: decimal(row.granted),
      reserved: decimal(row.reserved),
      burned: decimal(row.burned),
      expired: decimal(row.expired),
      voided: decimal(row.voided),
    },
  }
}
