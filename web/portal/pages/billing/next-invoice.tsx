import { useSuspenseQuery } from '@tanstack/react-query'
import type { ResponseOf } from '../../../../src/client/client.ts'
import { Amount } from '../../../ui/amount.tsx'
import { Card } from '../../../ui/card.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { formatDate } from '../../../ui/format.ts'
import { SumList } from '../../../ui/sum-list.tsx'
import { nextInvoiceQuery } from '../../queries.ts'
import { LineText } from '../invoices/line-text.tsx'

type NextInvoiceValue = NonNullable<ResponseOf<'get', '/api/v1/portal/next-invoice'>['invoice']>
type NextLine = NextInvoiceValue['lines'][number]

const COLUMNS: readonly Column<NextLine>[] = [
  {
    key: 'description',
    header: 'What',
    cell: (line) => <LineText line={line} period={line.period} />,
  },
  {
    key: 'amount',
    header: 'Amount',
    width: '9rem',
    align: 'end',
    cell: ({ amount }) => <Amount value={amount} />,
  },
]

/** What the end of the period will bring, with the usage so far; nothing where nothing is charged. */
export function NextInvoice() {
  const { invoice } = useSuspenseQuery(nextInvoiceQuery).data
  if (invoice === null) return null
  const { at, opens, lines, total } = invoice
  const last = opens === null ? 'The last one. ' : ''
  return (
    <Card
      isFlush
      title={`Next invoice, on ${formatDate(at)}`}
      description={`${last}With what was used so far; usage until then is added. What credits pay is taken off; tax is not counted in.`}
      footer={<SumList rows={[{ label: 'So far', value: total, isStrong: true, isShown: true }]} />}
    >
      <DataTable
        label="Next invoice"
        columns={COLUMNS}
        rows={lines}
        rowKey={({ rateCardKey, period, description }) =>
          `${rateCardKey}:${period.startsAt}:${description}`
        }
        empty={
          <EmptyState
            icon="invoice"
            title="Nothing to pay so far"
            description="Nothing was used that costs something."
          />
        }
      />
    </Card>
  )
}
