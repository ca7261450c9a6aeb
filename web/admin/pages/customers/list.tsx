import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { useCursorSteps } from '../../../ui/cursor-steps.ts'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { FilterBar } from '../../../ui/filter-bar.tsx'
import { countOf, shortId } from '../../../ui/format.ts'
import { RowLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { paths } from '../../paths.ts'
import { customersQuery } from '../../queries.ts'
import { CreateCustomer } from './create-customer.tsx'
import { type Customer, standingOf } from './present-customer.ts'
import { HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/customers')

const COLUMNS: readonly Column<Customer>[] = withCells(HEADS, {
  name: (customer) => (
    <RowLink to={paths.customer} params={{ customerId: customer.id }}>
      {customer.name}
    </RowLink>
  ),
  email: (customer) => customer.email ?? '–',
  key: (customer) => <code>{shortId(customer.key)}</code>,
  state: (customer) => {
    const { word, tone } = standingOf(customer)
    return <Badge tone={tone}>{word}</Badge>
  },
  since: (customer) => <Time at={customer.createdAt} as="date" />,
})

export function CustomerList() {
  const { act, ...search } = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useSuspenseQuery(customersQuery(search))
  const steps = useCursorSteps(search.cursor, data.nextCursor)
  // Nobody at all, not merely nobody found: then the empty state offers the one thing to do.
  const isUnused = data.data.length === 0 && search.search === undefined
  const find = (text: string) =>
    void navigate({ search: text === '' ? {} : { search: text }, replace: true })
  const create = (
    <CreateCustomer
      isOpen={act === 'create'}
      onOpenChange={(isOpen) =>
        void navigate({ search: isOpen ? { ...search, act: 'create' } : search, replace: true })
      }
    />
  )
  return (
    <Stack gap={4}>
      <PageHeader title="Customers" actions={!isUnused && create} />
      <FilterBar
        search={{
          placeholder: 'Name, email, key or Stripe id',
          value: search.search ?? '',
          onChange: find,
        }}
      />
      <Card isFlush>
        <DataTable
          label="Customers"
          columns={COLUMNS}
          rows={data.data}
          rowKey={(customer) => customer.id}
          empty={<NoCustomers search={search.search} onClear={() => find('')} create={create} />}
          footer={<Pagination summary={countOf(data.data.length, 'customer')} {...steps} />}
        />
      </Card>
    </Stack>
  )
}

interface NoCustomersProps {
  readonly search: string | undefined
  readonly onClear: () => void
  readonly create: ReactNode
}

function NoCustomers({ search, onClear, create }: NoCustomersProps) {
  if (search === undefined) {
    return (
      <EmptyState
        icon="users"
        title="No customers yet"
        description="They appear when somebody signs up in the portal, or when you create one."
        action={create}
      />
    )
  }
  return (
    <EmptyState
      icon="search"
      title={`Nobody matches “${search}”`}
      description="Try a part of the name or the email address, a whole id, or a Stripe id."
      action={<Button onClick={onClear}>Clear search</Button>}
    />
  )
}
