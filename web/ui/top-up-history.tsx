import { Amount } from './amount.tsx'
import { Badge } from './badge.tsx'
import { Card } from './card.tsx'
import type { ResponseOf } from '../../src/client/client.ts'
import { type Column, DataTable } from './data-table.tsx'
import { EmptyState } from './empty-state.tsx'
import { topUpState } from './credit-words.ts'
import { countOf } from './format.ts'
import { Pagination } from './pagination.tsx'
import { Time } from './time.tsx'

type TopUpPage = ResponseOf<'get', '/api/v1/portal/credits/top-ups'>
type TopUp = TopUpPage['data'][number]

const COLUMNS: readonly Column<TopUp>[] = [
  { key: 'what', header: 'Bought', cell: ({ quantity, packKey }) => `${quantity} × ${packKey}` },
  {
    key: 'state',
    header: 'Status',
    width: '7rem',
    cell: ({ state }) => {
      const { word, tone } = topUpState(state)
      return <Badge tone={tone}>{word}</Badge>
    },
  },
  {
    key: 'why',
    header: 'Why not',
    isSecondary: true,
    cell: ({ failureMessage }) => failureMessage ?? '–',
  },
  {
    key: 'at',
    header: 'Time',
    width: '11rem',
    cell: ({ createdAt }) => <Time at={createdAt} as="date-time" />,
  },
  {
    key: 'amount',
    header: 'Amount',
    width: '8rem',
    align: 'end',
    cell: ({ amount }) => <Amount value={amount} />,
  },
]

interface TopUpHistoryProps {
  /** Undefined while loading. */
  readonly page: TopUpPage | undefined
  readonly error: unknown
  readonly onRetry: () => void
}

/** What was bought by itself lately, and what became of it. */
export function TopUpHistory({ page, error, onRetry }: TopUpHistoryProps) {
  const count = page?.data.length ?? 0
  const summary =
    (page?.nextCursor ?? null) === null ? countOf(count, 'top-up') : `The last ${count} top-ups`
  return (
    <Card isFlush title="Bought by itself so far">
      <DataTable
        label="Bought by itself so far"
        columns={COLUMNS}
        rows={page?.data}
        rowKey={({ id }) => id}
        skeletonRows={2}
        error={error}
        onRetry={onRetry}
        empty={
          <EmptyState
            icon="refresh"
            title="Nothing was bought by itself yet"
            description="Each automatic purchase is listed here, also one that failed."
          />
        }
        footer={<Pagination summary={summary} />}
      />
    </Card>
  )
}
