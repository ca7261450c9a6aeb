import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Amount } from '../../../ui/amount.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { useCursorSteps } from '../../../ui/cursor-steps.ts'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { ButtonLink, RowLink } from '../../../ui/link.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { paths } from '../../paths.ts'
import { invoicesQuery } from '../../queries.ts'
import { type Invoice, invoiceState, kindOf } from './present-invoice.ts'
import { HEADS, InvoiceListHeader } from './skeleton.tsx'

const route = getRouteApi('/app/invoices')

const COLUMNS: readonly Column<Invoice>[] = withCells(HEADS, {
  number: (invoice) => (
    <RowLink to={paths.invoice} params={{ invoiceId: invoice.id }}>
      {invoice.number ?? 'Draft'}
    </RowLink>
  ),
  kind: kindOf,
  state: (invoice) => <InvoiceBadge invoice={invoice} />,
  issued: ({ issuedAt, createdAt }) => <Time at={issuedAt ?? createdAt} as="date" />,
  total: ({ total }) => <Amount value={total} />,
})

export function InvoiceList() {
  const { cursor } = route.useSearch()
  const { data } = useSuspenseQuery(invoicesQuery({ cursor }))
  const steps = useCursorSteps(cursor, data.nextCursor)
  return (
    <Stack gap={6}>
      <InvoiceListHeader />
      <Card isFlush>
        <DataTable
          label="Invoices"
          columns={COLUMNS}
          rows={data.data}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              icon="invoice"
              title="No invoices yet"
              description="The first one comes with a plan that costs something."
              action={<ButtonLink to={paths.plans}>See plans</ButtonLink>}
            />
          }
          footer={<Pagination summary={countOf(data.data.length, 'invoice')} {...steps} />}
        />
      </Card>
    </Stack>
  )
}

export function InvoiceBadge({ invoice }: { readonly invoice: Invoice }) {
  const { word, tone } = invoiceState(invoice, useNow())
  return <Badge tone={tone}>{word}</Badge>
}
