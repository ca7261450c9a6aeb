import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Card } from '../../../ui/card.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ErrorState } from '../../../ui/error-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { ButtonLink } from '../../../ui/link.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { auditQuery } from '../../queries.ts'
import { EntryTimeline } from '../audit/entry-timeline.tsx'

/** Everything anybody did to or for this customer. */
export function CustomerActivity({ customerId }: { readonly customerId: string }) {
  const refusal = useRefusal('audit.read')
  const [cursors, setCursors] = useState<readonly string[]>([])
  const cursor = cursors.at(-1)
  const { data, error, refetch } = useQuery({
    ...auditQuery({ customerId, ...(cursor !== undefined && { cursor }) }),
    enabled: refusal === undefined,
  })
  const next = data?.nextCursor
  return (
    <Card
      title="Activity"
      actions={
        <ButtonLink size="sm" variant="ghost" to={paths.audit} search={{ customerId }}>
          In the audit log
        </ButtonLink>
      }
      {...(data !== undefined && {
        footer: (
          <Pagination
            summary={countOf(data.data.length, 'entry', 'entries')}
            onFirst={cursor === undefined ? undefined : () => setCursors([])}
            onPrevious={cursor === undefined ? undefined : () => setCursors(cursors.slice(0, -1))}
            onNext={next ? () => setCursors([...cursors, next]) : undefined}
          />
        ),
      })}
    >
      {refusal !== undefined ? (
        <EmptyState icon="lock" title="Not for your role" description={refusal} />
      ) : error !== null ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton lines={12} height="0.875rem" />
      ) : (
        <EntryTimeline label="Activity" entries={data.data} isOfOneCustomer />
      )}
    </Card>
  )
}
