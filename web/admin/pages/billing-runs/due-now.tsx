import { useSuspenseQuery } from '@tanstack/react-query'
import type { ResponseOf } from '../../../../src/client/client.ts'
import { Amount } from '../../../ui/amount.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Card } from '../../../ui/card.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf, formatPeriod } from '../../../ui/format.ts'
import { RowLink } from '../../../ui/link.tsx'
import { Stack } from '../../../ui/stack.tsx'
import type { Named } from '../../customer-names.ts'
import { rehearsalQuery } from '../../money-queries.ts'
import { paths } from '../../paths.ts'
import { DUE_HEADS } from './skeleton.tsx'

type Bill = Named<ResponseOf<'get', '/api/v1/billing/rehearsal'>['data'][number]>

const MAX_SHOWN = 50

const COLUMNS: readonly Column<Bill>[] = withCells(DUE_HEADS, {
  customer: ({ customerName, subscriptionId }) => (
    <RowLink to={paths.subscription} params={{ subscriptionId }}>
      {customerName}
    </RowLink>
  ),
  period: ({ period }) => formatPeriod(period.startsAt, period.endsAt),
  kind: ({ kind }) => (kind === 'final' ? 'the last one' : 'of a period'),
  lines: ({ lines }) =>
    lines.length === 0 ? 'nothing' : lines.map(({ description }) => description).join(', '),
  total: ({ total }) => <Amount value={total} />,
})

/** The rehearsal: what a run would invoice, worked out as the run does, and written nowhere. */
export function DueNow() {
  const { data } = useSuspenseQuery(rehearsalQuery)
  const hidden = data.data.length - MAX_SHOWN
  return (
    <Card
      isFlush
      title="Due now"
      description="What a run would invoice at this moment. Nothing is written for it."
    >
      <Stack gap={3}>
        {hidden > 0 && (
          <Banner
            title={`${countOf(hidden, 'more subscription')} and their invoices are due as well.`}
          />
        )}
        <DataTable
          label="Due now"
          columns={COLUMNS}
          rows={data.data.slice(0, MAX_SHOWN)}
          rowKey={({ subscriptionId }) => subscriptionId}
          empty={
            <EmptyState
              icon="check-circle"
              title="Nothing is due"
              description="Every period that has ended is closed."
            />
          }
        />
      </Stack>
    </Card>
  )
}
