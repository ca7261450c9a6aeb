import { useState } from 'react'
import { Amount } from '../../ui/amount.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { ClockOffset } from '../../ui/clock.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { CopyText } from '../../ui/copy-text.tsx'
import { type Column, DataTable, type Sort } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FilterBar } from '../../ui/filter-bar.tsx'
import { formatShare } from '../../ui/format.ts'
import { Grid } from '../../ui/grid.tsx'
import { KeyValueList } from '../../ui/key-value-list.tsx'
import { RowLink } from '../../ui/link.tsx'
import { Meter } from '../../ui/meter.tsx'
import { Pagination } from '../../ui/pagination.tsx'
import { Stack } from '../../ui/stack.tsx'
import { Stat } from '../../ui/stat.tsx'
import { Time } from '../../ui/time.tsx'
import { TimeSeries } from '../../ui/time-series.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import {
  ago,
  DAY_MS,
  CALLS_PER_DAY,
  CURL,
  CUSTOMERS,
  HISTORY,
  JAVASCRIPT,
  PYTHON,
  type SampleCustomer,
  SECRET,
} from '../samples.ts'

const ONE_SERIES = {
  times: CALLS_PER_DAY.map(({ at }) => at),
  grain: 'day' as const,
  unit: 'calls',
  series: [
    { key: 'calls', label: 'Calls', values: CALLS_PER_DAY.map(({ value }) => String(value)) },
  ],
}

const BY_KEY = {
  ...ONE_SERIES,
  series: [
    ['production', 'Production', 0.62],
    ['staging', 'Staging', 0.25],
    ['notebook', 'Data team notebook', 0.13],
  ].map(([key, label, share]) => ({
    key: String(key),
    label: String(label),
    values: CALLS_PER_DAY.map(({ value }) => String(Math.round(value * Number(share)))),
  })),
}

const LIMIT = { value: '4500', label: 'Daily budget 4,500' }

export function DataSection() {
  return (
    <>
      <Grid gap={5} minWidth="13rem">
        <Card>
          <Stat
            label="MRR"
            value="$48,210"
            change={0.042}
            trend={{ values: CALLS_PER_DAY.map((day) => day.value), summary: 'Rising for 30 days' }}
          />
        </Card>
        <Card>
          <Stat label="Active customers" value="312" change={0.018} note="6 new this week" />
        </Card>
        <Card>
          <Stat
            label="Payment failures"
            value="1.4%"
            change={0.3}
            isGoodWhenUp={false}
            note="4 of 286 payments"
          />
        </Card>
      </Grid>
      <Card title="Calls per day" actions={<Button size="sm">Last 30 days</Button>}>
        <TimeSeries label="Calls per day" data={ONE_SERIES} limit={LIMIT} />
      </Card>
      <Card title="Calls by key">
        <TimeSeries label="Calls by key" data={BY_KEY} />
      </Card>
      <Card title="Latency" description="p95, as a line">
        <TimeSeries label="Latency" kind="line" data={BY_KEY} />
      </Card>
      <CustomerTable />
      <Grid gap={5} minWidth="20rem">
        <Card title="Quotas">
          <Stack gap={6}>
            <Meter
              label="API requests"
              used="41250"
              limit="100000"
              unit="requests"
              note="resets on Apr 1"
            />
            <Meter
              label="Tokens"
              used="912000"
              limit="1000000"
              unit="tokens"
              note="used up around Mar 27"
            />
            <Meter label="Storage" used="50" limit="50" unit="GB" note="resets on Apr 1" />
            <Meter
              label="Webhooks"
              used="1320"
              limit="1000"
              unit="deliveries"
              onLimit="bill_overage"
            />
            <Meter label="Team members" used="7" limit={null} />
          </Stack>
        </Card>
        <Card title="Subscription" description="On a test clock, two weeks ahead">
          <KeyValueList
            items={[
              { label: 'Plan', value: 'Pro, version 3' },
              { label: 'Status', value: <Badge tone="success">active</Badge> },
              { label: 'Price', value: <Amount value={{ amountMinor: 9900, currency: 'usd' }} /> },
              {
                label: 'Period ended',
                value: (
                  <ClockOffset offsetMs={14 * DAY_MS}>
                    <Time at={ago(-12)} />
                  </ClockOffset>
                ),
              },
              {
                label: 'Stripe id',
                value: <CopyText text="sub_1QxN2vKzP4wH8aTe" label="subscription id" />,
              },
              { label: 'Coupon', value: null },
            ]}
          />
        </Card>
      </Grid>
      <CodeBlock
        label="First call"
        secret={SECRET}
        samples={[
          { language: 'curl', label: 'curl', source: CURL },
          { language: 'javascript', label: 'JavaScript', source: JAVASCRIPT },
          { language: 'python', label: 'Python', source: PYTHON },
        ]}
        footer="Waiting for your first call…"
      />
      <Card title="What happened">
        <Timeline label="What happened" entries={HISTORY} />
      </Card>
    </>
  )
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
]

function CustomerTable() {
  const [search, setSearch] = useState('')
  const [status, setStatus] = useState<string | undefined>('active')
  const [sort, setSort] = useState<Sort>({ key: 'mrr', direction: 'descending' })
  const found = CUSTOMERS.filter((customer) =>
    `${customer.name} ${customer.email}`.toLowerCase().includes(search.toLowerCase()),
  ).filter((customer) => status === undefined || customer.status === status)
  const rows = found.toSorted(
    (a, b) => (a.mrrMinor - b.mrrMinor) * (sort.direction === 'ascending' ? 1 : -1),
  )
  return (
    <Stack gap={3}>
      <FilterBar
        search={{
          placeholder: 'Name, email, key or Stripe id',
          value: search,
          onChange: setSearch,
        }}
        filters={[
          {
            key: 'status',
            label: 'Status',
            value: status,
            options: [
              { value: 'active', label: 'Active' },
              { value: 'past_due', label: 'Past due' },
            ],
          },
          { key: 'plan', label: 'Plan', value: undefined, options: [] },
        ]}
        onFilter={(patch) => setStatus(patch['status'])}
      />
      <Card isFlush>
        <DataTable
          label="Customers"
          rows={rows}
          rowKey={(row) => row.id}
          sort={sort}
          onSort={setSort}
          empty={
            <EmptyState
              icon="users"
              title="No customer matches"
              description="Nobody has this name, email or status."
              action={
                <Button
                  onClick={() => {
                    setSearch('')
                    setStatus(undefined)
                  }}
                >
                  Clear filters
                </Button>
              }
            />
          }
          columns={COLUMNS}
          footer={<Pagination summary={`${rows.length} customers`} onNext={() => undefined} />}
        />
      </Card>
    </Stack>
  )
}
