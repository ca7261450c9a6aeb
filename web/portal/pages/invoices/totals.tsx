import { Amount } from '../../../ui/amount.tsx'
import styles from './detail.module.css'
import type { InvoiceWithLines } from './present-invoice.ts'

/** From the lines to what is still to pay. */
export function Totals({ invoice }: { readonly invoice: InvoiceWithLines }) {
  const { subtotal, discount, tax, total, amountPaid, amountDue } = invoice
  const left = { ...amountDue, amountMinor: amountDue.amountMinor - amountPaid.amountMinor }
  // What was settled without a payment: credit on the account.
  const credit = { ...total, amountMinor: total.amountMinor - amountDue.amountMinor }
  const rows = [
    { label: 'Subtotal', value: subtotal, isShown: subtotal.amountMinor !== total.amountMinor },
    { label: 'Discount', value: discount, isCredit: true, isShown: discount.amountMinor !== 0 },
    { label: 'Tax', value: tax, isShown: tax.amountMinor !== 0 },
    { label: 'Total', value: total, isShown: true },
    { label: 'From your credit', value: credit, isCredit: true, isShown: credit.amountMinor > 0 },
    { label: 'Paid', value: amountPaid, isShown: amountPaid.amountMinor !== 0 },
    { label: 'Still to pay', value: left, isShown: left.amountMinor > 0 },
  ]
  return (
    <dl className={styles.totals}>
      {rows
        .filter(({ isShown }) => isShown)
        .map(({ label, value, isCredit = false }) => (
          <div key={label} className={styles.total} data-strong={label === 'Total' || undefined}>
            <dt>{label}</dt>
            <dd>
              <Amount value={value} isCredit={isCredit} />
            </dd>
          </div>
        ))}
    </dl>
  )
}
