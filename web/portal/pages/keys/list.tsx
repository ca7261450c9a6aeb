import { useSuspenseQuery } from '@tanstack/react-query'
import { Card } from '../../../ui/card.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { DataTable } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { keysQuery } from '../../queries.ts'
import { COLUMNS } from './columns.tsx'
import { OwnBudgets } from './own-budgets.tsx'
import { CreateKey } from './create-key.tsx'
import { sortKeys } from '../../../ui/present-key.ts'
import { KeyListHeader } from './skeleton.tsx'

export function KeyList() {
  const { data } = useSuspenseQuery(keysQuery)
  const keys = sortKeys(data.data, useNow())
  return (
    <Stack gap={6}>
      {/* While the list is empty, it offers the one thing to do itself. */}
      <KeyListHeader actions={keys.length > 0 && <CreateKey />} />
      <Card isFlush>
        <DataTable
          label="API keys"
          columns={COLUMNS}
          rows={keys}
          rowKey={(key) => key.id}
          empty={
            <EmptyState
              icon="key"
              title="No API keys yet"
              description="Create one and make your first call within a minute."
              action={<CreateKey />}
            />
          }
          footer={<Pagination summary={countOf(keys.length, 'key')} />}
        />
      </Card>
      {/* Refused calls and mails about budgets lead here. */}
      <div id="budgets">
        <OwnBudgets />
      </div>
    </Stack>
  )
}
