import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { TakenMoney } from './decide-payments.ts'

/** Money an invoice takes: `held` while the invoice may change, `burned` once it is final. */
export interface InvoiceCredit extends TakenMoney {
  readonly state: 'held' | 'burned'
}

export async function ofInvoice(db: Db, mode: Mode, invoiceId: string): Promise<InvoiceCredit[]> {
  const rows = await db
    .selectFrom('invoiceCredits')
    .selectAll()
    .where('mode', '=', mode)
    .where('invoiceId', '=', invoiceId)
    .orderBy('lineKey')
    .orderBy('grantId')
    .execute()
  return rows.map(({ lineKey, grantId, amountMinor, state }) => ({
    lineKey,
    grantId: grantId === '' ? null : grantId,
    amountMinor,
    state,
  }))
}

export async function replace(
  tx: Db,
  mode: Mode,
  invoiceId: string,
  credits: readonly InvoiceCredit[],
): Promise<void> {
  await tx
    .deleteFrom('invoiceCredits')
    .where('mode', '=', mode)
    .where('invoiceId', '=', invoiceId)
    .execute()
  if (credits.length === 0) return
  await tx
    .insertInto('invoiceCredits')
    .values(
      credits.map(({ lineKey, grantId, amountMinor, state }) => ({
        mode,
        invoiceId,
        lineKey,
        grantId: grantId ?? '',
        amountMinor,
        state,
      })),
    )
    .execute()
}
