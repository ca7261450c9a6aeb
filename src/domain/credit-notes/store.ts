import type { Selectable } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { CreditNote } from './credit-note.ts'

export async function save(tx: Db, note: CreditNote, now: Instant): Promise<void> {
  const { mode, id, createdAt, voidedAt, ...rest } = note
  const row = {
    ...rest,
    voidedAt: voidedAt === null ? null : new Date(voidedAt),
    updatedAt: new Date(now),
  }
  await tx
    .insertInto('creditNotes')
    .values({ mode, id, createdAt: new Date(createdAt), ...row })
    .onConflict((conflict) => conflict.columns(['mode', 'id']).doUpdateSet(row))
    .execute()
}

export async function findBy(
  db: Db,
  mode: Mode,
  by: { readonly id: string } | { readonly refundId: string } | { readonly stripeId: string },
): Promise<CreditNote | undefined> {
  let query = db.selectFrom('creditNotes').selectAll().where('mode', '=', mode)
  if ('id' in by) query = query.where('id', '=', by.id)
  else if ('refundId' in by) query = query.where('refundId', '=', by.refundId)
  else query = query.where('stripeCreditNoteId', '=', by.stripeId)
  const row = await query.executeTakeFirst()
  return row && fromRow(row)
}

export interface CreditNoteFilter {
  readonly customerId?: string | undefined
  readonly invoiceId?: string | undefined
}

export async function list(
  db: Db,
  mode: Mode,
  filter: CreditNoteFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<CreditNote>> {
  let query = db.selectFrom('creditNotes').selectAll().where('mode', '=', mode)
  if (filter.customerId !== undefined) query = query.where('customerId', '=', filter.customerId)
  if (filter.invoiceId !== undefined) query = query.where('invoiceId', '=', filter.invoiceId)
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ id }) => id)
}

function fromRow(row: Selectable<Tables['creditNotes']>): CreditNote {
  const { createdAt, voidedAt, updatedAt: _, ...rest } = row
  return { ...rest, createdAt: createdAt.getTime(), voidedAt: voidedAt?.getTime() ?? null }
}
