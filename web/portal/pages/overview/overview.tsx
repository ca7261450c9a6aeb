import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Banner } from '../../../ui/banner.tsx'
import { ButtonLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { overviewQuery } from '../../queries.ts'
import { ResumeSubscription } from '../billing/resume-subscription.tsx'
import { OpenPaymentPage } from '../billing/open-payment-page.tsx'
import { PaymentProblemBanner } from '../billing/payment-problem-banner.tsx'
import { isRunning } from '../billing/present-subscription.ts'
import { CallsCard } from './calls-card.tsx'
import { Facts } from './facts.tsx'
import { NextStepsCard } from './next-steps-card.tsx'
import { nextSteps } from './next-steps.ts'
import { type ShownAlert, shownAlerts } from './present-alert.ts'
import { QuotasCard } from './quotas-card.tsx'

const route = getRouteApi('/app/')

/** Quotas move while the page is open. */
const ASK_EVERY_MS = 5_000

export function Overview() {
  const { account } = route.useRouteContext()
  const { data: overview } = useSuspenseQuery({ ...overviewQuery, refetchInterval: ASK_EVERY_MS })
  const { subscription, quotas } = overview
  const steps = nextSteps(overview)
  const isOn = subscription !== null && isRunning(subscription)
  return (
    <Stack gap={6}>
      <PageHeader
        title="Overview"
        description={account.name}
        actions={
          <ButtonLink to={paths.quickstart} icon="terminal">
            Quickstart
          </ButtonLink>
        }
      />
      {overview.paymentProblem !== null && (
        <PaymentProblemBanner problem={overview.paymentProblem} />
      )}
      {shownAlerts(overview).map((alert) => (
        <Banner
          key={alert.message}
          tone={alert.tone}
          title={alert.message}
          action={<AlertAct act={alert.act} />}
        />
      ))}
      {steps !== undefined && <NextStepsCard steps={steps} />}
      {subscription !== null && <Facts overview={overview} subscription={subscription} />}
      {isOn && quotas.length > 0 && <QuotasCard quotas={quotas} />}
      {isOn && <CallsCard />}
    </Stack>
  )
}

function AlertAct({ act }: Pick<ShownAlert, 'act'>) {
  switch (act) {
    case 'plans':
      return (
        <ButtonLink to={paths.plans} size="sm">
          See plans
        </ButtonLink>
      )
    case 'payment':
      return <OpenPaymentPage size="sm">Update payment method</OpenPaymentPage>
    case 'invoices':
      return (
        <ButtonLink to={paths.invoices} size="sm">
          See invoices
        </ButtonLink>
      )
    case 'billing':
      return (
        <ButtonLink to={paths.billing} size="sm">
          Plan & billing
        </ButtonLink>
      )
    case 'keep':
      return <ResumeSubscription size="sm" />
    case null:
      return null
  }
}
