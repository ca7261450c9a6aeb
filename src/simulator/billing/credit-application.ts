import {
  coversPrice,
  inOrderOfUse,
  isUsable,
  recordMovement,
  remainingOf,
} from '../credits/ledger.ts'
import type { Transaction } from '../store/transaction.ts'
import { linesOf } from './lines.ts'
import { sumOf } from './totals.ts'

/** Billing credits pay for usage: after discounts, before taxes, when the invoice is finalized. */
export function applyBillingCredits(tx: Transaction, invoiceId: string): void {
  const invoice = tx.get('invoice', invoiceId)
  const now = tx.now(invoice.test_clock)
  const grants = inOrderOfUse(
    tx
      .where('billing.credit_grant', 'customer', invoice.customer ?? '')
      .filter(
        (grant) => isUsable(grant, now) && grant.amount.monetary?.currency === invoice.currency,
      ),
  )
  if (grants.length === 0) return
  for (const line of linesOf(tx, invoiceId)) {
    const { price } = line.inner
    if (!line.inner.isMetered || price === null) continue
    let open = line.amount - sumOf(line.discount_amounts ?? [])
    const used = [...(line.pretax_credit_amounts ?? [])]
    for (const grant of grants) {
      if (open <= 0) break
      if (!coversPrice(tx, grant.applicability_config.scope, price)) continue
      const amount = Math.min(open, remainingOf(tx, grant.id))
      if (amount <= 0) continue
      const movement = recordMovement(tx, {
        grant,
        amount,
        type: 'credits_applied',
        effectiveAt: now,
        invoice: invoiceId,
        line: line.id,
      })
      used.push({
        amount,
        credit_balance_transaction: movement,
        type: 'credit_balance_transaction',
      })
      open -= amount
    }
    tx.update('line_item', line.id, { pretax_credit_amounts: used })
  }
}

/** A voided invoice gives its credits back to the grants they came from. */
export function returnBillingCredits(tx: Transaction, invoiceId: string): void {
  const movements = tx.where('billing.credit_balance_transaction', 'inner.invoice', invoiceId)
  for (const movement of movements) {
    const { debit } = movement
    if (debit?.type !== 'credits_applied') continue
    const grant = tx.get('billing.credit_grant', movement.credit_grant)
    recordMovement(tx, {
      grant,
      amount: debit.amount.monetary?.value ?? 0,
      type: 'credits_application_invoice_voided',
      effectiveAt: tx.now(grant.test_clock),
      invoice: invoiceId,
      ...(debit.credits_applied === null ? {} : { line: debit.credits_applied.invoice_line_item }),
    })
  }
}
