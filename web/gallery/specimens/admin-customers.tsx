import { useState } from 'react'
import { Amount } from '../../ui/amount.tsx'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FilterBar } from '../../ui/filter-bar.tsx'
import { formatShare } from '../../ui/format.ts'
import { RowLink } from '../../ui/link.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Pagination } from '../../ui/pagination.tsx'
import { Stack } from '../../ui/stack.tsx'
import { Time } from '../../ui/time.tsx'
import { CUSTOMERS, type SampleCustomer } from '../samples.ts'

const STATUSES: Record<SampleCustomer['status'], { readonly label: string; readonly tone: Tone }> =
  {
    active: { label: 'active', tone: 'success' },
    trialing: { label: 'trial', tone: 'accent' },
    past_due: { label: 'past due', tone: 'warning' },
    canceled: { label: 'canceled', tone: 'neutral' },
  }

const COLUMNS: readonly Column<SampleCustomer>[] = [
  {
    key: 'name',
    header: 'Customer',
    cell: (row) => <RowLink to={`/customers/${row.id}`}>{row.name}</RowLink>,
  },
  { key: 'email', header: 'Email', cell: (row) => row.email, isSecondary: true },
  { key: 'plan', header: 'Plan', width: '8rem', cell: (row) => row.plan },
  {
    key: 'status',
    header: 'Status',
    width: '7rem',
    cell: (row) => <Badge tone={STATUSES[row.status].tone}>{STATUSES[row.status].label}</Badge>,
  },
  {
    key: 'usage',
    header: 'Usage',
    align: 'end',
    width: '5rem',
    cell: (row) => formatShare(row.usageShare, 0),
  },
  {
    key: 'mrr',
    header: 'MRR',
    align: 'end',
    width: '7rem',
    isSortable: true,
    cell: (row) => <Amount value={{ amountMinor: row.mrrMinor, currency: 'usd' }} />,
  },
  {
    key: 'created',
    header: 'Since',
    align: 'end',
    width: '8rem',
    cell: (row) => <Time at={row.createdAt} as="date" />,
  },
]

export function AdminCustomers() {
  const [search, setSearch] = useState('')
  return (
    <Stack gap={4}>
      <PageHeader
        title="Customers"
        actions={
          <Button variant="primary" icon="plus">
            New customer
          </Button>
        }
      />
      <FilterBar
        search={{
          placeholder: 'Name, email, key or Stripe id',
          value: search,
          onChange: setSearch,
        }}
        filters={[
          { key: 'status', label: 'Status', value: undefined, options: [] },
          {
            key: 'plan',
            label: 'Plan',
            value: 'any',
            options: [{ value: 'any', label: 'Pro, Scale' }],
          },
        ]}
      >
        <Button icon="download">Export</Button>
      </FilterBar>
      <Card isFlush>
        <DataTable
          label="Customers"
          rows={CUSTOMERS.filter((customer) => customer.name.toLowerCase().includes(search))}
          rowKey={(row) => row.id}
          empty={<EmptyState icon="users" title="Nobody" description="No customer matches." />}
          columns={COLUMNS}
          footer={<Pagination summary="10 customers" onNext={() => undefined} />}
        />
      </Card>
    </Stack>
  )
}
