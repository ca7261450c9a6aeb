import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ResponseOf } from '../../../../src/client/client.ts'
import { Badge } from '../../../ui/badge.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ClockOffset } from '../../../ui/clock.tsx'
import { CodeBlock } from '../../../ui/code-block.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { webhookEventQuery } from '../../queries.ts'
import { type InboxEvent, sourceOf, stateOf } from './present-event.ts'

const route = getRouteApi('/app/webhooks/$eventId')

export function WebhookEventPage() {
  const { eventId } = route.useParams()
  const { data: event } = useSuspenseQuery(webhookEventQuery(eventId))
  const { word, tone, meaning } = stateOf(event.state)
  const hasFailed = event.state === 'failed' || event.state === 'dead' || event.state === 'parked'
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={<Link to={paths.webhookInbox}>Webhook inbox</Link>}
        title={event.type}
        badges={<Badge tone={tone}>{word}</Badge>}
        description={<CopyText text={event.id} label="event id" isWhole />}
        actions={<Replay event={event} />}
      />
      {hasFailed && (
        <Banner tone={event.state === 'parked' ? 'warning' : 'danger'} title={meaning}>
          {event.error}
        </Banner>
      )}
      <Grid gap={4} columns="3fr 2fr">
        <CodeBlock
          label="What Stripe sent"
          samples={[
            {
              language: 'json',
              label: 'Payload',
              source: JSON.stringify(event.body ?? null, null, 2),
            },
          ]}
          footer={
            event.body === null || event.body === undefined
              ? 'The payload is no longer kept. The current state is always fetched from Stripe, so nothing is lost.'
              : 'A payload only says what to look at: the current state is fetched from Stripe when the event is applied.'
          }
        />
        <Card title="Facts">
          <KeyValueList items={factsOf(event, meaning)} />
        </Card>
      </Grid>
    </Stack>
  )
}

type EventDetail = ResponseOf<'get', '/api/v1/webhook-events/{eventId}'>

function factsOf(event: EventDetail, meaning: string) {
  const real = (at: string | null) =>
    at === null ? null : (
      <ClockOffset offsetMs={0}>
        <Time at={at} as="date-time" />
      </ClockOffset>
    )
  const { customer, objectId } = event
  const isSettled = event.settledAt !== null
  return [
    { label: 'Status', value: meaning },
    ...(event.error === null ? [] : [{ label: 'Reason', value: event.error }]),
    {
      label: 'About',
      value:
        objectId === null ? (
          event.objectKind
        ) : (
          <CopyText text={objectId} label="object id" isWhole />
        ),
    },
    ...(customer === null
      ? []
      : [
          {
            label: 'Customer',
            value: (
              <Link to={paths.customer} params={{ customerId: customer.id }}>
                {customer.name}
              </Link>
            ),
          },
        ]),
    { label: 'Occurred', value: <Time at={event.occurredAt} as="date-time" /> },
    { label: 'Received', value: real(event.receivedAt) },
    { label: 'Settled', value: real(event.settledAt) },
    { label: 'Attempts', value: event.attempts },
    ...(isSettled ? [] : [{ label: 'Next attempt', value: real(event.nextAt) }]),
    { label: 'Came by', value: sourceOf(event) },
    { label: 'API version', value: event.apiVersion },
  ]
}

function Replay({ event }: { readonly event: InboxEvent }) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('webhooks.write')
  return (
    <ConfirmDialog
      title="Replay this event?"
      object={[
        { label: 'Event', value: event.type },
        { label: 'Id', value: <code>{event.id}</code> },
      ]}
      consequences={[
        'What it is about is fetched from Stripe again and applied.',
        'Applying the same state twice changes nothing.',
      ]}
      verb="Replay event"
      tone="primary"
      trigger={
        <Button icon="refresh" disabledReason={refusal}>
          Replay
        </Button>
      }
      onConfirm={async ({ idempotencyKey }) => {
        await client.post('/api/v1/webhook-events/{eventId}/replay', {
          params: { eventId: event.id },
          idempotencyKey,
        })
        announce({ title: 'Replay has begun', description: event.type })
        await refreshUntilSettled(queryClient, event.id)
      }}
    />
  )
}

const LOOKS = 8
const PAUSE_MS = 400

/** A replay is applied within moments; the page follows it so long, then leaves looking to the reader. */
async function refreshUntilSettled(
  queryClient: ReturnType<typeof useQueryClient>,
  eventId: string,
): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    const { settledAt } = await queryClient.fetchQuery({
      ...webhookEventQuery(eventId),
      staleTime: 0,
    })
    if (settledAt !== null) break
  }
  await Promise.all(
    ['webhooks', 'connection', 'summary', 'audit'].map((key) =>
      queryClient.invalidateQueries({ queryKey: [key] }),
    ),
  )
}
