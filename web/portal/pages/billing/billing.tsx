import { useSuspenseQuery } from '@tanstack/react-query'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { formatPeriod } from '../../../ui/format.ts'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { ButtonLink, Link } from '../../../ui/link.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { paths } from '../../paths.ts'
import { overviewQuery } from '../../queries.ts'
import { AddOns } from './add-ons.tsx'
import { CancelSubscription } from './cancel-subscription.tsx'
import { NextInvoice } from './next-invoice.tsx'
import { PaymentProblemBanner } from './payment-problem-banner.tsx'
import { PauseSubscription } from './pause-subscription.tsx'
import { PaymentMethods } from './payment-methods.tsx'
import { PendingChange } from './pending-change.tsx'
import { usePlanWords } from './plan-of.ts'
import {
  isRunning,
  mayPauseOrResume,
  type Subscription,
  subscriptionState,
} from './present-subscription.ts'
import { ResumeSubscription } from './resume-subscription.tsx'
import { BillingHeader } from './skeleton.tsx'

const ASK_EVERY_MS = 2_000

function isWaiting(subscription: Subscription | null | undefined): boolean {
  const state = subscription?.change?.state
  return state === 'executing' || state === 'awaiting_payment'
}

export function BillingPage() {
  const { data: overview } = useSuspenseQuery({
    ...overviewQuery,
    // A change that waits for Stripe or for its payment is settled elsewhere.
    refetchInterval: ({ state }) => (isWaiting(state.data?.subscription) ? ASK_EVERY_MS : false),
  })
  const { subscription } = overview
  return (
    <Stack gap={6}>
      <BillingHeader />
      {overview.paymentProblem !== null && (
        <PaymentProblemBanner problem={overview.paymentProblem} />
      )}
      {subscription !== null && subscription.change !== null && (
        <PendingChange subscription={subscription} change={subscription.change} />
      )}
      {subscription === null ? <NoPlan /> : <Plan subscription={subscription} />}
      {subscription !== null && <AddOns subscription={subscription} />}
      <NextInvoice />
      <PaymentMethods />
    </Stack>
  )
}

function NoPlan() {
  return (
    <Card title="Your plan">
      <EmptyState
        icon="tag"
        title="No plan yet"
        description="Choose one to get an API key and start calling."
        action={
          <ButtonLink to={paths.plans} variant="primary">
            See plans
          </ButtonLink>
        }
      />
    </Card>
  )
}

function Plan({ subscription }: { readonly subscription: Subscription }) {
  const { word, tone, next } = subscriptionState(subscription)
  const words = usePlanWords(subscription)
  const { currentPeriod } = subscription
  return (
    <Card
      title="Your plan"
      actions={<Link to={paths.invoices}>Invoices</Link>}
      footer={<PlanActs subscription={subscription} />}
    >
      <KeyValueList
        items={[
          {
            label: 'Plan',
            value: (
              <Stack direction="row" gap={2} canWrap>
                <strong>{subscription.planName}</strong>
                <Badge tone={tone}>{word}</Badge>
              </Stack>
            ),
          },
          { label: 'Price', value: words?.sentence },
          { label: 'What comes next', value: next },
          {
            label: 'This period',
            value: currentPeriod && formatPeriod(currentPeriod.startsAt, currentPeriod.endsAt),
          },
          { label: 'Since', value: <Time at={subscription.startsAt} as="date" /> },
        ]}
      />
    </Card>
  )
}

function PlanActs({ subscription }: { readonly subscription: Subscription }) {
  if (!isRunning(subscription)) {
    return (
      <ButtonLink to={paths.plans} variant="primary">
        Choose a plan
      </ButtonLink>
    )
  }
  if (subscription.lifecycle === 'canceling' && subscription.change === null) {
    return <ResumeSubscription />
  }
  return (
    <Stack direction="row" gap={3} canWrap>
      <ButtonLink to={paths.plans}>
        {subscription.change === null ? 'Change plan' : 'Plans'}
      </ButtonLink>
      {mayPauseOrResume(subscription) && <PauseSubscription subscription={subscription} />}
      {subscription.lifecycle !== 'canceling' && <CancelSubscription subscription={subscription} />}
    </Stack>
  )
}
