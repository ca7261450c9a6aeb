import { SumList } from '../../../ui/sum-list.tsx'
import type { InvoiceWithLines } from './present-invoice.ts'

/** From the lines to what is still to pay. */
export function Totals({ invoice }: { readonly invoice: InvoiceWithLines }) {
  const { subtotal, discount, tax, total, amountPaid, amountDue } = invoice
  const left = { ...amountDue, amountMinor: amountDue.amountMinor - amountPaid.amountMinor }
  // What was settled without a payment: credit on the account.
  const credit = { ...total, amountMinor: total.amountMinor - amountDue.amountMinor }
  return (
    <SumList
      rows={[
        { label: 'Subtotal', value: subtotal, isShown: subtotal.amountMinor !== total.amountMinor },
        { label: 'Discount', value: discount, isCredit: true },
        { label: 'Tax', value: tax },
        { label: 'Total', value: total, isStrong: true, isShown: true },
        {
          label: 'From your credit',
          value: credit,
          isCredit: true,
          isShown: credit.amountMinor > 0,
        },
        { label: 'Paid', value: amountPaid },
        { label: 'Still to pay', value: left, isShown: left.amountMinor > 0 },
      ]}
    />
  )
}
