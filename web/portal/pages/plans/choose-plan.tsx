import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button } from '../../../ui/button.tsx'
import { useDeparture } from '../../../ui/departure.ts'
import { ButtonLink, ExternalLink, Link } from '../../../ui/link.tsx'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { useSubmission } from '../../../ui/submission.ts'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import type { PlanAction } from './plan-action.ts'
import type { OfferedPlan } from './present-plan.ts'

interface ChoosePlanProps {
  readonly plan: OfferedPlan
  readonly currency: string
  readonly action: PlanAction
  readonly isPrimary: boolean
}

/** The plan's one button. What costs something leads to the payment page, what does not begins at once. */
export function ChoosePlan({ plan, currency, action, isPrimary }: ChoosePlanProps) {
  const variant = isPrimary ? 'primary' : 'secondary'
  switch (action.kind) {
    case 'current':
      return (
        <ButtonLink to={paths.billing} isFullWidth>
          Manage your plan
        </ButtonLink>
      )
    case 'contact':
      if (action.href === null) return <p>{action.label}</p>
      return <ExternalLink href={action.href}>{action.label}</ExternalLink>
    case 'sign_up':
      return (
        <ButtonLink
          to={paths.signUp}
          search={{ next: `${paths.plans}?plan=${plan.key}` }}
          variant={variant}
          isFullWidth
        >
          {action.label}
        </ButtonLink>
      )
    case 'change':
      return (
        <ButtonLink
          to={paths.changePlan}
          params={{ planKey: plan.key }}
          variant={variant}
          isFullWidth
        >
          {action.label}
        </ButtonLink>
      )
    case 'choose':
      return (
        <Stack gap={2}>
          <SubscribeButton
            planKey={plan.key}
            currency={currency}
            label={action.label}
            variant={variant}
            disabledReason={action.disabledReason}
            isFullWidth
          />
          {hasPrice(plan) && action.disabledReason === undefined && (
            <Link to={paths.buyPlan} params={{ planKey: plan.key }} search={{ currency }}>
              Use a promotion code
            </Link>
          )}
        </Stack>
      )
  }
}

/** What costs nothing has nothing to take off. */
function hasPrice({ definition }: OfferedPlan): boolean {
  return definition.phases.some(({ rateCards }) => rateCards.some(({ prices }) => prices !== null))
}

interface SubscribeButtonProps {
  readonly planKey: string
  readonly currency?: string
  readonly promotionCode?: string
  readonly label: string
  readonly variant: 'primary' | 'secondary'
  readonly disabledReason?: string | undefined
  readonly isFullWidth?: boolean
}

export function SubscribeButton(props: SubscribeButtonProps) {
  const { planKey, currency, promotionCode, label, variant } = props
  const { disabledReason, isFullWidth = false } = props
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const { submit, isPending, problem } = useSubmission()
  const { isLeaving, leaveFor } = useDeparture()

  async function subscribe(idempotencyKey: string) {
    const body = {
      planKey,
      ...(currency !== undefined && { currency }),
      ...(promotionCode !== undefined && { promotionCode }),
    }
    const path = '/api/v1/portal/subscriptions'
    const result = await client.post(path, { body, idempotencyKey })
    if (result.kind === 'checkout') {
      leaveFor(result.url)
      return
    }
    await Promise.all(
      ['overview', 'plans', 'keys'].map((key) =>
        queryClient.invalidateQueries({ queryKey: [key] }),
      ),
    )
    await navigate({ to: paths.quickstart })
  }

  return (
    <Stack gap={3}>
      <Button
        variant={variant}
        isFullWidth={isFullWidth}
        isPending={isPending || isLeaving}
        disabledReason={disabledReason}
        onClick={() => void submit(subscribe)}
      >
        {label}
      </Button>
      {problem !== undefined && <ProblemBanner problem={problem} />}
    </Stack>
  )
}
