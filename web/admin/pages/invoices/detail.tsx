import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Amount } from '../../../ui/amount.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { formatPeriod, shortId } from '../../../ui/format.ts'
import { Grid } from '../../../ui/grid.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { ExternalLink, Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { paths } from '../../paths.ts'
import { invoiceQuery, paymentsQuery } from '../../money-queries.ts'
import { customerQuery } from '../../queries.ts'
import { InvoiceState, PAYMENT_COLUMNS } from './columns.tsx'
import { CreditNotes } from './credit-notes.tsx'
import styles from './detail.module.css'
import { InvoiceActions } from './invoice-actions.tsx'
import { type InvoiceLine, type InvoiceWithLines, kindOf, quantityOf } from './present-invoice.ts'

const route = getRouteApi('/app/invoices/$invoiceId')

const PAYMENTS = PAYMENT_COLUMNS.filter(({ key }) => key !== 'customer')

const LINES: readonly Column<InvoiceLine>[] = [
  { key: 'description', header: 'Line', cell: (line) => <LineText line={line} /> },
  { key: 'quantity', header: 'Quantity', width: '7rem', align: 'end', cell: quantityOf },
  {
    key: 'amount',
    header: 'Amount',
    width: '8rem',
    align: 'end',
    cell: (line) => <Amount value={line.amount} />,
  },
]

export function InvoicePage() {
  const { invoiceId } = route.useParams()
  const { data: invoice } = useSuspenseQuery(invoiceQuery(invoiceId))
  const { data: customer } = useSuspenseQuery(customerQuery(invoice.customerId))
  const payments = useQuery(paymentsQuery({ invoiceId }))
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={<Link to={paths.invoices}>Invoices & payments</Link>}
        title={invoice.number ?? `Invoice ${shortId(invoice.id)}`}
        badges={<InvoiceState invoice={invoice} />}
        description={
          <Stack direction="row" gap={4} canWrap>
            <Link to={paths.customer} params={{ customerId: customer.id }}>
              {customer.name}
            </Link>
            <CopyText text={invoice.id} label="invoice id" />
            {invoice.hostedUrl !== null && (
              <ExternalLink href={invoice.hostedUrl}>Payment page</ExternalLink>
            )}
            {invoice.pdfUrl !== null && <ExternalLink href={invoice.pdfUrl}>PDF</ExternalLink>}
          </Stack>
        }
        actions={<InvoiceActions invoice={invoice} customerName={customer.name} />}
      />
      <Grid gap={4} columns="3fr 2fr">
        <Stack gap={4}>
          <Card isFlush title="Lines" footer={<Totals invoice={invoice} />}>
            <DataTable
              label="Lines"
              columns={LINES}
              rows={invoice.lines}
              rowKey={(line) => line.id}
              empty={
                <EmptyState
                  icon="invoice"
                  title="No lines"
                  description="An invoice without lines asks for nothing."
                />
              }
            />
          </Card>
          <Card isFlush title="Payments">
            <DataTable
              label="Payments"
              columns={PAYMENTS}
              rows={payments.data?.data}
              rowKey={(payment) => payment.id}
              skeletonRows={1}
              error={payments.error}
              onRetry={() => void payments.refetch()}
              empty={
                invoice.total.amountMinor > 0 ? (
                  <EmptyState
                    icon="card"
                    title="Nobody has tried to pay it"
                    description="Attempts appear here, whether they worked or not."
                  />
                ) : (
                  <EmptyState
                    icon="card"
                    title="There is nothing to pay"
                    description="What it gives back counts towards the customer’s next invoices."
                  />
                )
              }
            />
          </Card>
          <CreditNotes invoice={invoice} />
        </Stack>
        <Facts invoice={invoice} />
      </Grid>
    </Stack>
  )
}

/** What is charged, for which time, and how it came about. */
function LineText({ line }: { readonly line: InvoiceLine }) {
  return (
    <div className={styles.line}>
      <span className={styles.description}>
        {line.description}
        {line.isProration && <Badge tone="info">proration</Badge>}
      </span>
      <span className={styles.period}>{formatPeriod(line.startsAt, line.endsAt)}</span>
      {line.explanation.length > 0 && (
        <ul className={styles.explanation}>
          {line.explanation.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Totals({ invoice }: { readonly invoice: InvoiceWithLines }) {
  const { subtotal, discount, tax, total, amountPaid, amountDue } = invoice
  const rows = [
    { label: 'Subtotal', value: subtotal, isCredit: false, isShown: true },
    { label: 'Discount', value: discount, isCredit: true, isShown: discount.amountMinor !== 0 },
    { label: 'Tax', value: tax, isCredit: false, isShown: tax.amountMinor !== 0 },
    { label: 'Total', value: total, isCredit: false, isShown: true },
    { label: 'Paid', value: amountPaid, isCredit: false, isShown: true },
    {
      label: 'Still due',
      value: { ...amountDue, amountMinor: amountDue.amountMinor - amountPaid.amountMinor },
      isCredit: false,
      isShown: amountDue.amountMinor !== amountPaid.amountMinor,
    },
  ]
  return (
    <dl className={styles.totals}>
      {rows
        .filter(({ isShown }) => isShown)
        .map(({ label, value, isCredit }) => (
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

function Facts({ invoice }: { readonly invoice: InvoiceWithLines }) {
  const at = (iso: string | null) => (iso === null ? null : <Time at={iso} as="date-time" />)
  return (
    <Card title="Facts">
      <KeyValueList
        items={[
          { label: 'For', value: kindOf(invoice) },
          { label: 'Period', value: formatPeriod(invoice.startsAt, invoice.endsAt) },
          {
            label: 'Subscription',
            value:
              invoice.subscriptionId === null ? null : (
                <Link to={paths.subscription} params={{ subscriptionId: invoice.subscriptionId }}>
                  <code>{shortId(invoice.subscriptionId)}</code>
                </Link>
              ),
          },
          { label: 'Drafted', value: at(invoice.createdAt) },
          { label: 'Issued', value: at(invoice.issuedAt) },
          { label: 'Due', value: at(invoice.dueAt) },
          { label: 'Paid', value: at(invoice.paidAt) },
          { label: 'Reference', value: invoice.paymentReference },
          { label: 'Next attempt', value: at(invoice.nextAttemptAt) },
        ]}
      />
    </Card>
  )
}
