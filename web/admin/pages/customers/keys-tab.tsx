import { useQuery } from '@tanstack/react-query'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { ClockOffset, useNow } from '../../../ui/clock.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { customerKeysQuery } from '../../queries.ts'
import { CustomerBudgets } from './customer-budgets.tsx'
import { IssueKey } from './issue-key.tsx'
import { KeyActions } from './key-actions.tsx'
import type { CustomerDetail } from './present-customer.ts'
import { type ApiKey, maskedKey, stateOf } from '../../../ui/present-key.ts'

type Row = ApiKey & { readonly customer: CustomerDetail }

const COLUMNS: readonly Column<Row>[] = withCells(
  [
    { key: 'name', header: 'Name' },
    { key: 'key', header: 'Key', width: '13rem' },
    { key: 'state', header: 'Status', width: '12rem' },
    { key: 'created', header: 'Created', width: '8rem', isSecondary: true },
    { key: 'used', header: 'Last used', width: '9rem' },
    { key: 'actions', header: '', width: '3rem', align: 'end' },
  ] as const,
  {
    name: (row) => row.name,
    key: (row) => <code>{maskedKey(row)}</code>,
    state: (row) => <State apiKey={row} />,
    created: (row) => <Time at={row.createdAt} as="date" />,
    used: (row) => (row.lastUsedAt === null ? 'never' : <Time at={row.lastUsedAt} />),
    actions: (row) => <KeyActions apiKey={row} customer={row.customer} />,
  },
)

export function CustomerKeys({ customer }: { readonly customer: CustomerDetail }) {
  const { data, error, refetch } = useQuery(customerKeysQuery(customer.id))
  const rows = data?.data.map((key) => ({ ...key, customer }))
  const isEmpty = rows?.length === 0
  return (
    <Stack gap={4}>
      {/* Keys are used at real times, also by customers whose billing lives ahead of them. */}
      <ClockOffset offsetMs={0}>
        <Card
          isFlush
          title="API keys"
          actions={isEmpty ? undefined : <IssueKey customer={customer} />}
        >
          <DataTable
            label="API keys"
            columns={COLUMNS}
            rows={rows}
            rowKey={(row) => row.id}
            skeletonRows={3}
            error={error}
            onRetry={() => void refetch()}
            empty={
              <EmptyState
                icon="key"
                title="No API keys"
                description="They create keys in the portal themselves, or you issue one for them."
                action={<IssueKey customer={customer} />}
              />
            }
            footer={<Pagination summary={countOf(rows?.length ?? 0, 'key')} />}
          />
        </Card>
      </ClockOffset>
      <CustomerBudgets customer={customer} />
    </Stack>
  )
}

function State({ apiKey }: { readonly apiKey: ApiKey }) {
  const { word, tone, endsAt } = stateOf(apiKey, useNow())
  return (
    <>
      <Badge tone={tone}>{word}</Badge>
      {endsAt !== null && (
        <>
          {' '}
          ends <Time at={endsAt} />
        </>
      )}
    </>
  )
}
