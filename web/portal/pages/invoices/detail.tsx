import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Amount } from '../../../ui/amount.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { formatAmount, formatDate, formatPeriod } from '../../../ui/format.ts'
import { ExternalLink, Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { invoiceQuery } from '../../queries.ts'
import { LineText } from './line-text.tsx'
import { PayInvoice } from './pay-invoice.tsx'
import { PayOnPage } from './pay-on-page.tsx'
import { Issuer, PayOutside } from './pay-outside.tsx'
import {
  type InvoiceLine,
  invoiceState,
  isSent,
  type InvoiceWithLines,
  kindOf,
  quantityOf,
} from './present-invoice.ts'
import { LINE_HEADS } from './skeleton.tsx'
import { Totals } from './totals.tsx'

const route = getRouteApi('/app/invoices/$invoiceId')

const LINES: readonly Column<InvoiceLine>[] = withCells(LINE_HEADS, {
  description: (line) => <LineText line={line} period={line} />,
  quantity: quantityOf,
  amount: ({ amount }) => <Amount value={amount} />,
})

export function InvoicePage() {
  const { invoiceId } = route.useParams()
  const { data: invoice } = useSuspenseQuery(invoiceQuery(invoiceId))
  const { word, tone, isPayable } = invoiceState(invoice, useNow())
  const { amountDue, amountPaid } = invoice
  const owed = { ...amountDue, amountMinor: amountDue.amountMinor - amountPaid.amountMinor }
  return (
    <Stack gap={6}>
      <PageHeader
        breadcrumbs={<Link to={paths.invoices}>Invoices</Link>}
        title={invoice.number ?? 'Draft invoice'}
        badges={<Badge tone={tone}>{word}</Badge>}
        description={descriptionOf(invoice)}
        actions={
          <Stack direction="row" gap={4} canWrap>
            {invoice.isOffline && (
              <Button icon="download" onClick={() => window.print()}>
                Print
              </Button>
            )}
            {invoice.hostedUrl !== null && !(isPayable && isSent(invoice)) && (
              <ExternalLink href={invoice.hostedUrl}>
                {isPayable ? 'Pay another way' : 'Receipt'}
              </ExternalLink>
            )}
            {invoice.pdfUrl !== null && (
              <ExternalLink href={invoice.pdfUrl}>Download PDF</ExternalLink>
            )}
          </Stack>
        }
      />
      {isPayable && (
        <Banner
          tone={tone === 'danger' ? 'danger' : 'warning'}
          title={`${formatAmount(owed)} is to pay`}
        >
          {invoice.outside !== null ? (
            <PayOutside invoice={invoice} outside={invoice.outside} />
          ) : isSent(invoice) ? (
            <PayOnPage invoice={invoice} />
          ) : (
            <PayInvoice invoiceId={invoice.id} label={`Pay ${formatAmount(owed)} now`} size="sm" />
          )}
        </Banner>
      )}
      {invoice.outside !== null && <Issuer outside={invoice.outside} />}
      <Card isFlush footer={<Totals invoice={invoice} />}>
        <DataTable
          label="Lines"
          columns={LINES}
          rows={invoice.lines}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              icon="invoice"
              title="No lines"
              description="This invoice asks for nothing."
            />
          }
        />
      </Card>
    </Stack>
  )
}

function descriptionOf(invoice: InvoiceWithLines): string {
  const { startsAt, endsAt, issuedAt, paidAt } = invoice
  const dated = issuedAt === null ? [] : [`issued ${formatDate(issuedAt)}`]
  const paid = paidAt === null ? [] : [`paid ${formatDate(paidAt)}`]
  return [`${kindOf(invoice)} ${formatPeriod(startsAt, endsAt)}`, ...dated, ...paid].join(', ')
}
