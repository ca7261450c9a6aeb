import type { ReactNode } from 'react'
import { Banner } from '../../../ui/banner.tsx'
import { Card } from '../../../ui/card.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { formatQuantity } from '../../../ui/format.ts'
import { Stack } from '../../../ui/stack.tsx'
import type { paths } from '../../paths.ts'
import type { AskedChange } from '../../queries.ts'
import { ConfirmChange } from './confirm-change.tsx'
import { DueNow } from './due-now.tsx'
import { type ChangePreview, changeWords, gains, type Gain } from './present-change.ts'
import { GAIN_HEADS } from './skeleton.tsx'

const GAINS: readonly Column<Gain>[] = withCells(GAIN_HEADS, {
  name: ({ name }) => name,
  before: ({ before }) => before,
  after: ({ after }) => after,
  left: ({ left }) => (left === null ? '–' : formatQuantity(left)),
})

interface ChangeOfferProps {
  readonly preview: ChangePreview
  readonly asked: AskedChange
  /** Where whoever decides against it goes. */
  readonly leave: typeof paths.plans | typeof paths.billing
  /** What can be said before it is confirmed. */
  readonly children?: ReactNode
}

/** What a change gives and takes, what is due for it line by line, and the button that carries it out. */
export function ChangeOffer({ preview, asked, leave, children }: ChangeOfferProps) {
  const { invoice, notices } = preview
  const rows = gains(preview)
  return (
    <>
      {notices.map(({ kind, message }) => (
        <Banner
          key={message}
          tone={kind === 'features_gained' ? 'success' : 'warning'}
          title={message}
        />
      ))}
      {rows.length > 0 && (
        <Card isFlush title="What you get">
          <DataTable
            label="What you get"
            columns={GAINS}
            rows={rows}
            rowKey={({ key }) => key}
            empty={null}
          />
        </Card>
      )}
      {invoice !== null && invoice.lines.length > 0 && <DueNow invoice={invoice} />}
      <Card title="What it costs" description={changeWords(preview).cost}>
        <Stack gap={5}>
          {children}
          <ConfirmChange key={preview.quoteId} preview={preview} asked={asked} leave={leave} />
        </Stack>
      </Card>
    </>
  )
}
