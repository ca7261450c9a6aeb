import { useQuery } from '@tanstack/react-query'
import { Badge } from '../../../ui/badge.tsx'
import { ButtonLink, Link } from '../../../ui/link.tsx'
import { Card } from '../../../ui/card.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ErrorState } from '../../../ui/error-state.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { Meter } from '../../../ui/meter.tsx'
import { plural } from '../../../ui/pricing/price-words.ts'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { auditQuery } from '../../queries.ts'
import { EntryTimeline } from '../audit/entry-timeline.tsx'
import {
  lifecycleOf,
  nextOf,
  paymentOf,
  type Subscription,
} from '../subscriptions/present-subscription.ts'
import type { CustomerDetail } from './present-customer.ts'

const LATEST = 8

export function CustomerOverview({ customer }: { readonly customer: CustomerDetail }) {
  return (
    <Grid gap={4} columns="3fr 2fr">
      <Stack gap={4}>
        {customer.subscription === null ? (
          <NoSubscription />
        ) : (
          <SubscriptionCard subscription={customer.subscription} />
        )}
        {customer.quotas.length > 0 && <Quotas customer={customer} />}
        <Facts customer={customer} />
        <Members members={customer.members} />
      </Stack>
      <LatestActivity customer={customer} />
    </Grid>
  )
}

function SubscriptionCard({ subscription }: { readonly subscription: Subscription }) {
  const lifecycle = lifecycleOf(subscription)
  const payment = paymentOf(subscription)
  const next = nextOf(subscription)
  return (
    <Card
      title="Subscription"
      actions={
        <ButtonLink size="sm" to={paths.subscription} params={{ subscriptionId: subscription.id }}>
          Open
        </ButtonLink>
      }
    >
      <KeyValueList
        isStacked
        items={[
          {
            label: 'Plan',
            value: (
              <Link
                to={paths.plan}
                params={{ planKey: subscription.planKey }}
                search={{ version: String(subscription.planVersion) }}
              >
                {subscription.planName}, version {subscription.planVersion}
              </Link>
            ),
          },
          { label: 'Lifecycle', value: <Badge tone={lifecycle.tone}>{lifecycle.word}</Badge> },
          { label: 'Payment', value: <Badge tone={payment.tone}>{payment.word}</Badge> },
          { label: 'Started', value: <Time at={subscription.startsAt} as="date" /> },
          ...(next === undefined
            ? []
            : [{ label: next.label, value: <Time at={next.at} as="date" /> }]),
          { label: 'Id', value: <CopyText text={subscription.id} label="subscription id" /> },
        ]}
      />
    </Card>
  )
}

function NoSubscription() {
  return (
    <Card title="Subscription">
      <EmptyState
        icon="refresh"
        title="No subscription"
        description="They have not chosen a plan. Without one, their calls are refused."
      />
    </Card>
  )
}

function Quotas({ customer }: { readonly customer: CustomerDetail }) {
  return (
    <Card title="Usage in this period">
      <Stack gap={5}>
        {customer.quotas.map((quota) => (
          <Meter
            key={quota.featureKey}
            label={quota.featureName}
            used={quota.used}
            limit={quota.limit}
            unit={plural(quota.unit)}
            onLimit={quota.onLimit}
            note={
              <>
                resets <Time at={quota.resetsAt} />
              </>
            }
          />
        ))}
      </Stack>
    </Card>
  )
}

function Facts({ customer }: { readonly customer: CustomerDetail }) {
  const metadata = Object.entries(customer.metadata)
  return (
    <Card title="Facts">
      <KeyValueList
        items={[
          { label: 'Key', value: <CopyText text={customer.key} label="key" /> },
          { label: 'Customer since', value: <Time at={customer.createdAt} as="date" /> },
          { label: 'Currency', value: customer.currency?.toUpperCase() ?? 'set by the first plan' },
          { label: 'Time zone', value: customer.timeZone },
          {
            label: 'Grace for overdue payments',
            value:
              customer.maxPaymentOverdueDays === null
                ? 'as the plan says'
                : `${customer.maxPaymentOverdueDays} days`,
          },
          ...metadata.map(([key, value]) => ({ label: key, value })),
        ]}
      />
    </Card>
  )
}

function Members({ members }: Pick<CustomerDetail, 'members'>) {
  return (
    <Card title="Members" description="Who acts for this customer in the portal.">
      {members.length === 0 ? (
        <p>Nobody has signed in for them. You can issue keys here yourself.</p>
      ) : (
        <KeyValueList
          items={members.map(({ userId, name, email, role }) => ({
            label: name,
            value: (
              <Stack direction="row" gap={3} canWrap key={userId}>
                <span>{email}</span>
                <Badge>{role}</Badge>
              </Stack>
            ),
          }))}
        />
      )}
    </Card>
  )
}

function LatestActivity({ customer }: { readonly customer: CustomerDetail }) {
  const refusal = useRefusal('audit.read')
  const { data, error, refetch } = useQuery({
    ...auditQuery({ customerId: customer.id, limit: LATEST }),
    enabled: refusal === undefined,
  })
  return (
    <Card
      title="What happened"
      actions={
        <ButtonLink
          size="sm"
          variant="ghost"
          to={paths.customer}
          params={{ customerId: customer.id }}
          search={{ tab: 'timeline' }}
        >
          Everything
        </ButtonLink>
      }
    >
      {refusal !== undefined ? (
        <p>{refusal}</p>
      ) : error !== null ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton lines={6} height="0.875rem" />
      ) : (
        <EntryTimeline
          label="What happened"
          entries={data.data}
          people={customer.members}
          isOfOneCustomer
        />
      )}
    </Card>
  )
}
