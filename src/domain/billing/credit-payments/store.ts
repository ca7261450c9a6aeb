import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { TakenMoney } from './decide-payments.ts'

/** Money an invoice takes, or with a minus gives back: `held` while the invoice may change, `burned` once it is final. */
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

/** What final invoices of a subscription took for lines of these keys, in all and net of what they gave back. */
export async function takenFor(
  db: Db,
  mode: Mode,
  subscriptionId: string,
  lineKeys: readonly string[],
): Promise<TakenMoney[]> {
  const rows = await db
    .selectFrom('invoiceCredits as c')
    .innerJoin('invoices as i', (join) =>
      join.onRef('i.mode', '=', 'c.mode').onRef('i.id', '=', 'c.invoiceId'),
    )
    .select(['c.grantId', (select) => select.fn.sum<string>('c.amountMinor').as('amountMinor')])
    .where('c.mode', '=', mode)
    .where('i.subscriptionId', '=', subscriptionId)
    .where('c.lineKey', 'in', lineKeys)
    .where('c.state', '=', 'burned')
    .groupBy('c.grantId')
    .orderBy('c.grantId')
    .execute()
  const [lineKey = ''] = lineKeys
  return rows.map(({ grantId, amountMinor }) => ({
    lineKey,
    grantId: grantId === '' ? null : grantId,
    amountMinor: BigInt(amountMinor),
  }))
}
