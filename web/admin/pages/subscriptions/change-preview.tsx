import { Amount } from '../../../ui/amount.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { formatPeriod, formatQuantity } from '../../../ui/format.ts'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { type ChangePreview, paymentWords, whenWords } from './present-change.ts'

type Line = NonNullable<ChangePreview['invoice']>['lines'][number]
type Quota = ChangePreview['quotas'][number]

const LINES: readonly Column<Line>[] = [
  { key: 'description', header: 'Charged now', cell: ({ description }) => description },
  {
    key: 'period',
    header: 'For',
    width: '10rem',
    isSecondary: true,
    cell: ({ startsAt, endsAt }) => formatPeriod(startsAt, endsAt),
  },
  {
    key: 'amount',
    header: 'Amount',
    width: '7rem',
    align: 'end',
    cell: ({ amount }) => <Amount value={amount} />,
  },
]

/** What a change of plan does and costs, as the API has computed it. */
export function ChangePreviewView({ preview }: { readonly preview: ChangePreview }) {
  const { invoice, nextInvoice, quotas, notices } = preview
  return (
    <Stack gap={4}>
      <Banner tone="info" title={whenWords(preview)}>
        {paymentWords(preview)}
      </Banner>
      {notices.map(({ kind, message }) => (
        <Banner key={`${kind} ${message}`} tone="warning" title={message} />
      ))}
      {invoice !== null && (
        <DataTable
          label="Charged now"
          columns={LINES}
          rows={invoice.lines}
          rowKey={({ description, startsAt }) => `${description} ${startsAt}`}
          empty={null}
        />
      )}
      <KeyValueList
        items={[
          ...(invoice === null
            ? []
            : [
                { label: 'Tax', value: <Amount value={invoice.tax} /> },
                {
                  label: 'From the balance',
                  value: <Amount value={invoice.balanceApplied} isCredit />,
                },
                { label: 'Due now', value: <Amount value={invoice.amountDue} /> },
              ]),
          ...(nextInvoice === null
            ? []
            : [
                {
                  label: 'Next invoice',
                  value: (
                    <>
                      <Amount value={nextInvoice.amountDue} /> on{' '}
                      <Time at={nextInvoice.at} as="date" />, plus usage
                    </>
                  ),
                },
              ]),
          ...quotas.map((quota) => ({ label: quota.featureName, value: quotaWords(quota) })),
        ]}
      />
    </Stack>
  )
}

function quotaWords({ limitBefore, limitAfter, usedAfter }: Quota): string {
  return `${limitWords(limitBefore)} → ${limitWords(limitAfter)}, ${formatQuantity(usedAfter)} used`
}

function limitWords(limit: string | null | undefined): string {
  if (limit === undefined) return 'nothing'
  return limit === null ? 'unlimited' : formatQuantity(limit)
}
