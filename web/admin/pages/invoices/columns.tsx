import { Amount } from '../../../ui/amount.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { type Column, withCells } from '../../../ui/data-table.tsx'
import { shortId } from '../../../ui/format.ts'
import { RowLink } from '../../../ui/link.tsx'
import { Time } from '../../../ui/time.tsx'
import type { Named } from '../../customer-names.ts'
import { paths } from '../../paths.ts'
import {
  aboutPayment,
  type Invoice,
  invoiceStateOf,
  kindOf,
  methodOf,
  type Payment,
  paymentStateOf,
} from './present-invoice.ts'
import { INVOICE_HEADS, PAYMENT_HEADS } from './skeleton.tsx'

export const INVOICE_COLUMNS: readonly Column<Named<Invoice>>[] = withCells(INVOICE_HEADS, {
  number: (invoice) => (
    <RowLink to={paths.invoice} params={{ invoiceId: invoice.id }}>
      {invoice.number ?? shortId(invoice.id)}
    </RowLink>
  ),
  customer: (invoice) => invoice.customerName,
  kind: (invoice) => kindOf(invoice),
  state: (invoice) => <InvoiceState invoice={invoice} />,
  issued: (invoice) => <Time at={invoice.issuedAt ?? invoice.createdAt} as="date" />,
  total: (invoice) => <Amount value={invoice.total} />,
})

export const PAYMENT_COLUMNS: readonly Column<Named<Payment>>[] = withCells(PAYMENT_HEADS, {
  at: (payment) => (
    <RowLink to={paths.payment} params={{ paymentId: payment.id }}>
      <Time at={payment.createdAt} as="date-time" />
    </RowLink>
  ),
  customer: (payment) => payment.customerName,
  state: (payment) => {
    const { word, tone } = paymentStateOf(payment.state)
    return <Badge tone={tone}>{word}</Badge>
  },
  method: (payment) => methodOf(payment),
  why: aboutPayment,
  amount: (payment) => <Amount value={payment.amount} />,
})

export function InvoiceState({ invoice }: { readonly invoice: Invoice }) {
  const { word, tone } = invoiceStateOf(invoice, useNow())
  return <Badge tone={tone}>{word}</Badge>
}
