import { useQuery } from '@tanstack/react-query'
import { Card } from '../../../ui/card.tsx'
import { DataTable } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { ButtonLink } from '../../../ui/link.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { invoicesQuery, paymentsQuery } from '../../money-queries.ts'
import { INVOICE_COLUMNS, PAYMENT_COLUMNS } from '../invoices/columns.tsx'
import type { CustomerDetail } from './present-customer.ts'

const withoutCustomer = <Head extends { readonly key: string }>(columns: readonly Head[]) =>
  columns.filter(({ key }) => key !== 'customer')

const INVOICES = withoutCustomer(INVOICE_COLUMNS)
const PAYMENTS = withoutCustomer(PAYMENT_COLUMNS)

/** The latest of both; the lists behind the buttons have everything, with filters. */
export function CustomerBilling({ customer }: { readonly customer: CustomerDetail }) {
  const customerId = customer.id
  const invoices = useQuery(invoicesQuery({ customerId }))
  const payments = useQuery(paymentsQuery({ customerId }))
  return (
    <Stack gap={4}>
      <Card
        isFlush
        title="Invoices"
        actions={
          <ButtonLink size="sm" variant="ghost" to={paths.invoices} search={{ customerId }}>
            All invoices
          </ButtonLink>
        }
      >
        <DataTable
          label="Invoices"
          columns={INVOICES}
          rows={invoices.data?.data}
          rowKey={(invoice) => invoice.id}
          skeletonRows={4}
          error={invoices.error}
          onRetry={() => void invoices.refetch()}
          empty={
            <EmptyState
              icon="invoice"
              title="No invoices"
              description="The first one is made when they subscribe to a plan that costs something."
            />
          }
          footer={<Pagination summary={countOf(invoices.data?.data.length ?? 0, 'invoice')} />}
        />
      </Card>
      <Card
        isFlush
        title="Payments"
        actions={
          <ButtonLink
            size="sm"
            variant="ghost"
            to={paths.invoices}
            search={{ tab: 'payments', customerId }}
          >
            All payments
          </ButtonLink>
        }
      >
        <DataTable
          label="Payments"
          columns={PAYMENTS}
          rows={payments.data?.data}
          rowKey={(payment) => payment.id}
          skeletonRows={4}
          error={payments.error}
          onRetry={() => void payments.refetch()}
          empty={
            <EmptyState
              icon="card"
              title="No payments"
              description="Attempts to pay appear here, whether they worked or not."
            />
          }
          footer={<Pagination summary={countOf(payments.data?.data.length ?? 0, 'payment')} />}
        />
      </Card>
    </Stack>
  )
}
