import { Amount } from '../../../ui/amount.tsx'
import { Card } from '../../../ui/card.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { SumList } from '../../../ui/sum-list.tsx'
import { LineText } from '../invoices/line-text.tsx'
import type { ChangeLine, ChangePreview } from './present-change.ts'
import { LINE_HEADS } from './skeleton.tsx'

const LINES: readonly Column<ChangeLine>[] = withCells(LINE_HEADS, {
  description: (line) => <LineText line={line} period={line} />,
  amount: ({ amount }) => <Amount value={amount} />,
})

/** The invoice that the change makes, line by line: what comes back of the old plan, what the new one asks. */
export function DueNow({ invoice }: { readonly invoice: NonNullable<ChangePreview['invoice']> }) {
  const { subtotal, discount, tax, total, balanceApplied, amountDue } = invoice
  return (
    <Card
      isFlush
      footer={
        <SumList
          rows={[
            {
              label: 'Subtotal',
              value: subtotal,
              isShown: subtotal.amountMinor !== total.amountMinor,
            },
            { label: 'Discount', value: discount, isCredit: true },
            { label: 'Tax', value: tax },
            { label: 'Total', value: total, isShown: true },
            { label: 'From your balance', value: balanceApplied, isCredit: true },
            { label: 'Due now', value: amountDue, isStrong: true, isShown: true },
          ]}
        />
      }
    >
      <DataTable
        label="Due now"
        columns={LINES}
        rows={invoice.lines}
        rowKey={({ description, startsAt }) => `${description}${startsAt}`}
        empty={null}
      />
    </Card>
  )
}
