import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Amount } from '../../../ui/amount.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { useCursorSteps } from '../../../ui/cursor-steps.ts'
import { Disclosure } from '../../../ui/disclosure.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ErrorState } from '../../../ui/error-state.tsx'
import { FilterBar } from '../../../ui/filter-bar.tsx'
import { countOf } from '../../../ui/format.ts'
import { ButtonLink, Link } from '../../../ui/link.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Timeline, type TimelineEntry } from '../../../ui/timeline.tsx'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { customerTimelineQuery } from '../../queries.ts'
import { toTimelineEntry, useActorNames } from '../audit/entry-timeline.tsx'
import { methodOf } from '../invoices/present-invoice.ts'
import { bankWords } from '../payments/present-refund.ts'
import type { CustomerDetail } from './present-customer.ts'
import {
  KIND_OPTIONS,
  lookOfAttempt,
  lookOfEvents,
  lookOfMail,
  type Step,
  stepsOf,
} from './present-happening.ts'

const route = getRouteApi('/app/customers/$customerId')

/** Everything that happened to this customer, whoever did it, in the order of the customer's own time. */
export function CustomerTimeline({ customer }: { readonly customer: CustomerDetail }) {
  const { kind, cursor } = route.useSearch()
  const navigate = route.useNavigate()
  const refusal = useRefusal('audit.read')
  const names = useActorNames(customer.members)
  const { data, error, refetch } = useQuery({
    ...customerTimelineQuery(customer.id, {
      ...(kind !== undefined && { kind }),
      ...(cursor !== undefined && { cursor }),
    }),
    enabled: refusal === undefined,
  })
  const steps = useCursorSteps(cursor, data?.nextCursor)
  const show = (patch: Readonly<Record<string, string | undefined>>) =>
    void navigate({ search: { tab: 'timeline', ...patch }, replace: true })
  return (
    <Card
      title="Timeline"
      description="Newest first, in this customer’s time."
      actions={
        <ButtonLink size="sm" variant="ghost" to={paths.audit} search={{ customerId: customer.id }}>
          In the audit log
        </ButtonLink>
      }
      {...(data !== undefined && {
        footer: <Pagination summary={countOf(data.data.length, 'entry', 'entries')} {...steps} />,
      })}
    >
      <Stack gap={4}>
        <FilterBar
          filters={[{ key: 'kind', label: 'Kind', value: kind, options: KIND_OPTIONS }]}
          onFilter={show}
        />
        {refusal !== undefined ? (
          <EmptyState icon="lock" title="Not for your role" description={refusal} />
        ) : error !== null ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : data === undefined ? (
          <Skeleton lines={12} height="0.875rem" />
        ) : data.data.length === 0 ? (
          <EmptyState
            icon="search"
            title="Nothing of this kind has happened"
            description="Other kinds may have."
            action={<Button onClick={() => show({})}>Show everything</Button>}
          />
        ) : (
          <Timeline
            label="Timeline"
            entries={stepsOf(data.data).map((step) => toEntry(step, names))}
          />
        )}
      </Stack>
    </Card>
  )
}

function toEntry(step: Step, names: ReadonlyMap<string, string>): TimelineEntry {
  switch (step.source) {
    case 'audit':
      return toTimelineEntry({ ...step.entry, customerName: '' }, names, true)
    case 'attempt': {
      const { id, paymentId, invoiceId, amount } = step.attempt
      const { words, ...look } = lookOfAttempt(step)
      return {
        id,
        at: step.at,
        ...look,
        title: (
          <Stack direction="row" gap={2} align="baseline" canWrap>
            <span>{words}</span>
            <Link to={paths.payment} params={{ paymentId }}>
              <Amount value={amount} />
            </Link>
            {invoiceId !== null && (
              <Link to={paths.invoice} params={{ invoiceId }}>
                Invoice
              </Link>
            )}
          </Stack>
        ),
        detail: [methodOf(step.attempt), step.attempt.state === 'failed' && bankWords(step.attempt)]
          .filter(Boolean)
          .join(' · '),
      }
    }
    case 'mail': {
      const { id, recipient, error } = step.mail
      const { words, ...look } = lookOfMail(step)
      const detail = [`to ${recipient}`, error].filter(Boolean).join(' · ')
      return { id, at: step.at, ...look, title: words, detail }
    }
    case 'events': {
      const { words, ...look } = lookOfEvents(step.events)
      const [newest] = step.events
      return {
        id: newest?.event.id ?? '',
        at: newest?.at ?? '',
        ...look,
        title: (
          <Disclosure label={words}>
            <Stack gap={1}>
              {step.events.map(({ event }) => (
                <Link key={event.id} to={paths.webhookEvent} params={{ eventId: event.id }}>
                  {event.type}
                </Link>
              ))}
            </Stack>
          </Disclosure>
        ),
      }
    }
  }
}
