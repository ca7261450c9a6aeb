import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { useCursorSteps } from '../../../ui/cursor-steps.ts'
import { DataTable } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { FilterBar } from '../../../ui/filter-bar.tsx'
import { countOf } from '../../../ui/format.ts'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Tabs } from '../../../ui/tabs.tsx'
import { OfCustomer } from '../../of-customer.tsx'
import { invoicesQuery, PAYMENT_STATES, paymentsQuery } from '../../money-queries.ts'
import { INVOICE_COLUMNS, PAYMENT_COLUMNS } from './columns.tsx'
import { paymentStateOf } from './present-invoice.ts'
import { INVOICE_STATES, invoicesOf, paymentsOf } from './search.ts'

const route = getRouteApi('/app/invoices')

const INVOICE_OPTIONS = INVOICE_STATES.map((value) => ({ value, label: value }))
const PAYMENT_OPTIONS = PAYMENT_STATES.map((value) => ({
  value,
  label: paymentStateOf(value).word,
}))

export function InvoiceList() {
  const { tab = 'invoices', customerId } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Stack gap={4}>
      <PageHeader title="Invoices & payments" />
      <Tabs
        label="Invoices & payments"
        value={tab}
        onChange={(next) => {
          const kept = customerId === undefined ? {} : { customerId }
          void navigate({ search: next === 'invoices' ? kept : { ...kept, tab: next } })
        }}
        tabs={[
          { value: 'invoices', label: 'Invoices', content: <Invoices /> },
          { value: 'payments', label: 'Payments', content: <Payments /> },
        ]}
      />
    </Stack>
  )
}

function Invoices() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useSuspenseQuery(invoicesQuery(invoicesOf(search)))
  const steps = useCursorSteps(search.cursor, data.nextCursor)
  const { cursor: _, ...rest } = search
  const isFiltered = search.state !== undefined || search.customerId !== undefined
  const clear = () => void navigate({ search: {}, replace: true })
  return (
    <Stack gap={4}>
      <FilterBar
        filters={[{ key: 'state', label: 'Status', value: search.state, options: INVOICE_OPTIONS }]}
        onFilter={(patch) => void navigate({ search: { ...rest, ...patch }, replace: true })}
      >
        <OfCustomer customerId={search.customerId} onClear={clear} />
      </FilterBar>
      <Card isFlush>
        <DataTable
          label="Invoices"
          columns={INVOICE_COLUMNS}
          rows={data.data}
          rowKey={(invoice) => invoice.id}
          empty={
            isFiltered ? (
              <EmptyState
                icon="search"
                title="No invoice like that"
                description="None has this status for whom you are looking at."
                action={<Button onClick={clear}>Clear filters</Button>}
              />
            ) : (
              <EmptyState
                icon="invoice"
                title="No invoices yet"
                description="They appear when somebody subscribes to a plan that costs something."
              />
            )
          }
          footer={<Pagination summary={countOf(data.data.length, 'invoice')} {...steps} />}
        />
      </Card>
    </Stack>
  )
}

function Payments() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useSuspenseQuery(paymentsQuery(paymentsOf(search)))
  const steps = useCursorSteps(search.cursor, data.nextCursor)
  const { cursor: _, ...rest } = search
  const isFiltered = search.paymentState !== undefined || search.customerId !== undefined
  const clear = () => void navigate({ search: { tab: 'payments' }, replace: true })
  return (
    <Stack gap={4}>
      <FilterBar
        filters={[
          {
            key: 'paymentState',
            label: 'Status',
            value: search.paymentState,
            options: PAYMENT_OPTIONS,
          },
        ]}
        onFilter={(patch) => void navigate({ search: { ...rest, ...patch }, replace: true })}
      >
        <OfCustomer customerId={search.customerId} onClear={clear} />
      </FilterBar>
      <Card isFlush>
        <DataTable
          label="Payments"
          columns={PAYMENT_COLUMNS}
          rows={data.data}
          rowKey={(payment) => payment.id}
          empty={
            isFiltered ? (
              <EmptyState
                icon="search"
                title="No payment like that"
                description="None has this status for whom you are looking at."
                action={<Button onClick={clear}>Clear filters</Button>}
              />
            ) : (
              <EmptyState
                icon="card"
                title="No payments yet"
                description="Attempts to pay appear here, whether they worked or not."
              />
            )
          }
          footer={<Pagination summary={countOf(data.data.length, 'payment')} {...steps} />}
        />
      </Card>
    </Stack>
  )
}
