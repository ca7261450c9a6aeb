import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ClockOffset } from '../../../ui/clock.tsx'
import { useCursorSteps } from '../../../ui/cursor-steps.ts'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { FilterBar } from '../../../ui/filter-bar.tsx'
import { countOf } from '../../../ui/format.ts'
import { ButtonLink, RowLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { paths } from '../../paths.ts'
import { connectionQuery, WEBHOOK_STATES, webhookEventsQuery } from '../../queries.ts'
import { type InboxEvent, stateOf, waitingIn } from './present-event.ts'
import { HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/webhooks')

const STATE_OPTIONS = WEBHOOK_STATES.map((value) => ({ value, label: stateOf(value).word }))

const COLUMNS: readonly Column<InboxEvent>[] = withCells(HEADS, {
  type: (event) => (
    <RowLink to={paths.webhookEvent} params={{ eventId: event.id }}>
      {event.type}
    </RowLink>
  ),
  state: (event) => {
    const { word, tone } = stateOf(event.state)
    return <Badge tone={tone}>{word}</Badge>
  },
  object: ({ objectId }) => (objectId === null ? '–' : <code>{objectId}</code>),
  attempts: ({ attempts }) => attempts,
  occurred: ({ occurredAt }) => <Time at={occurredAt} as="date-time" />,
  received: ({ receivedAt }) => (
    <ClockOffset offsetMs={0}>
      <Time at={receivedAt} />
    </ClockOffset>
  ),
})

export function WebhookList() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useSuspenseQuery(webhookEventsQuery(search))
  const steps = useCursorSteps(search.cursor, data.nextCursor)
  const { cursor: _, ...rest } = search
  const isFiltered = search.state !== undefined || search.type !== undefined
  const clear = () => void navigate({ search: {}, replace: true })
  return (
    <Stack gap={4}>
      <PageHeader
        title="Webhook inbox"
        description="Everything Stripe told us, stored before it is answered and applied exactly once."
      />
      <Backlog />
      <FilterBar
        search={{
          placeholder: 'Type, such as invoice.paid',
          value: search.type ?? '',
          onChange: (type) => {
            const { type: _old, ...others } = rest
            void navigate({ search: type === '' ? others : { ...others, type }, replace: true })
          },
        }}
        filters={[{ key: 'state', label: 'Status', value: search.state, options: STATE_OPTIONS }]}
        onFilter={(patch) => void navigate({ search: { ...rest, ...patch }, replace: true })}
      />
      <Card isFlush>
        <DataTable
          label="Webhook events"
          columns={COLUMNS}
          rows={data.data}
          rowKey={(event) => event.id}
          empty={
            isFiltered ? (
              <EmptyState
                icon="search"
                title="No event like that"
                description="Types are matched whole, as Stripe writes them: customer.subscription.updated."
                action={<Button onClick={clear}>Clear filters</Button>}
              />
            ) : (
              <EmptyState
                icon="inbox"
                title="Stripe has sent nothing yet"
                description="Events arrive as soon as something happens in the connected account."
                action={<ButtonLink to={paths.stripe}>Check the connection</ButtonLink>}
              />
            )
          }
          footer={<Pagination summary={countOf(data.data.length, 'event')} {...steps} />}
        />
      </Card>
    </Stack>
  )
}

function Backlog() {
  const { data: connection } = useSuspenseQuery(connectionQuery)
  const waiting = waitingIn(connection.backlog)
  if (waiting.length === 0) return null
  const isUrgent = waiting.some(({ tone }) => tone === 'danger')
  return (
    <Banner
      tone={isUrgent ? 'danger' : 'info'}
      title={isUrgent ? 'Some events could not be applied' : 'Events are being applied'}
      action={
        <Stack direction="row" gap={2} canWrap>
          {waiting.map(({ state, word, count }) => (
            <ButtonLink key={state} size="sm" to={paths.webhookInbox} search={{ state }}>
              {count} {word}
            </ButtonLink>
          ))}
        </Stack>
      }
    >
      {isUrgent
        ? 'Until they are, what we know may differ from what Stripe knows.'
        : 'They leave this list by themselves.'}
    </Banner>
  )
}
