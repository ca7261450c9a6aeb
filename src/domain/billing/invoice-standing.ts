import type { Mode } from '../../kit/mode.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Invoice } from './invoice.ts'
import type { InvoiceStanding } from './payment-status.ts'

/** How the tries to collect an invoice went. */
export type InvoiceAttempts = Required<Pick<InvoiceStanding, 'attempt' | 'processing'>>

/** Who knows the payments tells how the tries to collect invoices went. */
export type AttemptsReader = (
  tx: Db,
  mode: Mode,
  invoiceIds: readonly string[],
) => Promise<ReadonlyMap<string, InvoiceAttempts>>

/**
 * An invoice as far as its payment is concerned. A payment that only waits for its first try says nothing; then Stripe's
 * count of attempts does.
 */
export function invoiceStanding(
  invoice: Invoice,
  attempts: InvoiceAttempts | undefined,
): InvoiceStanding {
  const { state, amountDueMinor, amountPaidMinor, dueAt, attemptCount } = invoice
  const standing = { state, amountDueMinor, amountPaidMinor, dueAt, attemptCount }
  if (attempts === undefined) return standing
  const { attempt, processing } = attempts
  return attempt === 'none' ? { ...standing, processing } : { ...standing, attempt, processing }
}
