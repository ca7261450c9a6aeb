import { sql } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Db } from '../../platform/database/database.ts'
import { forgetReads, readOnce } from '../../platform/database/read-once.ts'
import type { EntityKind, Mapping, MappingScope } from './mapping.ts'
import type { MirroredCustomer } from './stripe-customer.ts'

export async function save(
  tx: Db,
  { mode, account }: MappingScope,
  mapping: Omit<Mapping, 'isStale'>,
  now: Instant,
): Promise<void> {
  forgetReads(tx, 'providerMappings')
  const at = new Date(now)
  const row = {
    externalId: mapping.externalId,
    metadata: JSON.stringify(mapping.metadata),
    isStale: false,
    updatedAt: at,
  }
  await tx
    .insertInto('providerMappings')
    .values({
      mode,
      account,
      entityKind: mapping.entityKind,
      entityId: mapping.entityId,
      ...row,
      createdAt: at,
    })
    .onConflict((conflict) =>
      conflict.columns(['mode', 'account', 'entityKind', 'entityId']).doUpdateSet(row),
    )
    .execute()
}

export async function findByEntity(
  db: Db,
  { mode, account }: MappingScope,
  entityKind: EntityKind,
  entityId: string,
): Promise<Mapping | undefined> {
  const row = await select(db)
    .where('mode', '=', mode)
    .where('account', '=', account)
    .where('entityKind', '=', entityKind)
    .where('entityId', '=', entityId)
    .executeTakeFirst()
  return row && fromRow(row)
}

export function findByExternal(
  db: Db,
  { mode, account }: MappingScope,
  entityKind: EntityKind,
  externalId: string,
): Promise<Mapping | undefined> {
  return readOnce(db, 'providerMappings', [mode, account, entityKind, externalId], async () => {
    const row = await select(db)
      .where('mode', '=', mode)
      .where('account', '=', account)
      .where('entityKind', '=', entityKind)
      .where('externalId', '=', externalId)
      .executeTakeFirst()
    return row && fromRow(row)
  })
}

export async function listByExternal(
  db: Db,
  { mode, account }: MappingScope,
  entityKind: EntityKind,
  externalIds: readonly string[],
): Promise<Mapping[]> {
  const rows = await select(db)
    .where('mode', '=', mode)
    .where('account', '=', account)
    .where('entityKind', '=', entityKind)
    .where(sql<boolean>`external_id = any(${externalIds}::text[])`)
    .execute()
  return rows.map(fromRow)
}

export async function list(
  db: Db,
  { mode, account }: MappingScope,
  entityKind: EntityKind,
): Promise<Mapping[]> {
  const rows = await select(db)
    .where('mode', '=', mode)
    .where('account', '=', account)
    .where('entityKind', '=', entityKind)
    .orderBy('entityId')
    .execute()
  return rows.map(fromRow)
}

export async function remove(
  tx: Db,
  { mode, account }: MappingScope,
  entityKind: EntityKind,
  entityId: string,
): Promise<boolean> {
  forgetReads(tx, 'providerMappings')
  const result = await tx
    .deleteFrom('providerMappings')
    .where('mode', '=', mode)
    .where('account', '=', account)
    .where('entityKind', '=', entityKind)
    .where('entityId', '=', entityId)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

export async function markStale(
  tx: Db,
  { mode, account }: MappingScope,
  entityKind: EntityKind,
  entityId: string,
): Promise<void> {
  forgetReads(tx, 'providerMappings')
  await tx
    .updateTable('providerMappings')
    .set({ isStale: true })
    .where('mode', '=', mode)
    .where('account', '=', account)
    .where('entityKind', '=', entityKind)
    .where('entityId', '=', entityId)
    .execute()
}

export async function nextTicket(db: Db): Promise<bigint> {
  const { rows } = await sql<{ ticket: bigint }>`select nextval('fetch_tickets') as ticket`.execute(
    db,
  )
  return rows[0]?.ticket ?? 0n
}

function select(db: Db) {
  return db
    .selectFrom('providerMappings')
    .select(['entityKind', 'entityId', 'externalId', 'metadata', 'isStale'])
}

function fromRow(row: Omit<Mapping, 'metadata'> & { readonly metadata: unknown }): Mapping {
  return { ...row, metadata: row.metadata as Mapping['metadata'] }
}

export async function findMirrored(
  db: Db,
  mode: Mode,
  customerId: string,
): Promise<MirroredCustomer | undefined> {
  const row = await db
    .selectFrom('stripeCustomers')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .executeTakeFirst()
  return (
    row && {
      customerId: row.customerId,
      stripeCustomerId: row.stripeCustomerId,
      name: row.name,
      email: row.email,
      currency: row.currency,
      balanceMinor: row.balanceMinor,
      isDelinquent: row.isDelinquent,
      defaultPaymentMethodId: row.defaultPaymentMethodId,
      taxIds: row.taxIds as MirroredCustomer['taxIds'],
      deletedAt: row.deletedAt?.getTime() ?? null,
      providerTicket: row.providerTicket,
    }
  )
}

export async function saveMirrored(
  tx: Db,
  mode: Mode,
  { customerId, taxIds, deletedAt, ...mirrored }: MirroredCustomer,
  now: Instant,
): Promise<void> {
  const row = {
    ...mirrored,
    taxIds: JSON.stringify(taxIds),
    deletedAt: deletedAt === null ? null : new Date(deletedAt),
    updatedAt: new Date(now),
  }
  await tx
    .insertInto('stripeCustomers')
    .values({ mode, customerId, ...row })
    .onConflict((conflict) => conflict.columns(['mode', 'customerId']).doUpdateSet(row))
    .execute()
}

/** Remembers a Stripe customer that is not to be used any more. */
export async function abandon(
  tx: Db,
  mode: Mode,
  customerId: string,
  stripeCustomerId: string,
  now: Instant,
): Promise<void> {
  const row = { stripeCustomerId, deletedAt: new Date(now), updatedAt: new Date(now) }
  await tx
    .insertInto('stripeCustomers')
    .values({ mode, customerId, ...row })
    .onConflict((conflict) => conflict.columns(['mode', 'customerId']).doUpdateSet(row))
    .execute()
}
