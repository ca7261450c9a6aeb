import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Card } from '../../../ui/card.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { DataTable } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { formatPeriod } from '../../../ui/format.ts'
import { Grid } from '../../../ui/grid.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { ButtonLink, Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { invoicesQuery } from '../../money-queries.ts'
import { auditQuery, customerQuery, overridesQuery, subscriptionQuery } from '../../queries.ts'
import { EntryTimeline } from '../audit/entry-timeline.tsx'
import { INVOICE_COLUMNS } from '../invoices/columns.tsx'
import { AddOns } from './add-ons.tsx'
import { PendingChangeBanner } from './pending-change.tsx'
import { isInForce, overrideWords } from './present-access.ts'
import { type AgreedTerms, agreedSentences, agreedUntil } from './present-overrides.ts'
import {
  engineOf,
  lifecycleOf,
  nextOf,
  paymentOf,
  type Subscription,
} from './present-subscription.ts'
import { SubscriptionActions } from './subscription-actions.tsx'

const route = getRouteApi('/app/subscriptions/$subscriptionId')

const INVOICES = INVOICE_COLUMNS.filter(({ key }) => key !== 'customer')

export function SubscriptionPage() {
  const { subscriptionId } = route.useParams()
  const { data: subscription } = useSuspenseQuery(subscriptionQuery(subscriptionId))
  const { data: customer } = useSuspenseQuery(customerQuery(subscription.customerId))
  const lifecycle = lifecycleOf(subscription)
  const payment = paymentOf(subscription)
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={<Link to={paths.subscriptions}>Subscriptions</Link>}
        title={`${subscription.planName} for ${customer.name}`}
        badges={
          <>
            <Badge tone={lifecycle.tone}>{lifecycle.word}</Badge>
            <Badge tone={payment.tone}>{payment.word}</Badge>
          </>
        }
        description={
          <Stack direction="row" gap={4} canWrap>
            <Link to={paths.customer} params={{ customerId: customer.id }}>
              {customer.name}
            </Link>
            <CopyText text={subscription.id} label="subscription id" />
          </Stack>
        }
        actions={<SubscriptionActions subscription={subscription} customerName={customer.name} />}
      />
      {subscription.change !== null && (
        <PendingChangeBanner subscription={subscription} change={subscription.change} />
      )}
      <AccessBanner override={subscription.accessOverride} />
      {subscription.overdueSince !== null && (
        <Banner tone="warning" title="A payment is overdue">
          Since <Time at={subscription.overdueSince} as="date" />.
        </Banner>
      )}
      <Grid gap={4} columns="3fr 2fr">
        <Stack gap={4}>
          <Facts subscription={subscription} />
          <AddOns subscription={subscription} customerName={customer.name} />
          {subscription.agreed !== null && (
            <Card title="Agreed for this customer" description={agreedUntil(subscription.agreed)}>
              <Agreed subscription={subscription} agreed={subscription.agreed} />
            </Card>
          )}
          <Invoices subscription={subscription} />
        </Stack>
        <Activity subscription={subscription} />
      </Grid>
    </Stack>
  )
}

/** What an operator decided about access, while it counts. */
function AccessBanner({ override }: { readonly override: Subscription['accessOverride'] }) {
  const now = useNow()
  if (override === null || !isInForce(override, now)) return null
  return (
    <Banner tone={override.kind === 'deny' ? 'warning' : 'info'} title={overrideWords(override)} />
  )
}

function Facts({ subscription }: { readonly subscription: Subscription }) {
  const { currentPeriod, pausedAt, trialEndsAt, planKey, planName, planVersion } = subscription
  const next = nextOf(subscription)
  return (
    <Card title="Facts">
      <KeyValueList
        items={[
          {
            label: 'Plan',
            value: (
              <Link to={paths.plan} params={{ planKey }} search={{ version: String(planVersion) }}>
                {planName}, version {planVersion}
              </Link>
            ),
          },
          { label: 'Started', value: <Time at={subscription.startsAt} as="date-time" /> },
          {
            label: 'Billing period',
            value:
              currentPeriod === null
                ? null
                : formatPeriod(currentPeriod.startsAt, currentPeriod.endsAt),
          },
          ...(next === undefined
            ? []
            : [{ label: next.label, value: <Time at={next.at} as="date-time" /> }]),
          ...(pausedAt === null
            ? []
            : [
                { label: 'Paused since', value: <Time at={pausedAt} as="date-time" /> },
                ...(subscription.resumesAt === null
                  ? [{ label: 'Resumes', value: 'when somebody resumes it' }]
                  : []),
              ]),
          ...(trialEndsAt === null
            ? []
            : [{ label: 'Trial until', value: <Time at={trialEndsAt} as="date-time" /> }]),
          { label: 'Currency', value: subscription.currency.toUpperCase() },
          { label: 'Billed by', value: engineOf(subscription) },
          { label: 'State at Stripe', value: subscription.providerStatus },
        ]}
      />
    </Card>
  )
}

/** What is agreed, and why: the reason is nothing the customer sees. */
function Agreed({
  subscription,
  agreed,
}: {
  readonly subscription: Subscription
  readonly agreed: AgreedTerms
}) {
  const { data } = useQuery(overridesQuery(subscription.id))
  return (
    <KeyValueList
      items={[
        ...agreedSentences(agreed, subscription.currency).map((sentence) => {
          const [label = '', ...rest] = sentence.split(': ')
          return { label, value: rest.join(': ') }
        }),
        { label: 'Reason', value: data?.overrides?.reason },
      ]}
    />
  )
}

function Invoices({ subscription }: { readonly subscription: Subscription }) {
  const { customerId } = subscription
  const { data, error, refetch } = useQuery(invoicesQuery({ customerId }))
  const own = data?.data.filter(({ subscriptionId }) => subscriptionId === subscription.id)
  return (
    <Card
      isFlush
      title="Invoices"
      actions={
        <ButtonLink size="sm" variant="ghost" to={paths.invoices} search={{ customerId }}>
          All of this customer
        </ButtonLink>
      }
    >
      <DataTable
        label="Invoices"
        columns={INVOICES}
        rows={own}
        rowKey={(invoice) => invoice.id}
        skeletonRows={3}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <EmptyState
            icon="invoice"
            title="No invoices"
            description="Nothing has been billed for this subscription so far."
          />
        }
      />
    </Card>
  )
}

function Activity({ subscription }: { readonly subscription: Subscription }) {
  const refusal = useRefusal('audit.read')
  const { data } = useQuery({
    ...auditQuery({ targetKind: 'subscription', targetId: subscription.id }),
    enabled: refusal === undefined,
  })
  return (
    <Card title="What happened">
      {refusal !== undefined ? (
        <p>{refusal}</p>
      ) : data === undefined ? (
        <Skeleton lines={4} height="0.875rem" />
      ) : (
        <EntryTimeline label="What happened" entries={data.data} isOfOneCustomer />
      )}
    </Card>
  )
}
