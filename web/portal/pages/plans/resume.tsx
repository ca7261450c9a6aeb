import { useQuery } from '@tanstack/react-query'
import { Banner } from '../../../ui/banner.tsx'
import { ButtonLink } from '../../../ui/link.tsx'
import { paths } from '../../paths.ts'
import { checkoutQuery } from '../../queries.ts'
import { SubscribeButton } from './choose-plan.tsx'
import type { OfferedPlan } from './present-plan.ts'

interface ResumeProps {
  readonly plans: readonly OfferedPlan[]
  /** Chosen before signing up. */
  readonly planKey: string | undefined
  /** A payment page that was left with "Back". */
  readonly leftIntentId: string | undefined
}

/** Takes up a purchase where it was interrupted: by signing up, or on the payment page. */
export function Resume({ plans, planKey, leftIntentId }: ResumeProps) {
  const { data: checkout } = useQuery({
    ...checkoutQuery(leftIntentId ?? ''),
    enabled: leftIntentId !== undefined,
    // A purchase that cannot be found is no news to anyone.
    retry: false,
  })
  if (leftIntentId !== undefined && checkout?.state === 'completed') {
    return (
      <Banner
        tone="success"
        title="This purchase is complete"
        action={
          <ButtonLink to={paths.checkout} params={{ intentId: leftIntentId }} size="sm">
            See it
          </ButtonLink>
        }
      />
    )
  }
  const plan = plans.find(({ key }) => key === (checkout?.planKey ?? planKey))
  if (plan === undefined) return null
  const { name } = plan.definition
  return (
    <Banner
      tone="info"
      title={checkout === undefined ? `You chose ${name}` : 'You left the payment page'}
      action={
        <SubscribeButton planKey={plan.key} label={`Continue with ${name}`} variant="primary" />
      }
    >
      {checkout === undefined
        ? 'One more step and your API key is yours.'
        : 'Nothing was charged. Go on, or choose another plan below.'}
    </Banner>
  )
}
